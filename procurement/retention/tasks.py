"""What the worker runs so that records go in time; each is a recurring job's."""

from procurement.retention.operations import purge_of_job


def purge_exchanges() -> None:
    purge_of_job("Purge exchanges")


def purge_renewals() -> None:
    purge_of_job("Purge renewals")


def purge_webhooks() -> None:
    purge_of_job("Purge webhooks")


def purge_outgoing_webhooks() -> None:
    purge_of_job("Purge outgoing webhooks")


def purge_notices() -> None:
    purge_of_job("Purge notices")


def purge_runs() -> None:
    purge_of_job("Purge runs")


def purge_repeats() -> None:
    purge_of_job("Purge repeats")


def purge_sessions() -> None:
    purge_of_job("Purge sessions")


def purge_heartbeats() -> None:
    purge_of_job("Purge heartbeats")

"""What the worker runs for outgoing webhooks."""

from procurement.webhooks import working


def deliver() -> None:
    """Tell endpoints what happened; runs in the cluster of the couriers."""
    working.deliver()

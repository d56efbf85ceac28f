"""What the worker runs for logins."""

from procurement.accounts import sessions, throttling
from procurement.coordination.operations import lease


def purge_logins() -> None:
    """Delete sessions that have ended, and failed logins that count no more."""
    with lease("purge logins", seconds=3600) as held:
        if held:
            sessions.purge_sessions()
            throttling.purge_failures()

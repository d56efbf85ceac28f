"""What the worker runs for customers' logins."""

from procurement.logins import renewing


def renew(token_id: int) -> None:
    renewing.renew(token_id=token_id)


def sweep() -> None:
    renewing.sweep()

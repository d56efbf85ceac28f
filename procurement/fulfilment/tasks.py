"""What the worker runs for following orders."""

from procurement.fulfilment import polling


def poll_supplier(supplier_id: int) -> None:
    polling.poll_if_due(supplier_id=supplier_id)


def ask_for_polls() -> None:
    polling.ask_for_polls()

"""What the worker runs for erasures."""

from procurement.persons import operations


def work_off(erasure_id: int) -> None:
    operations.work_off(erasure_id=erasure_id)


def sweep() -> None:
    operations.work_off_all()

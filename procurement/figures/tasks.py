"""What the worker runs for figures."""

from procurement.figures import operations


def count_figures() -> None:
    operations.count_new()

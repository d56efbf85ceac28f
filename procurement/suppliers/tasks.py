"""What the worker runs for suppliers."""

from procurement.suppliers import hours


def count_calls() -> None:
    """Add up by the hour what was said since the last round."""
    hours.count_new()

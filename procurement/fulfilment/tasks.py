"""What the worker runs for following orders."""

from procurement.fulfilment.polling import are_polls_due
from procurement.queue import wake_carriers


def ask_for_polls() -> None:
    """Carriers look for polls by themselves; this is for their being asleep."""
    if are_polls_due():
        wake_carriers()

"""What the worker runs for what vendors sent."""

from procurement.inbound import reading
from procurement.queue import wake_carriers


def sweep() -> None:
    """Carriers look for reads by themselves; this is for their being asleep."""
    if reading.READS.is_due():
        wake_carriers()

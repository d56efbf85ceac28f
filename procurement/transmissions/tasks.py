"""What the worker runs for transmissions."""

from procurement.transmissions import carrying, sweeping


def carry() -> None:
    """Call suppliers for all that is due; runs in the cluster of the carriers."""
    carrying.carry()


def sweep() -> None:
    sweeping.sweep()

"""What the worker runs for transmissions."""

from procurement.transmissions import carrying, looking_up, sending, sweeping


def carry() -> None:
    """Call suppliers for all that is due; runs in the cluster of the carriers."""
    carrying.carry()


def transmit(transmission_id: int) -> None:
    sending.transmit(transmission_id=transmission_id)


def look_up(transmission_id: int) -> None:
    looking_up.look_up(transmission_id=transmission_id)


def sweep() -> None:
    sweeping.sweep()

"""What the worker runs for transmissions."""

from procurement.transmissions import looking_up, sending, sweeping


def transmit(transmission_id: int) -> None:
    sending.transmit(transmission_id=transmission_id)


def look_up(transmission_id: int) -> None:
    looking_up.look_up(transmission_id=transmission_id)


def sweep() -> None:
    sweeping.sweep()

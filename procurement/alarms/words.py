"""How alarms say lengths of time."""

from datetime import timedelta

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def duration(length: timedelta) -> str:
    """In the largest unit that leaves nothing over: `48 hours` is `2 days`."""
    seconds = max(0, int(length.total_seconds()))
    for name, size in _UNITS:
        if seconds >= size and seconds % size == 0:
            return _many(seconds // size, name)
    return _many(seconds, "second")


def about(length: timedelta) -> str:
    """Rounded down to one unit, for ages."""
    seconds = max(0, int(length.total_seconds()))
    for name, size in _UNITS:
        if seconds >= size:
            return _many(seconds // size, name)
    return "less than a second"


def _many(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"

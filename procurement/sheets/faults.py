"""What stands against a file as a whole, or against one cell of it."""

from dataclasses import dataclass

from procurement.errors import InvalidInput


@dataclass(frozen=True)
class Fault:
    """One cell that won't do; `column` is empty where it is the row as a whole."""

    line: int
    column: str
    text: str


def unreadable(text: str) -> InvalidInput:
    return InvalidInput({"file": text})

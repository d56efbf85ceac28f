"""What was found in a file: bad cells, what is to be considered, what would be made.

It is kept as JSON beside the file, so a page of it asks the database for nothing else.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from procurement.sheets.faults import Fault

MOST_FAULTS = 500
MOST_WARNINGS = 200
MOST_THINGS = 200
"""So many are kept and shown; the counts are of all."""


class NotTaken(Exception):
    """Entering a row was refused after all, since something happened meanwhile."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.text)
        self.fault = fault


@dataclass(frozen=True, kw_only=True)
class Sum:
    """What of the file is for one supplier, in one currency."""

    supplier: str
    currency: str
    is_test: bool
    count: int
    lines: int
    total: str = ""


@dataclass(frozen=True, kw_only=True)
class Thing:
    """One order or item that would be made."""

    line: int
    name: str
    supplier: str
    text: str
    how: str = ""
    lines: int = 0
    total: str = ""
    currency: str = ""


@dataclass
class Findings:
    row_count: int = 0
    count: int = 0
    fault_count: int = 0
    warning_count: int = 0
    notes: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    sums: list[Sum] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)

    def refuse(self, faults: Iterable[Fault]) -> None:
        found = sorted(faults, key=lambda fault: fault.line)
        self.fault_count = len(found)
        self.faults = found[:MOST_FAULTS]

    def warn(self, warnings: Iterable[Fault]) -> None:
        found = sorted(warnings, key=lambda fault: fault.line)
        self.warning_count = len(found)
        self.warnings = found[:MOST_WARNINGS]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Findings":
        rows = {
            "faults": [Fault(**each) for each in kept.get("faults", [])],
            "warnings": [Fault(**each) for each in kept.get("warnings", [])],
            "sums": [Sum(**each) for each in kept.get("sums", [])],
            "things": [Thing(**each) for each in kept.get("things", [])],
        }
        return cls(**{**kept, **rows})

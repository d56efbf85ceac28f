"""What a supplier is set up with, and how sure the names of its vendor are."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


@dataclass(frozen=True)
class NotOffered:
    """Stands where a capability would, and says why it is not there."""

    reason: str


class FieldKind(StrEnum):
    TEXT = "text"
    SECRET = "secret"  # noqa: S105 - the name of a kind, not a secret
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    CHOICE = "choice"


@dataclass(frozen=True, kw_only=True)
class SettingField:
    """One credential or option of a supplier, as forms and REST describe it."""

    name: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    default: str | int | bool | Decimal | None = None
    is_required: bool = False
    choices: tuple[str, ...] = ()
    help: str = ""


class Grade(StrEnum):
    """How sure a name is: written by the vendor, or our best reading."""

    DOCUMENTED = "documented"
    INFERRED = "inferred"


@dataclass(frozen=True)
class Name:
    """A path, field name or status word of a vendor's, and how sure it is."""

    value: str
    grade: Grade
    note: str = ""


def documented(value: str, note: str = "") -> Name:
    return Name(value, Grade.DOCUMENTED, note)


def inferred(value: str, note: str = "") -> Name:
    return Name(value, Grade.INFERRED, note)

"""Rows as text for CSV. Numbers stay exact numbers."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone

from procurement.csvtext import Digits, csv_line
from procurement.documents.exports.columns import Column, Row, Value
from procurement.money import plain


def as_csv(columns: Sequence[Column], rows: Iterable[Row]) -> str:
    return "".join(
        csv_line([_text(column.of(row)) for column in columns]) for row in rows
    )


def csv_titles(columns: Sequence[Column]) -> str:
    return csv_line([str(column.label) for column in columns])


def _text(value: Value) -> str | int:
    match value:
        case None:
            return ""
        case bool():
            return int(value)
        case Decimal():
            return Digits(plain(value))
        case datetime():
            return moment_text(value)
        case date():
            return value.isoformat()
    return value


def moment_text(moment: datetime) -> str:
    """ISO 8601 to the second, with its zone."""
    return timezone.localtime(moment).isoformat(timespec="seconds")

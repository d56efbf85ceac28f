"""Exact amounts and quantities: `Decimal` or nothing.

No column holds more than 15 significant digits. SQLite keeps decimals as binary
numbers, and 15 digits are what survives that unchanged, so an amount is the same
on both databases.
"""

from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from babel.numbers import get_currency_precision, list_currencies
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext

MAX_DIGITS = 15


# The classes take type arguments in the stubs alone.
if TYPE_CHECKING:
    DecimalField = models.DecimalField[Any, Any]
else:
    DecimalField = models.DecimalField


class ExactDecimalField(DecimalField):
    """A decimal column that refuses a float instead of rounding it in silence."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", MAX_DIGITS)
        super().__init__(*args, **kwargs)

    def to_python(self, value: Any) -> Decimal | None:
        if isinstance(value, float):
            raise ValidationError(
                gettext("Give the number as text or Decimal: a float is not exact."),
                code="float",
            )
        number: Decimal | None = super().to_python(value)
        return number

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if isinstance(value, float):
            raise TypeError(f"{self.name}: a float is not exact; use Decimal.")
        return super().get_db_prep_save(value, connection)


@cache
def currency_digits(currency: str) -> int:
    """Decimals an amount of this currency has: 2 for SEK, 0 for JPY, 3 for KWD."""
    return get_currency_precision(currency)


def is_currency(code: str) -> bool:
    return code in _currencies()


@cache
def _currencies() -> frozenset[str]:
    return frozenset(list_currencies())


def round_amount(amount: Decimal, currency: str) -> Decimal:
    """Round to what can be paid in this currency, halves away from zero."""
    step = Decimal(1).scaleb(-currency_digits(currency))
    return amount.quantize(step, rounding=ROUND_HALF_UP)


def plain(number: Decimal) -> str:
    """The number without trailing zeros or an exponent: `6`, `0.5`."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def price_text(price: Decimal, currency: str) -> str:
    """A price with the currency's decimals, and more only if it has more."""
    digits = currency_digits(currency)
    whole, _, fraction = plain(price).partition(".")
    fraction = fraction.ljust(digits, "0")
    return f"{whole}.{fraction}" if fraction else whole

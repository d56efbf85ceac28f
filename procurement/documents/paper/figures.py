"""Numbers and days as a language writes them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from procurement.money import currency_digits
from procurement.suppliers.models import Language

PRICE_DIGITS = 4
_LOCALES = {Language.ENGLISH: "en_GB"}
"""Where the language alone would mean another country's habits."""


@dataclass(frozen=True)
class Figures:
    """How one language writes figures. Exact: nothing is rounded here."""

    locale: Locale

    @classmethod
    @lru_cache(maxsize=16)
    def of(cls, language: str) -> "Figures":
        return cls(Locale.parse(_LOCALES.get(Language(language), language)))

    def price(self, price: Decimal, currency: str) -> str:
        """With the currency's decimals, and more only if it has more."""
        digits = currency_digits(currency)
        return self._written(price, "0" * digits + "#" * (PRICE_DIGITS - digits))

    def quantity(self, quantity: Decimal) -> str:
        return self._written(quantity, "###")

    def percent(self, percent: Decimal) -> str:
        return self._written(percent, "##")

    def day(self, day: date) -> str:
        return format_date(day, "long", locale=self.locale)

    def _written(self, number: Decimal, decimals: str) -> str:
        # Else Babel would round to the decimals of its pattern in silence.
        text = format_decimal(
            number,
            f"#,##0.{decimals}",
            locale=self.locale,
            decimal_quantization=False,
        )
        return text.replace("\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}")

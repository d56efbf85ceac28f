"""What the shop sells in the sandbox.

Documented is that products are found by code or by brand and code, and show price and
availability. Every member is the project's own assumption; availability comes in
several forms because nobody knows which one a shop uses.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

CURRENCY = "CZK"
VAT_PERCENT = Decimal(21)
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Product:
    """One product.

    Attributes:
        price: per unit, without VAT; None = on request, can't be ordered.
        availability: as the shop shows it.
        stock: what can be had now; None = as much as is wanted.
        order_price: what an order is charged, where that differs from `price`.
        price_as_text: the shop writes this amount as a text.
    """

    code: str
    brand: str
    name: str
    price: Decimal | None
    availability: Any
    stock: int | None
    unit: str = "pcs"
    minimum_quantity: int = 1
    order_price: Decimal | None = None
    price_as_text: bool = False

    @property
    def charged(self) -> Decimal | None:
        return self.price if self.order_price is None else self.order_price

    def as_document(self) -> dict[str, Any]:
        return {
            "_type": "Product",
            "code": self.code,
            "brand": self.brand,
            "name": self.name,
            "availability": self.availability,
            "price": self._price_document(),
            "unit": self.unit,
            "minimumQuantity": self.minimum_quantity,
        }

    def _price_document(self) -> dict[str, Any] | None:
        if self.price is None:
            return None
        return {
            "_type": "Price",
            "withoutVat": str(self.price) if self.price_as_text else self.price,
            "withVat": with_vat(self.price),
            "vatRate": VAT_PERCENT,
            "currency": CURRENCY,
        }


def with_vat(amount: Decimal) -> Decimal:
    gross = amount * (100 + VAT_PERCENT) / 100
    return gross.quantize(CENT, rounding=ROUND_HALF_UP)


def _counted(quantity: int, days: int) -> dict[str, Any]:
    return {
        "_type": "Availability",
        "inStock": quantity > 0,
        "quantity": quantity,
        "deliveryDays": days,
    }


PRODUCTS = (
    Product(
        code="TX-4410",
        brand="Norvik",
        name="Filter mat 40 cm",
        price=Decimal("129.00"),
        availability=_counted(14, days=2),
        stock=14,
    ),
    # The same code, used by two brands.
    Product(
        code="100-20",
        brand="Norvik",
        name="Hose clamp 20 mm",
        price=Decimal("8.50"),
        availability=_counted(900, days=1),
        stock=900,
    ),
    Product(
        code="100-20",
        brand="Brava",
        name="Pump seal 20 mm",
        price=Decimal("46.90"),
        availability=_counted(75, days=1),
        stock=75,
    ),
    Product(
        code="BR-7",
        brand="Brava",
        name="Bearing 7 mm",
        price=Decimal("31.4550"),
        availability=160,
        stock=160,
    ),
    Product(
        code="BR-9",
        brand="Brava",
        name="Bearing 9 mm",
        price=Decimal("38.20"),
        availability=True,
        stock=None,
    ),
    Product(
        code="OIL-5L",
        brand="Motiva",
        name="Hydraulic oil 5 l",
        price=Decimal("612.00"),
        availability="within 3 days",
        stock=None,
        unit="can",
        price_as_text=True,
    ),
    Product(
        code="OIL-20L",
        brand="Motiva",
        name="Hydraulic oil 20 l",
        price=Decimal("2190.00"),
        availability={"_type": "Availability", "text": "skladem"},
        stock=None,
        unit="can",
    ),
    # Out of stock.
    Product(
        code="VLV-2",
        brand="Norvik",
        name="Ball valve 2 in",
        price=Decimal("745.00"),
        availability=_counted(0, days=21),
        stock=0,
    ),
    # The price of the list is not the price of the order.
    Product(
        code="GSK-44",
        brand="Brava",
        name="Gasket set 44",
        price=Decimal("210.00"),
        availability=_counted(40, days=2),
        stock=40,
        order_price=Decimal("219.00"),
    ),
    # A code with characters that mean something in an address.
    Product(
        code="Ř 1/2&3",
        brand="Motiva",
        name="Redukce 1/2 in",
        price=Decimal("19.90"),
        availability=_counted(300, days=1),
        stock=300,
        minimum_quantity=10,
    ),
    # On request: known, without a price.
    Product(
        code="CMP-X",
        brand="Motiva",
        name="Compressor, made to order",
        price=None,
        availability=False,
        stock=None,
    ),
)


def find_products(code: str, brand: str | None) -> list[Product]:
    return [
        product
        for product in PRODUCTS
        if product.code == code and brand in (None, product.brand)
    ]

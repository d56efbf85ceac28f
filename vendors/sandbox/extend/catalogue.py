"""The installation the sandbox plays: a seller of workshop goods and its articles."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

# User name -> password. The vendor may give other credentials for other methods; this
# installation has one pair for all.
ACCOUNTS = {"sandbox-extend": "sandbox-extend-password"}
CLIENT = "NORD"
CURRENCY = "SEK"
VAT_PERCENT = Decimal(25)
FREIGHT_PRICE = Decimal("95.00")
FREIGHT_ARTICLE = "FRAKT"
WAREHOUSES = {"WH-SYD": "Lager Syd", "WH-NORD": "Lager Nord"}
MAIN_WAREHOUSE = "WH-SYD"
# Since when the catalogue is as it is, but for the articles that say otherwise.
CHANGED_AT = datetime(2025, 1, 7, 6, 30, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Unit:
    id: int
    name: str
    description: str


UNITS = (
    Unit(1, "ST", "Styck"),
    Unit(2, "FRP", "Förpackning"),
    Unit(3, "M", "Meter"),
    Unit(4, "L", "Liter"),
)


@dataclass(frozen=True, slots=True)
class Article:
    """One article.

    Attributes:
        prices: from how many sales units on -> price of one, without VAT, ascending.
        stock: warehouse -> sales units on the shelf.
        pack: sales units in one `FRP`; 0 = not sold by the pack.
        incoming: sales units on order from the maker, for the main warehouse.
        components: of a bill of materials: product number -> quantity in one.
        changed_at: when its data changed last; its stock has a date of its own.
    """

    number: str
    name: str
    prices: Mapping[int, Decimal]
    list_price: Decimal
    stock: Mapping[str, int]
    unit: str = "ST"
    pack: int = 0
    incoming: int = 0
    lead_time_hours: int = 24
    manufacturer: str = "Nordtool"
    gtin: str = ""
    components: Mapping[str, Decimal] = field(default_factory=dict)
    changed_at: datetime = CHANGED_AT

    @property
    def supply_mode(self) -> str:
        return "BillOfMaterials" if self.components else "Warehouse"

    def sales_units(self, unit: str) -> Decimal | None:
        """Return how many sales units one of this unit is; None = not sold in it."""
        if unit == self.unit:
            return Decimal(1)
        return Decimal(self.pack) if unit == "FRP" and self.pack else None

    def price(self, quantity: Decimal, unit: str) -> Decimal:
        """Return the customer's price for one of this unit at this quantity."""
        factor = self.sales_units(unit) or Decimal(1)
        price = next(iter(self.prices.values()))
        for from_quantity, lower_price in self.prices.items():
            if quantity * factor >= from_quantity:
                price = lower_price
        return price * factor


ARTICLES = {
    article.number: article
    for article in (
        Article(
            number="SKU-4410",
            name="Oljefilter 76 mm",
            prices={1: Decimal("41.50")},
            list_price=Decimal("58.00"),
            stock={"WH-SYD": 240, "WH-NORD": 60},
            pack=12,
            gtin="7330000044105",
        ),
        Article(
            number="SKU-4411",
            name="Luftfilter panel",
            prices={1: Decimal("88.20")},
            list_price=Decimal("119.00"),
            stock={"WH-SYD": 75, "WH-NORD": 20},
        ),
        Article(
            number="SKU-4425",
            name="Kupéfilter aktivt kol",
            prices={1: Decimal("112.00")},
            list_price=Decimal("149.00"),
            stock={"WH-SYD": 33},
        ),
        Article(
            number="SKU-5102",
            name="Skyddshandske nitril, storlek 9",
            prices={1: Decimal("14.90"), 50: Decimal("12.75"), 200: Decimal("10.40")},
            list_price=Decimal("22.50"),
            stock={"WH-SYD": 1800, "WH-NORD": 400},
            pack=10,
            manufacturer="Handax",
        ),
        Article(
            number="SKU-5110",
            name="Skyddsglasögon klara",
            prices={1: Decimal("36.00")},
            list_price=Decimal("49.00"),
            stock={"WH-SYD": 210, "WH-NORD": 45},
            manufacturer="Handax",
        ),
        Article(
            number="SKU-6001",
            name="Hydraulslang 3/8 tum",
            prices={1: Decimal("62.35")},
            list_price=Decimal("84.00"),
            stock={"WH-SYD": 520},
            unit="M",
        ),
        Article(
            number="SKU-6020",
            name="Slangklämma 16-27 mm",
            prices={1: Decimal("0.30")},
            list_price=Decimal("0.55"),
            stock={"WH-SYD": 9000},
            pack=100,
        ),
        Article(
            number="SKU-7040",
            name="Motorolja 5W-30",
            prices={1: Decimal("79.00")},
            list_price=Decimal("105.00"),
            stock={"WH-SYD": 640, "WH-NORD": 300},
            unit="L",
            manufacturer="Smörjtek",
        ),
        Article(
            number="SKU-7055",
            name="Kylarvätska koncentrat",
            prices={1: Decimal("54.60")},
            list_price=Decimal("71.00"),
            stock={"WH-SYD": 150},
            unit="L",
            manufacturer="Smörjtek",
        ),
        Article(
            number="SKU-8003",
            name="Domkraft 2 ton",
            prices={1: Decimal("1290.00")},
            list_price=Decimal("1690.00"),
            stock={"WH-SYD": 7, "WH-NORD": 2},
            changed_at=datetime(2025, 6, 16, 11, 5, tzinfo=UTC),
        ),
        # Out of stock: an order for it is taken all the same.
        Article(
            number="SKU-8010",
            name="Momentnyckel 40-200 Nm",
            prices={1: Decimal("845.00")},
            list_price=Decimal("1095.00"),
            stock={"WH-SYD": 0},
            incoming=25,
            lead_time_hours=336,
        ),
        Article(
            number="KIT-SERVICE",
            name="Servicesats olja och filter",
            prices={1: Decimal("395.00")},
            list_price=Decimal("520.00"),
            stock={"WH-SYD": 0},
            components={"SKU-4410": Decimal(1), "SKU-7040": Decimal(5)},
        ),
    )
}

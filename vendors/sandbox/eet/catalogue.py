"""What EET sells in the sandbox, and to whom."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

# User name -> password.
ACCOUNTS = {"sandbox-eet": "sandbox-eet-password"}
CURRENCY = "DKK"
VAT_RATE = Decimal("0.25")
BRANDS = {17: "Lanconn", 42: "Traxion", 58: "Nordram", 63: "Auralis", 71: "Rackmont"}


@dataclass(frozen=True, slots=True)
class Article:
    """One article.

    Attributes:
        price: per piece, without VAT, in kroner; None = on request, can't be ordered.
        local: pieces in the national warehouse.
        remote: pieces elsewhere in the group.
        incoming: pieces not there yet.
        weight: of one piece with its packing, in kg.
    """

    item_id: str
    brand_id: int
    mpn: str
    description: str
    price: Decimal | None
    local: int = 0
    remote: int = 0
    incoming: int = 0
    description_2: str = ""
    gtin: str = ""
    weight: Decimal = Decimal("0.25")

    @property
    def brand(self) -> str:
        return BRANDS[self.brand_id]

    def as_document(self) -> dict[str, Any]:
        """Return the article as `/product` and `/brand` show it."""
        stock = {"Local": self.local, "Remote": self.remote, "Incoming": self.incoming}
        return {
            "ItemId": self.item_id,
            "Mpn": self.mpn,
            "Description": self.description,
            "Description2": self.description_2,
            "Price": None
            if self.price is None
            else {
                "Price": _hundredths(self.price),
                "VatAmount": _hundredths(self.price * VAT_RATE),
            },
            "Stock": [
                {"StockTypeName": kind, "Quantity": quantity}
                for kind, quantity in stock.items()
            ],
        }


def _hundredths(amount: Decimal) -> int:
    """Return an amount the way the API writes money (inferred): whole hundredths."""
    return int((amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


ARTICLES = {
    article.item_id: article
    for article in (
        Article(
            item_id="KAB20417",
            brand_id=17,
            mpn="LC-C6-2M-GY",
            description="Patch cable Cat6 U/UTP 2 m grey",
            price=Decimal("129.50"),
            gtin="5711783204176",
            local=48,
            remote=310,
            incoming=500,
        ),
        Article(
            item_id="KAB20420",
            brand_id=17,
            mpn="LC-C6-5M-GY",
            description="Patch cable Cat6 U/UTP 5 m grey",
            price=Decimal("18.95"),
            local=120,
            remote=85,
        ),
        Article(
            item_id="W900000017",
            brand_id=42,
            mpn="TR-USBC-90",
            description="Power adapter USB-C 90 W",
            price=Decimal("312.00"),
            local=14,
            remote=60,
        ),
        Article(
            item_id="1204577",
            brand_id=42,
            mpn="TR-DOCK-11",
            description="Docking station USB-C, 11 ports",
            price=Decimal("1149.00"),
            local=6,
            remote=22,
            incoming=40,
        ),
        Article(
            item_id="MSPP73112",
            brand_id=42,
            mpn="TR-BAT-X1",
            description="Notebook battery 57 Wh",
            price=Decimal("488.75"),
            remote=9,
        ),
        Article(
            item_id="ADP-HDMI-DP",
            brand_id=17,
            mpn="LC-DP-HDMI4K",
            description="Adapter DisplayPort to HDMI 4K",
            price=Decimal("64.20"),
            local=75,
            remote=140,
        ),
        Article(
            item_id="SSD-1TB-M2",
            brand_id=58,
            mpn="ND-1000-G4",
            description="SSD M.2 NVMe 1 TB",
            price=Decimal("579.00"),
            local=31,
            remote=12,
        ),
        Article(
            item_id="RAM-16-D5",
            brand_id=58,
            mpn="ND-16G-5600",
            description="Memory 16 GB DDR5 SO-DIMM",
            price=Decimal("402.10"),
            local=18,
            remote=44,
        ),
        Article(
            item_id="HDS-440",
            brand_id=63,
            mpn="AU-440-USB",
            description="Headset stereo USB with microphone",
            price=Decimal("245.00"),
            local=3,
        ),
        # Out of stock: on its way, but nothing to sell today.
        Article(
            item_id="WEBCAM-4K",
            brand_id=63,
            mpn="AU-CAM-4K",
            description="Webcam 4K with privacy shutter",
            price=Decimal("699.00"),
            incoming=40,
        ),
        Article(
            item_id="KVM-2P",
            brand_id=17,
            mpn="LC-KVM-2",
            description="KVM switch 2 ports HDMI",
            price=Decimal("0.30"),
            local=500,
        ),
        # On request: known, without a price.
        Article(
            item_id="RACK-42U",
            brand_id=71,
            mpn="RX-42U-800",
            description="Server rack 42U 800 x 1000 mm",
            price=None,
        ),
    )
}

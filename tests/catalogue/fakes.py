"""A vendor with a range: offers, changed products and stock, all from memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, BinaryIO

from tests.fakes import FakeClient, FakeVendor
from vendors.contracts import (
    Account,
    ChangedProduct,
    ChangedProductPage,
    ItemKey,
    Offer,
    PriceFileFault,
    PriceFileRow,
    Product,
    StockChange,
    StockChangePage,
    Vendor,
)
from vendors.errors import Kind, Refused

NOON = datetime(2031, 4, 2, 12, tzinfo=UTC)


def offer(item_number: str = "SKU-4410", price: str | None = "41.50", **more: Any):
    return Offer(
        item_number=item_number,
        **{
            "unit_price": None if price is None else Decimal(price),
            "currency": "SEK",
            "quantity_available": Decimal(12),
            "as_of": datetime.now(UTC),
            **more,
        },
    )


@dataclass
class FakeRange(FakeVendor):
    """Scripted; what is not in `offers` the vendor does not know."""

    offers: dict[str, Offer | Exception] = field(default_factory=dict)
    asked: list[ItemKey] = field(default_factory=list)
    product_pages: list[list[ChangedProduct] | Exception] = field(default_factory=list)
    products: dict[str, Product | Exception] = field(default_factory=dict)
    products_read: list[str] = field(default_factory=list)
    stock_pages: list[list[StockChange] | Exception] = field(default_factory=list)
    since: list[tuple[str, datetime, int]] = field(default_factory=list)

    def fetch(self, client: FakeClient, items: Sequence[ItemKey]) -> tuple[Offer, ...]:
        client.said("fetch_offers")
        self.asked += items
        return tuple(self._offer(item) for item in items)

    def _offer(self, item: ItemKey) -> Offer:
        found = self.offers.get(item.item_number)
        if isinstance(found, Exception):
            raise found
        if found is None:
            return Offer(
                item_number=item.item_number, is_known=False, as_of=datetime.now(UTC)
            )
        return replace(found, as_of=datetime.now(UTC))

    def list_products(
        self, client: FakeClient, since: datetime, page: int
    ) -> ChangedProductPage:
        client.said("list_changed_products")
        self.since.append(("products", since, page))
        found, next_page = self._page(self.product_pages, page)
        return ChangedProductPage(products=tuple(found), next_page=next_page)

    def read_product(self, client: FakeClient, number: str) -> Product:
        client.said("read_product")
        self.products_read.append(number)
        found = self.products.get(number)
        if found is None:
            raise Refused("There is no such product.", kind=Kind.NOT_FOUND)
        if isinstance(found, Exception):
            raise found
        return found

    def list_stock(
        self, client: FakeClient, since: datetime, page: int
    ) -> StockChangePage:
        client.said("list_changed_stock")
        self.since.append(("stock", since, page))
        found, next_page = self._page(self.stock_pages, page)
        return StockChangePage(stocks=tuple(found), next_page=next_page)

    @staticmethod
    def _page(pages: list[Any], page: int) -> tuple[list[Any], int | None]:
        found = pages[page] if page < len(pages) else []
        if isinstance(found, Exception):
            raise found
        return found, page + 1 if page + 1 < len(pages) else None

    def vendor(self) -> Vendor:
        return replace(
            super().vendor(),
            fetch_offers=self.fetch,
            list_changed_products=self.list_products,
            read_product=self.read_product,
            list_changed_stock=self.list_stock,
            read_price_file=read_lines,
        )


def read_lines(
    account: Account, file: BinaryIO
) -> Iterator[PriceFileRow | PriceFileFault]:
    """A file of `number;price;stock` lines; `no prices` is none at all."""
    if file.readline() != b"prices\n":
        raise Refused("This is no price file.")
    return _rows(file)


def _rows(file: BinaryIO) -> Iterator[PriceFileRow | PriceFileFault]:
    for line, content in enumerate(file, start=2):
        number, _, rest = content.decode().strip().partition(";")
        price, _, stock = rest.partition(";")
        if price == "?":
            yield PriceFileFault(line=line, text=f"{price!r} is no price.")
            continue
        told = offer(number, price, quantity_available=Decimal(stock or 5))
        product = Product(item_number=number, description=f"Thing {number}")
        yield PriceFileRow(line=line, product=product, offer=told)


def price_lines(prices: dict[str, str]) -> bytes:
    lines = [f"{number};{price}\n" for number, price in prices.items()]
    return "".join(["prices\n", *lines]).encode()

"""Extend's products: which ones changed, and each as it is described.

Source: the vendor's webshop guide and schema, `Products`: a list by last change, then
get-one for each number. What the seller pays (`cost`) is none of our business and is
never read; nor are the order quantities of `productWarehouses`, by which the seller
buys and not we.
"""

from datetime import datetime
from typing import Any

from vendors import reading
from vendors.contracts import ChangedProduct, ChangedProductPage, Product
from vendors.extend.auth import path, zone
from vendors.extend.paging import read_changes
from vendors.http import VendorClient


def list_changed_products(
    client: VendorClient, since: datetime, page: int
) -> ChangedProductPage:
    """Return one page of the products changed since a moment, and some before it.

    Extend lists a product once for each warehouse; here it stands once on a page, and
    may come again on the next. Where the list says no date, `changed_at` is `since`:
    the moment of the change is then only in the product itself.

    Args:
        since: the last change seen, by Extend's clock.
        page: from 0.

    Raises:
        Refused: Extend said no to the request.
        NotSent: the page could not be read.
    """
    names = client.mapping
    found = read_changes(
        client, "products", since, page, purpose="list_changed_products"
    )
    dates = zone(client)
    changed: dict[str, datetime] = {}
    for row in found.objects():
        number = reading.text(reading.member(row, names["products.item_number"]))
        moment = reading.moment(reading.member(row, names["products.changed"]), dates)
        if number:
            changed[number] = max(changed.get(number, since), moment or since)
    return ChangedProductPage(
        products=tuple(
            ChangedProduct(item_number=number, changed_at=changed_at)
            for number, changed_at in changed.items()
        ),
        next_page=found.next_page,
    )


def read_product(client: VendorClient, number: str) -> Product:
    """Return one product by its number.

    Raises:
        Refused: NOT_FOUND if there is no such product.
        NotSent: it could not be read, or another one came.
    """
    answer = client.ask(
        "GET", path(client, "path.product", number=number), purpose="read_product"
    )
    product = to_product(answer, client)
    if product is None or product.item_number.casefold() != number.casefold():
        raise client.unreadable(f"the answer does not hold the product {number}.")
    return product


def to_product(data: Any, client: VendorClient) -> Product | None:
    """Translate one product of get-one; None if it is none."""
    names = client.mapping
    if isinstance(data, list) and len(data) == 1:
        data = data[0]
    number = reading.text(reading.member(data, names["product.item_number"]))
    inside = reading.member(data, names["product.data"])
    if not number or not isinstance(inside, dict):
        return None

    def text(name: str) -> str:
        return reading.text(reading.member(inside, names[f"product.{name}"]))

    is_enabled = reading.member(inside, names["product.enabled"])
    is_annulled = reading.member(inside, names["product.annulled"])
    moments = reading.member(inside, names["product.dates"])
    return Product(
        item_number=number,
        description=text("name") or text("description"),
        mpn=text("mpn"),
        gtin=text("gtin"),
        unit=text("unit"),
        is_sold=is_enabled is not False and is_annulled is not True,
        changed_at=reading.moment(
            reading.member(moments, names["product.changed"]), zone(client)
        ),
    )

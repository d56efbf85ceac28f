"""The catalogue with the real vendor modules, against the sandbox over HTTP."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from procurement.catalogue.checks import check_lines, take_prices
from procurement.catalogue.following import follow_supplier
from procurement.catalogue.models import CatalogueState, ItemOffer
from procurement.suppliers.models import Exchange, Supplier, SupplierItem
from procurement.suppliers.operations import fetch_offers
from tests.factories import line, make_order, make_supplier
from vendors.contracts import ItemKey
from vendors.sandbox import Sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def account(running: Sandbox, vendor: str, **changes: object) -> Supplier:
    running.reset()
    return make_supplier(
        vendor,
        base_url=running.base_url(vendor),
        credentials={
            "username": f"sandbox-{vendor}",
            "password": f"sandbox-{vendor}-password",
        },
        **changes,
    )


def test_range_and_stock_of_extend_are_followed(
    running: Sandbox, settings: object
) -> None:
    settings.CATALOGUE_FOLLOW_ALL = ["extend-nord"]  # type: ignore[attr-defined]
    supplier = account(running, "extend")

    first = follow_supplier(supplier_id=supplier.pk)
    reads = Exchange.objects.filter(purpose="read_product").count()
    second = follow_supplier(supplier_id=supplier.pk)

    state = CatalogueState.objects.get()
    assert state.last_error == ""
    assert state.products_cursor is not None
    assert first.products == reads > 0
    assert second.products == 0, "nothing changed since"
    item = SupplierItem.objects.get(item_number="SKU-4410")
    assert item.description
    kept = ItemOffer.objects.get(item=item)
    assert kept.source == "changed_stock"
    assert kept.price is None


def test_lines_of_an_order_are_checked_at_extend(running: Sandbox) -> None:
    supplier = account(running, "extend")
    item = ItemKey("SKU-4410")
    (told,) = fetch_offers(supplier_id=supplier.pk, items=[item])
    assert told.unit_price is not None
    dearer = told.unit_price + 1
    order = make_order(
        supplier, lines=[line(unit_price=dearer, quantity=Decimal(1)), line("NOPE")]
    )

    check = check_lines(order_id=order.pk, actor=order.buyer)
    take_prices(order_id=order.pk, actor=order.buyer)

    known, unknown = check.lines
    assert known["difference"] == "-1.00"
    assert [each["code"] for each in unknown["remarks"]] == ["unknown_item"]
    assert [each.unit_price for each in order.lines.all()] == [
        told.unit_price,
        Decimal("41.50"),
    ]


def test_live_price_of_eet_agrees_with_its_price_file(running: Sandbox) -> None:
    """The API sends hundredths and the file decimals: both are 129.50."""
    supplier = account(running, "eet", currency="DKK", options={"currency": "DKK"})

    fetch_offers(supplier_id=supplier.pk, items=[ItemKey("KAB20417")])

    assert ItemOffer.objects.get().price == Decimal("129.50")

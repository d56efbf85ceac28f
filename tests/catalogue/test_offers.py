"""Offers over time: what is written, what only moves, what never counts."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from procurement.catalogue.models import ItemOffer, Source
from procurement.catalogue.operations import ask_now, release_offer
from procurement.catalogue.recording import How, record_offers
from procurement.catalogue.told import Told
from procurement.errors import InvalidInput, OperationNotAllowed, SupplierUnavailable
from procurement.suppliers.models import Exchange, Supplier, SupplierItem
from procurement.suppliers.operations import fetch_offers
from tests.catalogue.fakes import FakeRange, offer
from tests.factories import make_user
from vendors.contracts import ItemKey, Offer
from vendors.errors import Kind, NotSent

pytestmark = pytest.mark.django_db


def ask(supplier: Supplier, *numbers: str) -> tuple[Offer, ...]:
    keys = [ItemKey(number) for number in numbers or ("SKU-4410",)]
    return fetch_offers(supplier_id=supplier.pk, items=keys)


def present() -> ItemOffer:
    return ItemOffer.objects.get(is_current=True, is_quarantined=False)


def tell(supplier: Supplier, *offers: Offer, **more: Any) -> list[How]:
    told = [Told.of(each) for each in offers]
    source = more.pop("source", Source.LIVE)
    return [
        each.how
        for each in record_offers(supplier=supplier, told=told, source=source, **more)
    ]


def test_answer_creates_the_item_and_its_offer(
    shelves: FakeRange, supplier: Supplier
) -> None:
    shelves.offers["SKU-4410"] = offer(
        description="Filter",
        mpn="F-1",
        gtin="7312345678901",
        unit="ST",
        price_breaks=((Decimal(1), Decimal("41.50")), (Decimal(10), Decimal("39.9"))),
        stock_by_kind={"WH-SYD": Decimal("12.000")},
        lead_time_days=2,
        next_receiving_on=date(2031, 4, 9),
    )

    ask(supplier)

    item = SupplierItem.objects.get()
    assert (item.item_number, item.description, item.mpn) == (
        "SKU-4410",
        "Filter",
        "F-1",
    )
    assert (item.gtin, item.unit) == ("7312345678901", "ST")
    kept = item.offers.get()
    assert (kept.price, kept.currency) == (Decimal("41.50"), "SEK")
    assert kept.price_breaks == [["1", "41.5"], ["10", "39.9"]]
    assert kept.stock_by_kind == {"WH-SYD": "12"}
    assert (kept.lead_time_days, kept.next_receiving_on) == (2, date(2031, 4, 9))
    assert kept.source == "live"
    assert Exchange.objects.get(purpose="fetch_offers").conversation == (
        kept.conversation
    )


def test_same_answer_moves_only_the_moment(
    shelves: FakeRange, supplier: Supplier
) -> None:
    shelves.offers["SKU-4410"] = offer()
    ask(supplier)
    first = present()

    ask(supplier)

    again = present()
    assert again.pk == first.pk
    assert again.as_of == first.as_of
    assert again.last_seen_at > first.last_seen_at
    assert again.priced_at == again.last_seen_at


def test_every_difference_is_a_row_of_history(
    shelves: FakeRange, supplier: Supplier
) -> None:
    shelves.offers["SKU-4410"] = offer(price="41.50")
    ask(supplier)
    shelves.offers["SKU-4410"] = offer(price="43.00")
    ask(supplier)
    shelves.offers["SKU-4410"] = offer(price="43.00", quantity_available=Decimal(3))
    ask(supplier)

    history = ItemOffer.objects.order_by("pk")
    assert [(each.price, each.quantity_available) for each in history] == [
        (Decimal("41.50"), 12),
        (Decimal(43), 12),
        (Decimal(43), 3),
    ]
    assert [each.is_current for each in history] == [False, False, True]


@pytest.mark.parametrize("wrong", ["4150", "0.415"])
def test_price_that_jumps_a_hundredfold_never_becomes_the_price(
    shelves: FakeRange, supplier: Supplier, wrong: str
) -> None:
    shelves.offers["SKU-4410"] = offer(price="41.50")
    ask(supplier)
    shelves.offers["SKU-4410"] = offer(price=wrong)

    (answer,) = ask(supplier)
    ask(supplier)

    assert present().price == Decimal("41.50")
    held = ItemOffer.objects.get(is_quarantined=True)
    assert (held.price, held.is_current) == (Decimal(wrong), True)
    assert "factor of 100" in held.warning
    assert "factor of 100" in answer.warning


def test_right_price_afterwards_ends_what_was_held_back(
    shelves: FakeRange, supplier: Supplier
) -> None:
    for price in ("41.50", "4150", "42.00"):
        shelves.offers["SKU-4410"] = offer(price=price)
        ask(supplier)

    assert present().price == Decimal(42)
    assert not ItemOffer.objects.filter(is_quarantined=True, is_current=True).exists()
    assert ItemOffer.objects.filter(is_quarantined=True).count() == 1


def test_jump_shows_although_no_price_was_told_in_between(
    shelves: FakeRange, supplier: Supplier
) -> None:
    for price in ("41.50", None, "4150"):
        shelves.offers["SKU-4410"] = offer(price=price)
        ask(supplier)

    assert present().price is None
    assert ItemOffer.objects.get(is_quarantined=True).price == Decimal(4150)


def test_price_in_another_currency_is_no_jump(
    shelves: FakeRange, supplier: Supplier
) -> None:
    shelves.offers["SKU-4410"] = offer(price="2", currency="EUR")
    ask(supplier)
    shelves.offers["SKU-4410"] = offer(price="320", currency="JPY")
    ask(supplier)

    assert (present().price, present().currency) == (Decimal(320), "JPY")


def test_person_may_let_a_held_price_count(
    shelves: FakeRange, supplier: Supplier
) -> None:
    for price in ("41.50", "4150"):
        shelves.offers["SKU-4410"] = offer(price=price)
        ask(supplier)
    held = ItemOffer.objects.get(is_quarantined=True)
    operator = make_user("operator")

    with pytest.raises(InvalidInput):
        release_offer(offer_id=held.pk, actor=operator, evidence=" ")
    release_offer(offer_id=held.pk, actor=operator, evidence="Now sold by the pallet.")

    assert present().price == Decimal(4150)
    event = supplier.events.get(kind="price_released")
    assert event.actor == operator
    assert event.text == "SKU-4410 at 4150.00 SEK: Now sold by the pallet."
    with pytest.raises(OperationNotAllowed):
        release_offer(offer_id=held.pk, actor=operator, evidence="Again.")


def test_unknown_item_is_noted_only_where_we_have_it(
    shelves: FakeRange, supplier: Supplier
) -> None:
    ask(supplier)
    assert not SupplierItem.objects.exists()
    shelves.offers["SKU-4410"] = offer()
    ask(supplier)
    del shelves.offers["SKU-4410"]

    ask(supplier)

    assert present().is_known is False
    assert present().price is None


def test_answer_that_tells_nothing_is_passed_over(
    shelves: FakeRange, supplier: Supplier
) -> None:
    shelves.offers["SKU-4410"] = offer()
    ask(supplier)
    shelves.offers["SKU-4410"] = offer(
        price=None, quantity_available=None, warning="3 products carry this code"
    )

    ask(supplier)

    assert present().price == Decimal("41.50")


def test_older_news_does_not_replace_newer(supplier: Supplier) -> None:
    now = datetime.now(UTC)
    tell(supplier, offer(price="42", as_of=now))

    assert tell(supplier, offer(price="40", as_of=now - timedelta(days=1))) == [
        How.PASSED_OVER
    ]
    assert present().price == Decimal(42)


def test_price_file_keeps_what_it_cannot_tell(supplier: Supplier) -> None:
    now = datetime.now(UTC)
    live = offer(
        stock_by_kind={"Local": Decimal(12)},
        lead_time_days=2,
        price_breaks=((Decimal(1), Decimal("41.5")), (Decimal(10), Decimal(40))),
    )
    tell(supplier, live)
    from_file = offer(as_of=now + timedelta(seconds=1))

    assert tell(supplier, from_file, source=Source.PRICE_FILE) == [How.UNCHANGED]
    dearer = replace(
        from_file, unit_price=Decimal(44), as_of=now + timedelta(seconds=2)
    )
    assert tell(supplier, dearer, source=Source.PRICE_FILE) == [How.CHANGED]
    assert present().lead_time_days == 2
    assert present().stock_by_kind == {"Local": "12"}
    assert present().price_breaks == [], "they belong to the old price"


def test_brand_tells_items_apart_only_where_the_vendor_names_it(
    supplier: Supplier,
) -> None:
    tell(supplier, offer("A", brand="Bosch"), offer("A", brand="Makita", price="9"))
    branded = SupplierItem.objects.filter(item_number="A")
    assert {item.brand for item in branded} == {"Bosch", "Makita"}

    for brand in ("HP", "Hewlett Packard"):
        told = [Told(item_number="B", brand=brand, offer=offer("B"))]
        record_offers(supplier=supplier, told=told, source=Source.PRICE_FILE)
    assert SupplierItem.objects.filter(item_number="B").count() == 1


def test_what_no_column_can_hold_is_warned_of(supplier: Supplier) -> None:
    tell(supplier, offer("A", "1.00005"), offer("B", "9" * 12), offer("C", "-1"))

    kept = {each.item.item_number: each for each in ItemOffer.objects.all()}
    assert kept["A"].price == Decimal("1.0001")
    assert kept["A"].warning == "the price was rounded from 1.00005"
    assert (kept["B"].price, kept["C"].price) == (None, None)
    assert "can't be right" in kept["B"].warning
    assert "below nothing" in kept["C"].warning


def test_hostile_texts_are_clipped(supplier: Supplier) -> None:
    tell(
        supplier,
        offer("A", description="x\x00" * 400, mpn="m" * 200, gtin="1" * 40),
        offer("N" * 100),
    )

    item = SupplierItem.objects.get()
    assert len(item.description) == 300
    assert "\x00" not in item.description
    assert (len(item.mpn), item.gtin) == (80, "")


def test_thousand_offers_cost_as_many_queries_as_ten(supplier: Supplier) -> None:
    costs = []
    for count in (10, 1000):
        offers = [offer(f"{count}-{number}") for number in range(count)]
        tell(supplier, *offers)
        with CaptureQueriesContext(connection) as queries:
            tell(supplier, *(replace(each, unit_price=Decimal(50)) for each in offers))
        costs.append(len(queries))

    # SQLite takes a thousand rows in some twenty parts, PostgreSQL in one.
    assert costs[1] <= costs[0] + 20


def test_asking_now_says_why_not(shelves: FakeRange, supplier: Supplier) -> None:
    item = SupplierItem.objects.create(supplier=supplier, item_number="SKU-4410")
    shelves.offers["SKU-4410"] = NotSent("No connection.", kind=Kind.CONNECTION)

    with pytest.raises(SupplierUnavailable, match="No connection"):
        ask_now(item_id=item.pk, actor=make_user("buyer"))

    assert not ItemOffer.objects.exists()

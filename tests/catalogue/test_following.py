"""Following what changed in a range and in its stock; what webhooks tell of them."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from procurement.catalogue import following, hearing
from procurement.catalogue.following import ask_for_looks, follow_supplier
from procurement.catalogue.models import CatalogueState, ItemOffer
from procurement.coordination.operations import take_lease
from procurement.inbound import reading
from procurement.inbound.models import DueRead
from procurement.inbound.operations import ask_to_read
from procurement.suppliers.models import Exchange, Supplier, SupplierItem
from procurement.suppliers.operations import fetch_offers, pause_supplier
from tests.catalogue.fakes import NOON, FakeRange, offer
from tests.factories import line, make_order, make_supplier
from vendors.contracts import (
    ChangedProduct,
    ItemKey,
    Product,
    StockChange,
    Topic,
)
from vendors.errors import Kind, NotSent, Refused

pytestmark = pytest.mark.django_db


def hold(supplier: Supplier, *numbers: str) -> None:
    for number in numbers:
        SupplierItem.objects.create(supplier=supplier, item_number=number)


def changed(number: str, at: Any = NOON) -> ChangedProduct:
    return ChangedProduct(item_number=number, changed_at=at)


def stock(number: str, quantity: str, kind: str = "WH-SYD", **more: Any) -> StockChange:
    return StockChange(
        item_number=number,
        kind=kind,
        quantity=Decimal(quantity),
        **{"changed_at": NOON, **more},
    )


def state() -> CatalogueState:
    return CatalogueState.objects.get()


# --- products ---------------------------------------------------------------------


def test_only_items_that_we_hold_or_ordered_are_read(
    shelves: FakeRange, supplier: Supplier
) -> None:
    hold(supplier, "HELD")
    make_order(supplier, lines=[line("ORDERED")])
    shelves.product_pages = [
        [changed("HELD"), changed("STRANGE")],
        [changed("ORDERED")],
    ]
    for number in ("HELD", "ORDERED"):
        shelves.products[number] = Product(
            item_number=number, description=f"New text of {number}", mpn="M-1"
        )

    followed = follow_supplier(supplier_id=supplier.pk)

    assert followed.products == 2
    assert shelves.products_read == ["HELD", "ORDERED"]
    texts = dict(SupplierItem.objects.values_list("item_number", "description"))
    assert texts == {
        "HELD": "New text of HELD",
        "ORDERED": "New text of ORDERED",
    }


def test_setting_follows_the_whole_range(
    shelves: FakeRange, supplier: Supplier, settings: Any
) -> None:
    settings.CATALOGUE_FOLLOW_ALL = ["extend-nord"]
    shelves.product_pages = [[changed("STRANGE")]]
    shelves.products["STRANGE"] = Product(item_number="STRANGE", description="Thing")

    follow_supplier(supplier_id=supplier.pk)

    assert SupplierItem.objects.get().description == "Thing"
    assert shelves.since[0][1].year == 2000, "from the very beginning"


def test_what_was_read_comes_again_in_the_overlap_and_is_not_read_again(
    shelves: FakeRange, supplier: Supplier
) -> None:
    hold(supplier, "A")
    shelves.product_pages = [[changed("A")]]
    shelves.products["A"] = Product(item_number="A", changed_at=NOON)

    follow_supplier(supplier_id=supplier.pk)
    follow_supplier(supplier_id=supplier.pk)
    assert shelves.products_read == ["A"]
    shelves.product_pages = [[changed("A", NOON + timedelta(minutes=1))]]
    follow_supplier(supplier_id=supplier.pk)

    assert shelves.products_read == ["A", "A"]


def test_cursor_is_the_latest_time_of_the_whole_list(
    shelves: FakeRange, supplier: Supplier
) -> None:
    later = NOON + timedelta(hours=2)
    shelves.product_pages = [[changed("A", later)], [changed("B", NOON)]]

    follow_supplier(supplier_id=supplier.pk)
    follow_supplier(supplier_id=supplier.pk)

    assert state().products_cursor == later
    asked = [since for what, since, page in shelves.since if what == "products"]
    assert asked[-2:] == [later, later]


def test_failure_leaves_the_cursor_and_says_why(
    shelves: FakeRange, supplier: Supplier
) -> None:
    hold(supplier, "A")
    shelves.products["A"] = Product(item_number="A")
    shelves.product_pages = [
        [changed("A")],
        NotSent("No connection.", kind=Kind.CONNECTION),
    ]

    follow_supplier(supplier_id=supplier.pk)

    assert state().products_cursor is None
    assert state().last_error == "No connection."
    shelves.product_pages.pop()
    follow_supplier(supplier_id=supplier.pk)
    assert (state().products_cursor, state().last_error) == (NOON, "")


def test_finished_list_keeps_its_cursor_when_the_next_list_fails(
    shelves: FakeRange, supplier: Supplier
) -> None:
    shelves.product_pages = [[changed("A")]]
    shelves.stock_pages = [NotSent("No connection.", kind=Kind.CONNECTION)]

    follow_supplier(supplier_id=supplier.pk)

    assert (state().products_cursor, state().stock_cursor) == (NOON, None)


def test_product_that_is_gone_or_unreadable_holds_up_no_other(
    shelves: FakeRange, supplier: Supplier
) -> None:
    hold(supplier, "GONE", "BROKEN", "GOOD")
    shelves.product_pages = [[changed(each) for each in ("GONE", "BROKEN", "GOOD")]]
    shelves.products["BROKEN"] = Refused("No.", kind=Kind.DATA)
    shelves.products["GOOD"] = Product(item_number="GOOD", unit="ST")

    follow_supplier(supplier_id=supplier.pk)

    assert SupplierItem.objects.get(item_number="GONE").missing_since is not None
    assert SupplierItem.objects.get(item_number="BROKEN").missing_since is None
    assert SupplierItem.objects.get(item_number="GOOD").unit == "ST"
    assert state().products_cursor == NOON


def test_product_taken_out_of_the_range_stays_as_not_sold(
    shelves: FakeRange, supplier: Supplier
) -> None:
    hold(supplier, "A")
    shelves.product_pages = [[changed("A")]]
    shelves.products["A"] = Product(
        item_number="A", is_sold=False, pack_quantity=Decimal(10)
    )

    follow_supplier(supplier_id=supplier.pk)

    item = SupplierItem.objects.get()
    assert item.missing_since is not None
    assert item.pack_quantity == 10


# --- stock ------------------------------------------------------------------------


def test_changed_stock_keeps_the_price_and_its_age(
    shelves: FakeRange, supplier: Supplier
) -> None:
    shelves.offers["A"] = offer(
        "A",
        quantity_available=Decimal(12),
        stock_by_kind={"WH-SYD": Decimal(10), "WH-NORD": Decimal(2)},
        lead_time_days=2,
        price_breaks=((Decimal(1), Decimal("41.5")), (Decimal(10), Decimal(40))),
    )
    fetch_offers(supplier_id=supplier.pk, items=[ItemKey("A")])
    before = ItemOffer.objects.get()
    shelves.stock_pages = [
        [
            stock("A", "-3", next_receiving_on=date(2031, 4, 9)),
            stock("STRANGE", "1"),
        ]
    ]

    followed = follow_supplier(supplier_id=supplier.pk)

    now = ItemOffer.objects.get(is_current=True)
    assert followed.stocks == 1
    assert (now.quantity_available, now.source) == (2, "changed_stock")
    assert now.stock_by_kind == {"WH-SYD": "-3", "WH-NORD": "2"}
    assert (now.price, now.price_breaks) == (before.price, before.price_breaks)
    assert (now.lead_time_days, now.next_receiving_on) == (2, date(2031, 4, 9))
    assert now.priced_at == before.priced_at, "the price was not told anew"
    assert not SupplierItem.objects.filter(item_number="STRANGE").exists()
    assert state().stock_cursor == NOON


def test_unchanged_stock_writes_no_row(shelves: FakeRange, supplier: Supplier) -> None:
    hold(supplier, "A")
    shelves.stock_pages = [[stock("A", "4")]]

    follow_supplier(supplier_id=supplier.pk)
    first = ItemOffer.objects.get()
    follow_supplier(supplier_id=supplier.pk)

    again = ItemOffer.objects.get()
    assert again.last_seen_at > first.last_seen_at
    assert (again.priced_at, again.price) == (None, None)


# --- when -------------------------------------------------------------------------


def test_each_supplier_is_looked_at_when_its_turn_comes(
    shelves: FakeRange, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    hints: list[int] = []
    monkeypatch.setattr(following, "hint", lambda task, pk: hints.append(pk))
    make_supplier("kvik", credentials={})

    assert ask_for_looks() == 1
    assert ask_for_looks() == 0, "hinted already"
    follow_supplier(supplier_id=supplier.pk)
    assert ask_for_looks() == 0, "an hour has to pass"
    CatalogueState.objects.update(next_at=timezone.now())
    assert ask_for_looks() == 1
    assert hints == [supplier.pk, supplier.pk], "a vendor without lists has none"


def test_paused_and_blocked_suppliers_are_left_alone(
    shelves: FakeRange, supplier: Supplier
) -> None:
    supplier.health.blocked_until = timezone.now() + timedelta(minutes=5)
    supplier.health.save()
    assert ask_for_looks() == 0
    supplier.health.blocked_until = None
    supplier.health.save()
    pause_supplier(supplier_id=supplier.pk, actor=None)

    assert ask_for_looks() == 0
    follow_supplier(supplier_id=supplier.pk)
    assert shelves.since == []


def test_one_at_a_time_on_all_machines(shelves: FakeRange, supplier: Supplier) -> None:
    take_lease(name=f"catalogue:{supplier.slug}", seconds=60, holder="another")

    follow_supplier(supplier_id=supplier.pk)

    assert shelves.since == []


# --- webhooks ---------------------------------------------------------------------


def hear(supplier: Supplier, topic: Topic, number: str) -> bool:
    ask_to_read(supplier=supplier, topic=topic, number=number)
    row = DueRead.objects.get()
    DueRead.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    return reading.read_due(due_id=row.pk)


def test_webhook_of_a_product_reads_it_once(
    shelves: FakeRange, supplier: Supplier
) -> None:
    hold(supplier, "A")
    shelves.products["A"] = Product(item_number="A", description="New")

    assert hear(supplier, Topic.PRODUCT, "A")
    assert hear(supplier, Topic.PRODUCT, "STRANGE")

    assert shelves.products_read == ["A"]
    assert SupplierItem.objects.get().description == "New"
    assert Exchange.objects.get().subject == "product A"


def test_webhook_of_stock_asks_for_that_item(
    shelves: FakeRange, supplier: Supplier
) -> None:
    hold(supplier, "A")
    shelves.offers["A"] = offer("A")

    assert hear(supplier, Topic.STOCK, "A")
    assert hear(supplier, Topic.STOCK, "STRANGE")

    assert shelves.asked == [ItemKey("A")]
    kept = ItemOffer.objects.get()
    assert (kept.source, kept.price) == ("webhook", Decimal("41.5"))


def test_webhook_whose_read_fails_is_tried_again(
    shelves: FakeRange, supplier: Supplier
) -> None:
    hold(supplier, "A")
    shelves.products["A"] = NotSent("No connection.", kind=Kind.CONNECTION)

    assert not hear(supplier, Topic.PRODUCT, "A")

    assert DueRead.objects.get().text == "No connection."


def test_webhook_of_a_product_that_is_gone_notes_it(
    shelves: FakeRange, supplier: Supplier
) -> None:
    hold(supplier, "A")

    hearing.hear_of_product(supplier, "A")

    assert SupplierItem.objects.get().missing_since is not None

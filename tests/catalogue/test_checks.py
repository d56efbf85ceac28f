"""The lines of an order beside what their supplier says now."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from procurement.approvals.operations import approve_order
from procurement.catalogue.checks import MOST_CHECKS, check_lines, take_prices
from procurement.catalogue.models import ItemOffer, OrderCheck
from procurement.errors import SupplierUnavailable
from procurement.orders.models import OrderEvent, PurchaseOrder
from procurement.orders.operations import change_order, submit_order
from procurement.suppliers import gateway
from procurement.suppliers.models import Exchange, Supplier, SupplierItem
from tests.asserting import refusal
from tests.catalogue.fakes import FakeRange, offer
from tests.factories import (
    line,
    make_approved_order,
    make_order,
    make_queued_order,
    make_supplier,
    make_user,
)
from vendors.contracts import ItemKey
from vendors.errors import Kind, NotSent

pytestmark = pytest.mark.django_db


def check(order: PurchaseOrder) -> list[dict[str, Any]]:
    return check_lines(order_id=order.pk, actor=order.buyer).lines


def codes(entry: dict[str, Any]) -> list[str]:
    return [remark["code"] for remark in entry["remarks"]]


def columns(order: PurchaseOrder) -> dict[str, Any]:
    return PurchaseOrder.objects.values().get(pk=order.pk)


def test_check_shows_the_price_now_beside_the_ordered_one(
    shelves: FakeRange, supplier: Supplier
) -> None:
    shelves.offers["SKU-4410"] = offer(
        price="44.00",
        quantity_available=Decimal(20),
        stock_by_kind={"WH-SYD": Decimal(20)},
        lead_time_days=3,
        next_receiving_on=date(2031, 4, 9),
    )
    order = make_order(supplier)

    (entry,) = check(order)

    assert (entry["ordered_price"], entry["price"]) == ("41.50", "44.00")
    assert (entry["difference"], entry["percent"]) == ("2.50", "6.02")
    assert (entry["quantity"], entry["quantity_available"]) == ("6", "20")
    assert entry["stock_by_kind"] == {"WH-SYD": "20"}
    assert (entry["lead_time_days"], entry["next_receiving_on"]) == (3, "2031-04-09")
    assert (entry["remarks"], entry["can_take"]) == ([], True)
    kept = OrderCheck.objects.get()
    assert (kept.total_ordered, kept.total_now, kept.difference) == (249, 264, 15)


def test_check_never_changes_the_order(shelves: FakeRange, supplier: Supplier) -> None:
    shelves.offers["SKU-4410"] = offer(price="44.00")
    order = make_approved_order(supplier)
    before = columns(order), list(order.lines.values())

    check(order)

    assert (columns(order), list(order.lines.values())) == before
    assert OrderEvent.objects.latest("pk").kind == "lines_checked"


def test_supplier_is_asked_once_outside_a_transaction(
    shelves: FakeRange, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[bool] = []
    real = gateway.refuse_open_transaction
    monkeypatch.setattr(
        gateway, "refuse_open_transaction", lambda: looked.append(True) or real()
    )
    order = make_order(supplier, lines=[line("A"), line("B"), line("A")])

    check(order)

    assert shelves.asked == [ItemKey("A"), ItemKey("B")]
    assert looked == [True]
    talk = OrderCheck.objects.get().conversation
    assert Exchange.objects.get(conversation=talk).subject == order.number


def test_offers_are_kept(shelves: FakeRange, supplier: Supplier) -> None:
    shelves.offers["SKU-4410"] = offer(price="44.00")

    check(make_order(supplier))

    assert ItemOffer.objects.get().price == Decimal(44)


def test_price_is_the_one_for_the_ordered_quantity(
    shelves: FakeRange, supplier: Supplier
) -> None:
    shelves.offers["SKU-4410"] = offer(
        price="44.00",
        price_breaks=(
            (Decimal(1), Decimal("44.00")),
            (Decimal(6), Decimal("42.10")),
            (Decimal(10), Decimal("39.90")),
        ),
    )

    (entry,) = check(make_order(supplier))

    assert entry["price"] == "42.10"


@pytest.mark.parametrize(
    ("told", "entered", "code"),
    [
        ({"price": None}, {}, "no_price"),
        ({"currency": "EUR"}, {}, "other_currency"),
        ({"unit": "PKT"}, {}, "other_unit"),
        ({"quantity_available": Decimal(5)}, {}, "too_few"),
        ({"quantity_available": None}, {}, "stock_unknown"),
        ({"warning": "a balance is below nothing"}, {}, "warning"),
    ],
)
def test_what_a_buyer_should_see_is_remarked(
    shelves: FakeRange,
    supplier: Supplier,
    told: dict[str, Any],
    entered: dict[str, Any],
    code: str,
) -> None:
    shelves.offers["SKU-4410"] = offer(**{"price": "44.00", **told})

    (entry,) = check(make_order(supplier, lines=[line(**entered)]))

    assert codes(entry) == [code]


def test_stock_is_compared_with_what_all_lines_want(
    shelves: FakeRange, supplier: Supplier
) -> None:
    shelves.offers["SKU-4410"] = offer(quantity_available=Decimal(10))

    entries = check(make_order(supplier, lines=[line(), line()]))

    assert [codes(entry) for entry in entries] == [["too_few"], ["too_few"]]
    assert "Only 10 of 12" in entries[0]["remarks"][0]["text"]


def test_unknown_item_is_not_a_stock_of_nothing(
    shelves: FakeRange, supplier: Supplier
) -> None:
    (entry,) = check(make_order(supplier))

    assert codes(entry) == ["unknown_item"]
    assert (entry["is_known"], entry["quantity_available"]) == (False, None)
    assert (entry["price"], entry["can_take"]) == (None, False)


def test_least_quantity_and_packs(shelves: FakeRange, supplier: Supplier) -> None:
    SupplierItem.objects.create(
        supplier=supplier,
        item_number="SKU-4410",
        pack_quantity=Decimal(4),
        min_order_quantity=Decimal(8),
    )
    shelves.offers["SKU-4410"] = offer()

    (entry,) = check(make_order(supplier))

    assert [each["text"] for each in entry["remarks"]] == [
        "The least quantity is 8.",
        "It comes in packs of 4.",
    ]


def test_number_that_several_brands_carry(
    shelves: FakeRange, supplier: Supplier
) -> None:
    for brand in ("Bosch", "Makita"):
        SupplierItem.objects.create(
            supplier=supplier, item_number="SKU-4410", brand=brand
        )
    shelves.offers["SKU-4410"] = offer(price="44.00")

    plain, branded = check(make_order(supplier, lines=[line(), line(brand="Bosch")]))

    assert codes(plain) == ["ambiguous_brand"]
    assert plain["price"] is None
    assert (codes(branded), branded["price"]) == ([], "44.00")


def test_price_that_can_not_be_right_is_not_offered(
    shelves: FakeRange, supplier: Supplier
) -> None:
    order = make_order(supplier)
    shelves.offers["SKU-4410"] = offer(price="41.50")
    check(order)
    shelves.offers["SKU-4410"] = offer(price="4150")

    (entry,) = check(order)

    assert (entry["price"], entry["can_take"]) == (None, False)
    assert "factor of 100" in entry["remarks"][0]["text"]
    latest = OrderCheck.objects.latest("pk")
    assert (latest.total_now, latest.unpriced_count) == (249, 1)


def test_order_is_stale_once_its_content_changed(
    shelves: FakeRange, supplier: Supplier
) -> None:
    shelves.offers["SKU-4410"] = offer(price="44.00")
    order = make_order(supplier)
    check(order)

    submit_order(order_id=order.pk, actor=order.buyer)
    assert not OrderCheck.objects.get().is_stale, "its content is the same"
    change_order(order_id=order.pk, actor=order.buyer, data={"note": "Soon."})

    assert OrderCheck.objects.get().is_stale


def test_last_checks_are_kept(shelves: FakeRange, supplier: Supplier) -> None:
    order = make_order(supplier)

    for _ in range(MOST_CHECKS + 2):
        check(order)

    assert order.checks.count() == MOST_CHECKS


def test_failing_supplier_leaves_no_check(
    shelves: FakeRange, supplier: Supplier
) -> None:
    shelves.offers["SKU-4410"] = NotSent("No connection.", kind=Kind.CONNECTION)
    order = make_order(supplier)

    refused = refusal(check_lines, order_id=order.pk, actor=order.buyer)

    assert isinstance(refused, SupplierUnavailable)
    assert (refused.text, refused.code) == ("No connection.", "supplier_unavailable")
    assert not OrderCheck.objects.exists()


def test_vendor_that_can_not_be_asked(db: None) -> None:
    simutek = make_supplier("simutek", credentials={})
    order = make_order(simutek)

    refused = refusal(check_lines, order_id=order.pk, actor=order.buyer)

    assert refused.code == "not_checkable"


# --- taking prices over -----------------------------------------------------------


def take(order: PurchaseOrder, **more: Any) -> PurchaseOrder:
    return take_prices(order_id=order.pk, actor=order.buyer, **more)


def test_prices_are_taken_over_and_the_approval_goes(
    shelves: FakeRange, supplier: Supplier
) -> None:
    shelves.offers |= {"A": offer("A", "44.00"), "B": offer("B", "41.50")}
    order = make_approved_order(supplier, lines=[line("A"), line("B"), line("C")])
    check(order)

    take(order)

    order.refresh_from_db()
    assert [each.unit_price for each in order.lines.all()] == [
        Decimal("44.00"),
        Decimal("41.50"),
        Decimal("41.50"),
    ]
    assert order.total == Decimal("762.00")
    assert (order.approval, order.approved_hash) == ("draft", "")
    event = order.events.get(kind="prices_taken")
    assert event.actor == order.buyer
    assert "for 1 of 3 lines" in event.text
    assert event.data["prices"] == {"1": ["41.5000", "44.00"]}
    assert order.events.filter(kind="approval_void").exists()


def test_check_still_holds_after_its_prices_were_taken(
    shelves: FakeRange, supplier: Supplier
) -> None:
    shelves.offers["SKU-4410"] = offer(price="44.00")
    order = make_order(supplier)
    check(order)

    take(order)

    kept = OrderCheck.objects.get()
    assert not kept.is_stale
    assert kept.taken_by == order.buyer
    assert (kept.total_ordered, kept.difference, kept.takeable) == (264, 0, [])
    assert refusal(take, order=order).text == (
        f"{order} has the supplier's prices already, as far as they are known."
    )


def test_prices_of_an_approved_order_go_through_approval_again(
    shelves: FakeRange, supplier: Supplier
) -> None:
    shelves.offers["SKU-4410"] = offer(price="44.00")
    order = make_approved_order(supplier)
    check(order)
    take(order)

    submit_order(order_id=order.pk, actor=order.buyer)
    approved = approve_order(order_id=order.pk, actor=make_user("approver"))

    assert (approved.approval, approved.total) == ("approved", 264)


def test_prices_are_refused_without_a_check_of_the_order_as_it_is(
    shelves: FakeRange, supplier: Supplier
) -> None:
    shelves.offers["SKU-4410"] = offer(price="44.00")
    order = make_order(supplier)
    assert "was not checked" in refusal(take, order=order).text

    check(order)
    OrderCheck.objects.update(checked_at=timezone.now() - timedelta(hours=25))
    assert "more than a day old" in refusal(take, order=order).text

    check(order)
    change_order(order_id=order.pk, actor=order.buyer, data={"note": "Soon."})
    refused = refusal(take, order=order)
    assert "was changed since" in refused.text
    assert refused.code == "prices_not_taken"
    assert order.lines.get().unit_price == Decimal("41.50")


def test_order_that_is_on_its_way_keeps_its_prices(
    shelves: FakeRange, supplier: Supplier
) -> None:
    shelves.offers["SKU-4410"] = offer(price="44.00")
    order, _ = make_queued_order(supplier)
    check(order)

    assert "can't be changed any more" in refusal(take, order=order).text


def test_page_that_is_out_of_date_takes_nothing(
    shelves: FakeRange, supplier: Supplier
) -> None:
    shelves.offers["SKU-4410"] = offer(price="44.00")
    order = make_order(supplier)
    check(order)

    assert refusal(take, order=order, version=7).code == "version_conflict"
    assert order.lines.get().unit_price == Decimal("41.50")

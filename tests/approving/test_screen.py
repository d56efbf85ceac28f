from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from procurement.customers.models import Customer
from procurement.orders.models import OrderEvent, PurchaseOrder
from procurement.orders.operations import (
    cancel_order,
    change_order,
    submit_order,
)
from procurement.shops.models import Shop
from tests.admin.conftest import Browser
from tests.admin.pages import text_of
from tests.approving.making import make_item, screen, sent, waiting
from tests.factories import (
    ADDRESS,
    line,
    make_approved_order,
    make_order,
    make_supplier,
    make_user,
)


@pytest.fixture
def approver(browser: Browser) -> Client:
    return browser("anna", "Approver")


def shown(client: Client, order: PurchaseOrder) -> Any:
    answer = client.get(screen(order))
    assert answer.status_code == 200
    return answer.context


def codes(client: Client, order: PurchaseOrder) -> list[str]:
    context = shown(client, order)
    return [each.code for each in (*context["cautions"], *context["more_cautions"])]


def test_head_says_who_asks_for_whom_and_how_much(approver: Client) -> None:
    shop = Shop.objects.create(slug="umea", name="Umea cykel")
    customer = Customer.objects.create(name="Verkstad Nord")
    order = waiting(shop=shop, customer=customer, note="Ring first.")

    page = text_of(approver.get(screen(order)))

    for text in ("Umea cykel", "Verkstad Nord", "buyer", "249.00", "Ring first."):
        assert text in page


def test_total_is_shown_beside_the_one_first_asked_for(approver: Client) -> None:
    order = waiting()
    change_order(
        order_id=order.pk, actor=order.buyer, data={"lines": [line(quantity=8)]}
    )
    submit_order(order_id=order.pk, actor=order.buyer)

    context = shown(approver, order)

    assert context["total"] == "332.00\N{NO-BREAK SPACE}SEK"
    assert context["total_asked"] == "249.00\N{NO-BREAK SPACE}SEK"
    assert context["total_change"] == "+83.00"


def test_total_nobody_noted_is_not_known(approver: Client) -> None:
    order = waiting()
    OrderEvent.objects.filter(order=order).update(data={})

    assert shown(approver, order)["total_asked"] == "not known"


def test_what_is_not_known_of_a_line_is_said_so(approver: Client) -> None:
    (row,) = shown(approver, waiting())["lines"]

    assert (row.paid, row.offered, row.other, row.stock, row.lead_time) == ("",) * 5
    assert (
        text_of(approver.get(screen(PurchaseOrder.objects.get()))).count("not known")
        == 5
    )


def test_line_is_shown_with_what_is_known_of_its_item(approver: Client) -> None:
    supplier = make_supplier()
    other = make_supplier("eet", name="EET Europe")
    make_item(
        supplier,
        "43.00",
        gtin="7350000000017",
        pack_quantity=4,
        min_order_quantity=2,
        quantity_available=Decimal(5),
        lead_time_days=3,
    )
    make_item(other, "39.80", item_number="E-1", gtin="7350000000017")
    before = sent(supplier, lines=[line(unit_price=Decimal(40))])
    order = waiting(supplier, lines=[line(quantity=7)])

    (row,) = shown(approver, order)["lines"]

    assert (row.quantity, row.pack, row.least) == ("7 ST", "4", "2")
    assert (row.price, row.amount) == ("41.50", "290.50")
    assert (row.paid, row.paid_change) == ("40.00", "+3.8 %")
    assert row.facts.paid.number == before.number
    assert (row.offered, row.stock, row.lead_time) == ("43.00", "5", "3 days")
    assert row.is_short
    assert (row.other, row.other_change) == ("39.80", "-4.1 %")
    assert row.facts.other.supplier == "EET Europe"


def test_cheapest_other_offer_is_of_the_same_article_in_the_same_currency(
    approver: Client,
) -> None:
    supplier = make_supplier()
    make_item(supplier, "43.00", mpn="M-1", brand="Nordex")
    for slug, price, changes in (
        ("dear", "42.00", {"mpn": "M-1", "brand": "NORDEX"}),
        ("cheap", "41.00", {"mpn": "M-1", "brand": "nordex"}),
        ("namesake", "1.00", {"mpn": "M-1", "brand": "Sudex"}),
        ("euro", "4.00", {"mpn": "M-1", "brand": "Nordex", "currency": "EUR"}),
        ("gone", "2.00", {"mpn": "M-1", "brand": "Nordex", "is_known": False}),
    ):
        make_item(make_supplier("eet", slug=slug, name=slug), price, **changes)

    (row,) = shown(approver, waiting(supplier))["lines"]

    assert row.facts.other.supplier == "cheap"


@pytest.mark.parametrize(
    "changes",
    [
        {"currency": "EUR"},
        {"is_test": False},
        {"lines": [line(brand="Sudex")]},
        {"lines": [line("SKU-9")]},
    ],
)
def test_last_price_paid_is_of_the_same_item_currency_and_mode(
    approver: Client, changes: dict[str, Any]
) -> None:
    supplier = make_supplier()
    order = waiting(supplier, lines=[line(brand="Nordex")])
    sent(supplier, **changes)
    assert shown(approver, order)["lines"][0].paid == ""

    sent(supplier, lines=[line(brand="Nordex", unit_price=Decimal(40))])
    assert shown(approver, order)["lines"][0].paid == "40.00"


def test_last_price_paid_is_of_the_newest_order_that_was_sent(approver: Client) -> None:
    supplier = make_supplier()
    sent(supplier, lines=[line(unit_price=Decimal(30))])
    sent(supplier, lines=[line(unit_price=Decimal(35))])
    make_approved_order(supplier, lines=[line(unit_price=Decimal(90))])

    assert shown(approver, waiting(supplier))["lines"][0].paid == "35.00"


# --- duplicates -------------------------------------------------------------------


def test_same_goods_at_the_same_supplier_are_a_duplicate(approver: Client) -> None:
    supplier = make_supplier()
    lines = [line("SKU-1", quantity=2), line("SKU-2", quantity=3)]
    before = make_order(supplier, lines=lines)
    order = waiting(supplier, lines=lines[::-1])

    context = shown(approver, order)

    (warning,) = [each for each in context["cautions"] if each.code == "duplicate"]
    assert warning.order_id == before.pk
    assert before.number in text_of(approver.get(screen(order)))


def test_lines_of_an_item_are_added_up_for_it(approver: Client) -> None:
    supplier = make_supplier()
    make_order(supplier, lines=[line(quantity=5)])
    order = waiting(supplier, lines=[line(quantity=2), line(quantity=3)])

    assert "duplicate" in codes(approver, order)


@pytest.mark.parametrize(
    "changes",
    [
        {"lines": [line(quantity=7)]},
        {"lines": [line(), line("SKU-2")]},
        {"lines": [line("SKU-2")]},
    ],
)
def test_other_goods_are_no_duplicate(
    approver: Client, changes: dict[str, Any]
) -> None:
    supplier = make_supplier()
    make_order(supplier, **changes)

    assert "duplicate" not in codes(approver, waiting(supplier))


def test_same_goods_elsewhere_long_ago_or_cancelled_are_no_duplicate(
    approver: Client, settings: Any
) -> None:
    settings.APPROVAL_DUPLICATE_DAYS = 7
    supplier = make_supplier()
    make_order(make_supplier("eet"))
    cancelled, old = make_order(supplier), make_order(supplier)
    cancel_order(order_id=cancelled.pk, actor=cancelled.buyer)
    PurchaseOrder.objects.filter(pk=old.pk).update(
        created_at=timezone.now() - timedelta(days=8)
    )
    order = waiting(supplier)
    assert "duplicate" not in codes(approver, order)

    settings.APPROVAL_DUPLICATE_DAYS = 9
    assert "duplicate" in codes(approver, order)


def test_same_reference_of_another_system_is_a_duplicate(approver: Client) -> None:
    before = make_order(make_supplier("eet"), source="shop", external_reference="WEB-1")
    order = waiting(make_supplier(), external_reference="WEB-1")

    (warning,) = [
        each for each in shown(approver, order)["cautions"] if each.code == "duplicate"
    ]

    assert (warning.order_id, "WEB-1" in warning.text) == (before.pk, True)


def test_twin_that_may_not_be_seen_is_told_of_and_no_more(
    approver: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    supplier = make_supplier()
    hidden = make_order(supplier)
    order = waiting(supplier)
    seen = PurchaseOrder.objects.exclude(pk=hidden.pk)
    monkeypatch.setattr(
        type(PurchaseOrder.objects.all()), "visible_to", lambda orders, user: seen
    )

    page = approver.get(screen(order))

    assert "An order you may not see is for the same goods" in text_of(page)
    assert hidden.number not in text_of(page)


def test_order_that_may_not_be_seen_is_not_there(
    approver: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = waiting()
    monkeypatch.setattr(
        type(PurchaseOrder.objects.all()),
        "visible_to",
        lambda orders, user: orders.none(),
    )

    assert approver.get(screen(order)).status_code == 404
    assert approver.post(screen(order), {"decision": "approve"}).status_code == 404
    order.refresh_from_db()
    assert order.approval == "pending"


# --- what was before --------------------------------------------------------------


def test_first_order_at_a_supplier_and_its_second(approver: Client) -> None:
    supplier = make_supplier()
    order = waiting(supplier)
    assert "first_order" in codes(approver, order)

    sent(supplier, is_test=False)
    assert "first_order" in codes(approver, order)
    sent(supplier)
    assert "first_order" not in codes(approver, order)


def test_address_is_known_by_the_customer_or_the_shop(approver: Client) -> None:
    supplier = make_supplier()
    shop = Shop.objects.create(slug="umea", name="Umea")
    customer = Customer.objects.create(name="Verkstad")
    sent(supplier)
    of_shop = waiting(supplier, shop=shop)
    of_customer = waiting(supplier, shop=shop, customer=customer)
    elsewhere = waiting(supplier, delivery_address={**ADDRESS, "street_number": "5"})
    assert "new_address" not in codes(approver, waiting(supplier))
    for order in (of_shop, of_customer, elsewhere):
        assert "new_address" in codes(approver, order)

    sent(supplier, shop=shop)
    assert "new_address" not in codes(approver, of_shop)
    assert "new_address" in codes(approver, of_customer)
    sent(supplier, customer=customer)
    assert "new_address" not in codes(approver, of_customer)


def test_size_is_compared_with_the_buyers_own_sent_orders(approver: Client) -> None:
    supplier = make_supplier()
    sent(supplier, actor=make_user("other"), lines=[line(quantity=50)])
    make_order(supplier, lines=[line(quantity=50)])
    order = waiting(supplier)
    assert "largest" not in codes(approver, order)

    sent(supplier, lines=[line(quantity=5)])
    assert "largest" in codes(approver, order)


def test_what_changed_since_an_approval_is_shown(approver: Client) -> None:
    order = make_approved_order()
    change_order(
        order_id=order.pk,
        actor=order.buyer,
        data={"lines": [line(quantity=8)], "note": "More."},
    )
    submit_order(order_id=order.pk, actor=order.buyer)

    context = shown(approver, order)

    assert "changed" in codes(approver, order)
    assert context["approved_before"].by == "approver"
    assert context["approved_before"].total == Decimal("249.00")
    assert context["approved_before"].changes == (
        "note: – → More.",
        "line 1 quantity: 6 → 8",
    )


def test_order_that_is_as_it_was_approved_has_not_changed(approver: Client) -> None:
    order = make_approved_order()
    for quantity in (8, 6):
        change_order(
            order_id=order.pk,
            actor=order.buyer,
            data={"lines": [line(quantity=quantity)]},
        )
    submit_order(order_id=order.pk, actor=order.buyer)

    assert "changed" not in codes(approver, order)


def test_many_warnings_are_folded_away_and_none_is_dropped(approver: Client) -> None:
    lines = [line(f"SKU-{number}", unit_price=0) for number in range(20)]
    order = waiting(lines=lines)

    context = shown(approver, order)

    assert len(context["cautions"]) == 12
    assert codes(approver, order).count("zero_price") == 20


# --- what it costs ----------------------------------------------------------------


def test_screen_costs_the_same_for_one_line_and_for_fifty(approver: Client) -> None:
    supplier, other = make_supplier(), make_supplier("eet")
    numbers = [f"SKU-{number}" for number in range(50)]
    for number in numbers:
        item = {"item_number": number, "gtin": number, "quantity_available": 1}
        make_item(supplier, "40.00", **item)
        make_item(other, "39.00", **item)
    costs = []
    for count in (1, 50):
        lines = [line(number) for number in numbers[:count]]
        sent(supplier, lines=lines)
        order = waiting(supplier, lines=lines)
        with CaptureQueriesContext(connection) as queries:
            assert len(shown(approver, order)["lines"]) == count
        costs.append(len(queries))
        assert not [q["sql"] for q in queries if "COUNT(" in q["sql"].upper()]
        assert not [q["sql"] for q in queries if "credentials" in q["sql"]]

    assert costs[0] == costs[1]
    assert costs[0] <= 36


def test_page_calls_no_supplier(approver: Client) -> None:
    order = waiting()

    before = OrderEvent.objects.count()
    approver.get(screen(order))
    approver.get(f"{screen(order)}ask/")

    assert OrderEvent.objects.count() == before

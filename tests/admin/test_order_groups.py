"""Headings, sums and columns of the order list."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from procurement.adminbase import PAGE_SIZE
from procurement.orders import admin_groups
from procurement.orders.admin_groups import GROUPINGS
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.orders.ready_views import VIEWS
from procurement.orders.teamwork import comment_order
from procurement.shops.models import Shop
from procurement.suppliers.models import Supplier
from tests.admin.conftest import Browser
from tests.admin.pages import ORDERS, text_of
from tests.admin.test_order_list import make_orders, numbers
from tests.factories import make_order, make_supplier, make_user

SENT = {"approval": "approved", "approved_hash": "x", "transmission": "sent"}


@pytest.fixture
def buyer(browser: Browser) -> Client:
    return browser("buyer", "Buyer")


@pytest.fixture
def supplier(db: None) -> Supplier:
    return make_supplier()


def outline(client: Client, query: str) -> list[tuple[Any, ...]]:
    """Heading, number of rows, sums, continued, goes on: for each group."""
    return [
        (
            each.heading,
            len(each.rows),
            [text.replace("\xa0", " ").replace("\u202f", " ") for text in each.sums],
            each.is_continued,
            each.goes_on,
        )
        for each in client.get(f"{ORDERS}{query}").context["sections"]
    ]


# --- groups -----------------------------------------------------------------------


def test_group_goes_on_over_the_page_and_its_parts_make_the_whole(
    buyer: Client, supplier: Supplier
) -> None:
    other = make_supplier("eet")
    make_orders(PAGE_SIZE + 10, supplier, total=100)
    make_orders(3, other, total=7, currency="EUR")
    make_orders(2, other, total=1000)

    assert outline(buyer, "?group=supplier") == [
        ("Extend Nord", 50, ["5 000.00 SEK"], False, True),
    ]
    assert outline(buyer, "?group=supplier&p=2") == [
        ("Extend Nord", 10, ["1 000.00 SEK"], True, False),
        ("Eet Nord", 5, ["21.00 EUR", "2 000.00 SEK"], False, False),
    ]


def test_group_that_ends_with_the_page_is_not_continued(
    buyer: Client, supplier: Supplier
) -> None:
    make_orders(PAGE_SIZE, supplier, total=1)
    make_orders(1, make_supplier("eet"), total=2)

    assert outline(buyer, "?group=supplier")[-1][3:] == (False, False)
    assert outline(buyer, "?group=supplier&p=2") == [
        ("Eet Nord", 1, ["2.00 SEK"], False, False)
    ]


def test_groups_are_named_after_what_they_hold(
    buyer: Client, supplier: Supplier
) -> None:
    shop = Shop.objects.create(slug="umea", name="Umea")
    make_orders(1, supplier, promised_date=date(2031, 5, 2))
    make_orders(1, supplier, promised_date=date(2031, 4, 28), shop=shop)
    make_orders(1, supplier, promised_date=date(2031, 5, 5), buyer=make_user("carl"))
    make_orders(1, supplier)
    make_orders(
        1, supplier, **SENT, fulfilment="delivered", promised_date=date(2031, 5, 5)
    )

    def headings(query: str) -> dict[str, int]:
        return {heading: rows for heading, rows, *_ in outline(buyer, query)}

    assert headings("?group=week") == {
        "Week 18 of 2031, from 2031-04-28": 2,
        "Week 19 of 2031, from 2031-05-05": 1,
    }
    assert headings("?group=buyer") == {"buyer": 4, "carl": 1}
    assert headings("?group=shop") == {"No shop": 4, "Umea": 1}
    assert "Week 19 of 2031" in text_of(buyer.get(f"{ORDERS}?group=week"))


@pytest.mark.parametrize("group", GROUPINGS)
def test_groups_cost_the_same_whatever_there_is(
    buyer: Client, supplier: Supplier, group: str
) -> None:
    costs = []
    for count in (PAGE_SIZE + 5, 60):
        make_orders(count, supplier, **SENT, promised_date=timezone.localdate())
        with CaptureQueriesContext(connection) as queries:
            buyer.get(f"{ORDERS}?group={group}&p=2&sum=all")
        costs.append(len(queries))
        assert not [q["sql"] for q in queries if "COUNT(" in q["sql"].upper()]

    assert costs[0] == costs[1] <= 18


# --- sums -------------------------------------------------------------------------


def foot(client: Client, query: str = "") -> str:
    text: str = client.get(f"{ORDERS}{query}").context["sum_of_all"]
    return text.replace("\xa0", " ").replace("\u202f", " ")


def test_foot_sums_the_rows_shown_by_currency(
    buyer: Client, supplier: Supplier
) -> None:
    make_orders(2, supplier, total="0.10")
    make_orders(1, supplier, total="0.20")
    make_orders(1, supplier, total=1500, currency="JPY")

    page = buyer.get(ORDERS)

    sums = [text.replace("\xa0", " ") for text in page.context["page_sums"]]
    assert sums == ["1\u202f500 JPY", "0.40 SEK"]
    assert page.context["sum_of_all"] == ""


def test_all_that_match_are_summed_on_request(
    buyer: Client, supplier: Supplier
) -> None:
    make_orders(PAGE_SIZE + 20, supplier, total=10)
    make_orders(5, make_supplier("eet"), total=1, currency="EUR")

    assert "Sum all that match" in text_of(buyer.get(ORDERS))
    assert foot(buyer, "?sum=all") == "All 75 that match: 5.00 EUR + 700.00 SEK."
    assert foot(buyer, "?sum=all&currency=EUR") == "All 5 that match: 5.00 EUR."


def test_sum_of_very_many_says_at_least(
    buyer: Client, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin_groups, "SUM_LIMIT", 60)
    make_orders(60, supplier, total=10)
    assert foot(buyer, "?sum=all") == "All 60 that match: 600.00 SEK."

    make_orders(1, supplier, total=10)
    assert foot(buyer, "?sum=all") == "More than 60 match: at least 600.00 SEK."


# --- views, filters, columns ------------------------------------------------------


def test_every_ready_view_holds_what_its_name_says(
    buyer: Client, supplier: Supplier
) -> None:
    today = timezone.localdate()
    carl = {"buyer": make_user("carl"), "created_by": make_user("carl")}

    def make(**changes: Any) -> str:
        make_orders(1, supplier, **{**carl, **SENT, **changes})
        return PurchaseOrder.objects.values_list("number", flat=True)[0]

    unsent = {"approved_hash": "", "transmission": "none"}
    mine = make(**unsent, approval="draft", buyer=make_user("buyer"))
    returned = make(**unsent, approval="returned", buyer=make_user("buyer"))
    make(**unsent, approval="pending")
    to_send = make(transmission="none")
    failed = make(transmission="failed")
    unknown = make(transmission="unknown")
    unconfirmed = make()
    deviates = make(fulfilment="confirmed", attention="Another price.")
    late = make(fulfilment="confirmed", promised_date=today - timedelta(days=1))
    soon = make(fulfilment="confirmed", promised_date=today + timedelta(days=7))
    later = make(fulfilment="confirmed", promised_date=today + timedelta(days=30))
    make(fulfilment="confirmed", promised_date=today + timedelta(days=31))
    partly = make(fulfilment="partially_shipped")
    shipped = make(fulfilment="shipped")
    make(fulfilment="delivered", is_invoiced=True, promised_date=today)

    assert {name: numbers(buyer, f"?show={name}") for name in VIEWS} == {
        "mine": [returned, mine],
        "returned": [returned],
        # Buyers approve nothing.
        "to_approve": [],
        "to_send": [to_send],
        "attention": [deviates, unknown, failed],
        "trouble": [unknown, failed],
        "unconfirmed": [unconfirmed],
        "deviations": [deviates],
        "late": [late],
        "due_7": [soon],
        "due_30": [soon, later],
        "partly": [partly],
        "to_invoice": [shipped],
    }


def test_filters_by_vendor_expected_day_and_amount(
    buyer: Client, supplier: Supplier
) -> None:
    second, third = date(2031, 5, 2), date(2031, 5, 3)
    make_orders(1, supplier, **SENT, total=100, promised_date=second)
    make_orders(1, supplier, **SENT, total=100, currency="EUR")
    eet = make_supplier("eet")
    make_orders(1, eet, **SENT, total="99.99", promised_date=third)
    first, euro, other = (f"PO-2030-{index:06d}" for index in range(3))
    expected = {
        "?vendor=eet": [other],
        "?vendor=nonsense": [other, euro, first],
        "?expected_from=2031-05-02&expected_to=2031-05-02": [first],
        "?expected_from=2031-05-02": [other, first],
        "?currency=SEK&total_from=100": [first],
        "?currency=SEK&total_to=99.99": [other],
        "?currency=EUR": [euro],
        "?total_from=100": [other, euro, first],
    }

    assert {query: numbers(buyer, query) for query in expected} == expected
    page = text_of(buyer.get(f"{ORDERS}?total_from=100"))
    assert "choose its currency as well" in page
    assert buyer.get(f"{ORDERS}?total_from=much").status_code == 302


def test_row_says_what_came_and_what_happened_last(
    buyer: Client, supplier: Supplier
) -> None:
    draft, sent = make_order(supplier), make_order(supplier)
    PurchaseOrder.objects.filter(pk=sent.pk).update(**SENT)
    OrderLine.objects.filter(order=sent).update(
        quantity_cancelled=2, quantity_received=3
    )
    comment_order(order_id=sent.pk, actor=sent.buyer, comment="They " + "x" * 100)

    newest, oldest = buyer.get(ORDERS).context["rows"]

    assert (newest.received, oldest.received) == (75, None)
    assert (oldest.order, oldest.message) == (draft, "Entered")
    assert newest.message.startswith("They xx")
    assert len(newest.message) == 70
    assert newest.whole_message == "They " + "x" * 100


def test_day_asked_for_stands_in_for_a_promise(
    buyer: Client, supplier: Supplier
) -> None:
    make_orders(1, supplier, requested_date=date(2020, 1, 2))

    (row,) = buyer.get(ORDERS).context["rows"]

    assert row.is_wish_past
    assert "asked for" in text_of(buyer.get(ORDERS))

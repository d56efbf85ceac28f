from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from procurement.adminbase import PAGE_SIZE
from procurement.orders.models import PurchaseOrder
from procurement.orders.states import Approval
from tests.admin.conftest import Browser, member
from tests.admin.pages import ORDERS, order_page, text_of
from tests.admin.test_order_list import make_orders
from tests.approving.making import QUEUE, make_item, screen, sent, waiting
from tests.factories import line, make_order, make_supplier, make_user


@pytest.fixture
def approver(browser: Browser) -> Client:
    return browser("anna", "Approver")


def numbers(client: Client, query: str = "") -> list[str]:
    return [row.order.number for row in client.get(f"{QUEUE}{query}").context["rows"]]


@pytest.mark.parametrize("role", ["Buyer", "Operator", "Auditor", "Administrator"])
def test_only_approvers_have_a_queue(browser: Browser, role: str) -> None:
    order = waiting()
    client = browser("somebody", role)

    assert client.get(QUEUE).status_code == 403
    assert client.get(screen(order)).status_code == 403
    assert f'"{QUEUE}"' not in text_of(client.get("/admin/"))


def test_stranger_is_asked_to_log_in(db: None) -> None:
    assert Client().get(QUEUE).status_code == 302


def test_longest_waiting_comes_first(approver: Client) -> None:
    supplier = make_supplier()
    first, second, third = (waiting(supplier) for _ in range(3))
    PurchaseOrder.objects.filter(pk=third.pk).update(
        submitted_at=timezone.now() - timedelta(days=2)
    )

    assert numbers(approver) == [third.number, first.number, second.number]


def test_queue_has_what_waits_for_this_person_alone(approver: Client) -> None:
    supplier = make_supplier()
    theirs = waiting(supplier)
    waiting(supplier, actor=member("anna", "Approver"))
    make_order(supplier)
    sent(supplier)

    assert numbers(approver) == [theirs.number]


def test_row_says_who_wants_what_of_whom(approver: Client) -> None:
    order = waiting(external_reference="WEB-9911")

    page = text_of(approver.get(QUEUE))

    for text in (screen(order), "WEB-9911", "Extend Nord", "buyer", "249.00", "Test"):
        assert text in page


def test_warnings_of_rows_are_counted_by_weight(approver: Client) -> None:
    supplier = make_supplier()
    sent(supplier, lines=[line("SKU-1"), line("SKU-2")])
    usual = waiting(supplier, lines=[line("SKU-3", quantity=1)])
    free = waiting(supplier, lines=[line("SKU-4", quantity=3, unit_price=0)])
    big = waiting(supplier, lines=[line("SKU-5", quantity=99)])

    rows = {row.order.pk: row for row in approver.get(QUEUE).context["rows"]}

    assert (rows[usual.pk].red, rows[usual.pk].amber) == ("", "")
    assert (rows[free.pk].red, rows[free.pk].amber) == ("1 serious", "")
    assert (rows[big.pk].red, rows[big.pk].amber) == ("", "1 to look at")


def test_empty_queue_says_so(approver: Client) -> None:
    assert "Nothing waits for you" in text_of(approver.get(QUEUE))


def test_queue_costs_the_same_whatever_waits(approver: Client) -> None:
    supplier = make_supplier()
    make_item(supplier, "41.50")
    sent(supplier)
    costs = []
    for rows in (1, 49):
        for index in range(rows):
            lines = [line(), line(f"SKU-{rows}-{index}")]
            waiting(supplier, lines=lines, external_reference=f"R-{rows}-{index}")
        with CaptureQueriesContext(connection) as queries:
            assert len(numbers(approver)) in (1, 50)
        costs.append(len(queries))
        assert not [q["sql"] for q in queries if "COUNT(" in q["sql"].upper()]
        assert not [q["sql"] for q in queries if "credentials" in q["sql"]]

    assert costs[0] == costs[1]
    assert costs[0] <= 24


def test_pages_lead_on_and_back(approver: Client) -> None:
    make_orders(
        PAGE_SIZE + 3,
        make_supplier(),
        approval=Approval.PENDING,
        submitted_at=timezone.now(),
    )

    assert len(numbers(approver)) == PAGE_SIZE
    assert "?p=2" in text_of(approver.get(QUEUE))
    assert len(numbers(approver, "?p=2")) == 3
    for unreadable in ("?p=9", "?p=two", "?p=0"):
        assert approver.get(f"{QUEUE}{unreadable}").status_code == 302


def test_side_bar_leads_there_with_a_capped_count(
    approver: Client, browser: Browser
) -> None:
    supplier = make_supplier()
    waiting(supplier)

    def badge() -> str:
        groups = approver.get("/admin/").context["sidebar_navigation"]
        (entry,) = [item for item in groups[0]["items"] if item["link"] == QUEUE]
        return str(entry["badge"])

    assert badge() == "1"
    make_orders(120, supplier, approval=Approval.PENDING, submitted_at=timezone.now())
    assert badge() == "100+"
    PurchaseOrder.objects.update(buyer=make_user("anna"))
    assert badge() == ""


def test_order_page_and_list_lead_to_the_screen(
    approver: Client, browser: Browser
) -> None:
    supplier = make_supplier()
    order, draft = waiting(supplier), make_order(supplier)
    buyer = browser("buyer", "Buyer")

    for page in (order_page(order), ORDERS):
        assert screen(order) in text_of(approver.get(page))
        assert screen(order) not in text_of(buyer.get(page))
    assert screen(draft) not in text_of(approver.get(order_page(draft)))

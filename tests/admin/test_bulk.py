from decimal import Decimal

import pytest
from django.test import Client

from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import change_order, submit_order
from procurement.orders.states import Approval, Sending
from procurement.suppliers.models import Supplier
from tests.admin.conftest import Browser
from tests.admin.pages import ORDERS, text_of
from tests.factories import line, make_approved_order, make_order, make_supplier

CONFIRM, RUN, RESULT = f"{ORDERS}bulk/", f"{ORDERS}bulk/run/", f"{ORDERS}bulk/result/"


def pending(supplier: Supplier) -> PurchaseOrder:
    order = make_order(supplier)
    return submit_order(order_id=order.pk, actor=order.buyer)


def confirm(client: Client, action: str, *orders: PurchaseOrder) -> dict[str, object]:
    """Tick orders, and return what the page that asks once more would post."""
    page = client.post(
        CONFIRM, {"action": action, "order": [order.pk for order in orders]}
    )
    chosen, left_out = [], []
    for each in page.context["candidates"]:
        order = each.row.order
        (left_out if each.reason else chosen).append(f"{order.pk}:{order.version}")
    return {"action": action, "order": chosen, "left_out": left_out}


def outcome(client: Client, posted: dict[str, object]) -> dict[str, list[str]]:
    page = client.post(RUN, posted, follow=True)
    return {
        title: [number for number, _, _ in rows]
        for title, _, rows in page.context["groups"]
    }


@pytest.fixture
def supplier(db: None) -> Supplier:
    return make_supplier()


def test_result_names_done_skipped_and_failed(
    browser: Browser, supplier: Supplier
) -> None:
    able, other = make_order(supplier), make_order(supplier)
    unable = make_approved_order(supplier)
    buyer = browser("buyer", "Buyer")
    posted = confirm(buyer, "submit", able, other, unable)
    submit_order(order_id=other.pk, actor=other.buyer)

    assert outcome(buyer, posted) == {
        "Done": [able.number],
        "Skipped": [other.number, unable.number],
        "Failed": [],
    }
    page = text_of(buyer.get(RESULT))
    assert "is not a draft: waiting for approval" in page
    assert "Is not a draft: approved" in page


def test_page_says_what_will_happen(browser: Browser, supplier: Supplier) -> None:
    orders = [
        make_approved_order(supplier),
        make_approved_order(supplier, currency="EUR"),
        make_approved_order(supplier),
    ]
    PurchaseOrder.objects.filter(pk=orders[0].pk).update(is_test=False)
    Supplier.objects.update(mode="live")
    unable = make_order(supplier)
    buyer = browser("buyer", "Buyer")

    page = buyer.post(
        CONFIRM, {"action": "send", "order": [o.pk for o in (*orders, unable)]}
    )

    context = page.context
    assert [amount.replace("\xa0", " ") for amount in context["totals"]] == [
        "249.00 SEK"
    ]
    assert context["suppliers"] == [(supplier.name, 1)]
    assert (context["lives"], context["tests"]) == (1, 0)
    assert "is a real purchase" in text_of(page)
    assert {order.transmission for order in PurchaseOrder.objects.all()} == {"none"}


def test_approval_of_many_is_bound_to_the_versions_seen(
    browser: Browser, supplier: Supplier
) -> None:
    same, changed = pending(supplier), pending(supplier)
    approver = browser("approver", "Approver")
    posted = confirm(approver, "approve", same, changed)
    change_order(
        order_id=changed.pk,
        actor=changed.buyer,
        data={"lines": [line(quantity=Decimal(600))]},
    )
    submit_order(order_id=changed.pk, actor=changed.buyer)

    found = outcome(approver, posted)

    assert found["Done"] == [same.number]
    assert found["Skipped"] == [changed.number]
    changed.refresh_from_db()
    assert changed.approval == Approval.PENDING


def test_approval_without_a_version_is_skipped(
    browser: Browser, supplier: Supplier
) -> None:
    order = pending(supplier)

    found = outcome(
        browser("approver", "Approver"), {"action": "approve", "order": [order.pk]}
    )

    assert found["Skipped"] == [order.number]


def test_what_was_greyed_is_left_alone(browser: Browser, supplier: Supplier) -> None:
    order = pending(supplier)
    buyer = browser("buyer", "Buyer")
    posted = confirm(buyer, "send", order)
    PurchaseOrder.objects.filter(pk=order.pk).update(
        approval="approved", approved_hash="x"
    )

    found = outcome(buyer, posted)

    assert found["Skipped"] == [order.number]
    order.refresh_from_db()
    assert order.transmission == Sending.NONE


def test_reload_of_the_result_does_nothing_again(
    browser: Browser, supplier: Supplier
) -> None:
    order = make_order(supplier)
    buyer = browser("buyer", "Buyer")
    outcome(buyer, confirm(buyer, "submit", order))
    events = order.events.count()

    assert buyer.get(RESULT).status_code == 200
    assert order.events.count() == events


def test_get_never_acts(browser: Browser, supplier: Supplier) -> None:
    order = make_order(supplier)
    buyer = browser("buyer", "Buyer")
    query = {"action": "submit", "order": f"{order.pk}:1"}

    assert buyer.get(CONFIRM, query).status_code == 404
    assert buyer.get(RUN, query).status_code == 404
    order.refresh_from_db()
    assert order.approval == Approval.DRAFT


@pytest.mark.parametrize("address", [CONFIRM, RUN])
def test_permission_is_asked_on_the_server(
    browser: Browser, supplier: Supplier, address: str
) -> None:
    order = pending(supplier)
    posted = {"action": "approve", "order": f"{order.pk}:{order.version}"}

    assert browser("buyer", "Buyer").post(address, posted).status_code == 403
    assert browser("nobody").post(address, posted).status_code == 403
    order.refresh_from_db()
    assert order.approval == Approval.PENDING


def test_only_bulk_actions_are_taken(superuser: Client, supplier: Supplier) -> None:
    order = make_order(supplier)

    posted = {"action": "resolve", "order": order.pk}
    assert superuser.post(CONFIRM, posted).status_code == 404
    posted = {"action": "submit", "order": "1 OR 1"}
    assert superuser.post(CONFIRM, posted).status_code == 400


def test_nothing_ticked_and_too_many_are_said(superuser: Client) -> None:
    page = superuser.post(CONFIRM, {"action": "submit"}, follow=True)
    assert "Tick the orders first." in text_of(page)
    many = {"action": "refresh", "order": list(range(1, 27))}
    page = superuser.post(CONFIRM, many, follow=True)
    assert "takes 25 orders at a time" in text_of(page)


def test_token_is_asked_for(browser: Browser, supplier: Supplier) -> None:
    order = make_order(supplier)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser("buyer", "Buyer").cookies

    posted = {"action": "submit", "order": f"{order.pk}:1"}
    assert strict.post(RUN, posted).status_code == 403

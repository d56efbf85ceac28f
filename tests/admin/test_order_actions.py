from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from procurement.orders.actions import all_actions
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import change_order, submit_order
from procurement.orders.states import Approval, Sending
from procurement.suppliers.models import Supplier
from procurement.transmissions.models import Transmission
from tests.admin.conftest import Browser, member
from tests.admin.pages import action_page, order_page, said, text_of
from tests.factories import (
    line,
    make_approved_order,
    make_order,
    make_queued_order,
    make_supplier,
    make_user,
)
from tests.fakes import FakeVendor
from tests.sending import transmit
from vendors.errors import Kind, NotSent, OutcomeUnknown

NAMES = [action.name for action in all_actions()]
ASKING = {"refresh", "check_lines"}
AMONG_US = {"comment", "assign"}
BY_HAND = {"confirm", "ship", "receive", "invoice", "record_cancellation"}


def pending(supplier: Supplier | None = None) -> PurchaseOrder:
    order = make_order(supplier)
    return submit_order(order_id=order.pk, actor=order.buyer)


def snapshot() -> list[tuple[object, ...]]:
    return list(
        PurchaseOrder.objects.values_list(
            "pk", "version", "approval", "transmission", "fulfilment"
        )
    )


@pytest.mark.parametrize("name", NAMES)
def test_reader_may_do_nothing(browser: Browser, name: str) -> None:
    order = make_order()
    reader = browser("reader", "Auditor")

    assert reader.get(action_page(order, name)).status_code == 403
    assert reader.post(action_page(order, name)).status_code == 403


@pytest.mark.parametrize("name", NAMES)
def test_member_without_a_role_sees_nothing(browser: Browser, name: str) -> None:
    order = make_order()
    nobody = browser("nobody")

    assert nobody.get(order_page(order)).status_code == 403
    assert nobody.post(action_page(order, name)).status_code == 403


@pytest.mark.parametrize("name", NAMES)
def test_get_never_acts(superuser: Client, name: str) -> None:
    supplier = make_supplier()
    orders = [
        make_order(supplier),
        pending(supplier),
        make_approved_order(supplier),
    ]
    before = snapshot()

    for order in orders:
        assert superuser.get(action_page(order, name)).status_code == 200

    assert snapshot() == before
    assert not Transmission.objects.exists()


@pytest.mark.parametrize("name", NAMES)
def test_post_without_the_token_is_refused(browser: Browser, name: str) -> None:
    order = pending()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(member("buyer", "Buyer", "Approver", "Operator"))

    assert strict.post(action_page(order, name)).status_code == 403


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        (
            "Buyer",
            {"submit", "send", "cancel", "take_prices", *ASKING, *BY_HAND, *AMONG_US},
        ),
        ("Approver", {"approve", "return", "reject", "forward", "comment", *ASKING}),
        (
            "Operator",
            {
                *("send", "cancel", "resolve", "dismiss", "look_up", "try_now"),
                *(*ASKING, *BY_HAND, *AMONG_US),
            },
        ),
        ("Auditor", set()),
    ],
)
def test_buttons_are_those_of_the_role(
    browser: Browser, role: str, offered: set[str]
) -> None:
    page = browser("somebody", role).get(order_page(make_order()))

    assert {button.action.name for button in page.context["buttons"]} == offered


def test_disabled_button_says_why(browser: Browser) -> None:
    page = text_of(browser("approver", "Approver").get(order_page(make_order())))

    assert "disabled" in page
    assert "Does not wait for approval: draft." in page


def test_submit_takes_one_click(browser: Browser) -> None:
    order = make_order()

    answer = browser("buyer", "Buyer").post(action_page(order, "submit"), follow=True)

    order.refresh_from_db()
    assert order.approval == Approval.PENDING
    assert "It is now: To approve." in said(answer)


def test_second_click_is_refused_in_words(browser: Browser) -> None:
    order = pending()

    answer = browser("buyer", "Buyer").post(action_page(order, "submit"), follow=True)

    assert "is not a draft" in said(answer)


def test_approve_shows_what_is_approved_and_names_the_next(browser: Browser) -> None:
    following = pending()
    order = pending(following.supplier)
    approver = browser("approver", "Approver")

    page = approver.get(action_page(order, "approve"))
    assert "249.00" in text_of(page)
    version = page.context["form"]["version"].value()
    answer = approver.post(
        action_page(order, "approve"),
        {"version": version, "comment": "Fine."},
        follow=True,
    )

    order.refresh_from_db()
    assert order.approval == Approval.APPROVED
    assert order.decisions.get().comment == "Fine."
    assert f"Next to approve: {following.number}" in said(answer)


def test_approve_without_the_version_seen_is_refused(browser: Browser) -> None:
    order = pending()

    answer = browser("approver", "Approver").post(action_page(order, "approve"))

    assert answer.status_code == 200
    order.refresh_from_db()
    assert order.approval == Approval.PENDING


def test_approval_of_another_total_than_the_one_seen_is_refused(
    browser: Browser,
) -> None:
    order = pending()
    approver = browser("approver", "Approver")
    seen = (
        approver.get(action_page(order, "approve")).context["form"]["version"].value()
    )
    buyer = order.buyer
    change_order(
        order_id=order.pk, actor=buyer, data={"lines": [line(quantity=Decimal(600))]}
    )
    submit_order(order_id=order.pk, actor=buyer)

    answer = approver.post(
        action_page(order, "approve"), {"version": seen}, follow=True
    )

    order.refresh_from_db()
    assert order.approval == Approval.PENDING
    assert "was changed while you were looking" in said(answer)


def test_own_order_is_not_approved(browser: Browser) -> None:
    order = pending()
    both = browser("buyer", "Buyer", "Approver")

    page = both.get(order_page(order))
    assert "your own order" in text_of(page)
    both.post(action_page(order, "approve"), {"version": order.version})

    order.refresh_from_db()
    assert order.approval == Approval.PENDING


def test_sending_back_needs_a_reason_at_its_field(browser: Browser) -> None:
    order = pending()
    approver = browser("approver", "Approver")

    answer = approver.post(action_page(order, "return"), {"comment": ""})
    assert "comment" in answer.context["form"].errors
    answer = approver.post(action_page(order, "return"), {"comment": "   "})
    assert answer.context["form"].errors

    order.refresh_from_db()
    assert order.approval == Approval.PENDING


def test_send_asks_first_and_then_queues(browser: Browser) -> None:
    order = make_approved_order()
    buyer = browser("buyer", "Buyer")

    page = text_of(buyer.get(action_page(order, "send")))
    assert order.supplier.name in page
    assert "Test" in page
    buyer.post(action_page(order, "send"))

    order.refresh_from_db()
    assert order.transmission == Sending.QUEUED
    assert Transmission.objects.get().subject == order.number


def test_real_purchase_is_called_one(browser: Browser) -> None:
    order = make_approved_order()
    PurchaseOrder.objects.filter(pk=order.pk).update(is_test=False)

    page = text_of(browser("buyer", "Buyer").get(action_page(order, "send")))

    assert "This is a real purchase." in page


def test_goods_are_counted_in_beside_their_lines(
    browser: Browser, fake_vendor: FakeVendor
) -> None:
    order, asked = make_queued_order()
    transmit(transmission_id=asked.pk)
    buyer = browser("buyer", "Buyer")
    address = action_page(order, "receive")

    assert "of 6 to come" in text_of(buyer.get(address))
    answer = buyer.post(address, {"quantities.1": "-2"})
    assert "Give a quantity of 0 or more." in text_of(answer)
    answer = buyer.post(address, {})
    assert "Enter what came in" in text_of(answer)
    buyer.post(address, {"quantities.1": "2.5", "note": "DN-55"})

    assert order.lines.get().quantity_received == Decimal("2.5")
    page = text_of(buyer.get(order_page(order)))
    assert "DN-55" in page
    assert "2.5 × SKU-4410" in page


def test_unknown_outcome_is_settled_with_evidence(
    browser: Browser, silent_vendor: FakeVendor
) -> None:
    silent_vendor.answers = [OutcomeUnknown("No answer.", kind=Kind.TIMEOUT)]
    order, asked = make_queued_order(make_supplier("eet"))
    transmit(transmission_id=asked.pk)
    operator = browser("operator", "Operator")
    address = action_page(order, "resolve")

    assert (
        "evidence"
        in operator.post(address, {"outcome": "placed"}).context["form"].errors
    )
    operator.post(address, {"outcome": "placed", "evidence": "Called Eva."})

    order.refresh_from_db()
    assert order.transmission == Sending.SENT


def test_timeline_shows_attempts_and_links_what_was_said(
    browser: Browser, fake_vendor: FakeVendor
) -> None:
    fake_vendor.answers = [NotSent("No connection.", kind=Kind.CONNECTION)]
    order, asked = make_queued_order()
    transmit(transmission_id=asked.pk)
    talk = asked.attempts.get().conversation

    page = text_of(browser("buyer", "Buyer").get(order_page(order)))
    assert f"/admin/suppliers/exchange/talk/{talk}/" in page
    assert "Not sent, is tried again" in page
    reader = browser("no-exchanges")
    reader_user = member("no-exchanges")
    make_user(reader_user.username, "view_purchaseorder")
    page = text_of(reader.get(order_page(order)))
    assert "/exchange/talk/" not in page


def test_refresh_says_what_the_supplier_does(
    browser: Browser, fake_vendor: FakeVendor
) -> None:
    order, asked = make_queued_order()
    transmit(transmission_id=asked.pk)
    order.refresh_from_db()
    fake_vendor.orders[order.supplier_order_number] = NotSent(  # type: ignore[assignment]
        "The supplier is down.", kind=Kind.CONNECTION
    )

    answer = browser("buyer", "Buyer").post(action_page(order, "refresh"), follow=True)

    assert "The supplier is down." in said(answer)


def test_unknown_action_is_not_found(superuser: Client) -> None:
    assert superuser.post(action_page(make_order(), "explode")).status_code == 404


def test_page_costs_the_same_whatever_the_order_holds(
    browser: Browser, fake_vendor: FakeVendor
) -> None:
    supplier = make_supplier()
    buyer = browser("buyer", "Buyer")
    costs = []
    for lines in (1, 30):
        order, asked = make_queued_order(
            supplier, lines=[line(f"SKU-{number}") for number in range(lines)]
        )
        transmit(transmission_id=asked.pk)
        for number in range(lines):
            buyer.post(action_page(order, "receive"), {f"quantities.{number + 1}": "1"})
        with CaptureQueriesContext(connection) as queries:
            buyer.get(order_page(order))
        costs.append(len(queries))

    assert costs[0] == costs[1]

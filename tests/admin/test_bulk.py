from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from procurement.orders.models import (
    OrderEvent,
    PurchaseOrder,
    PurchaseOrderQuerySet,
)
from procurement.orders.operations import change_order, submit_order
from procurement.orders.states import Approval, Sending
from procurement.runs.models import Run
from procurement.runs.working import work_off
from procurement.suppliers.models import Supplier
from tests.admin.conftest import Browser, member
from tests.admin.pages import ORDERS, text_of
from tests.factories import (
    line,
    make_approved_order,
    make_order,
    make_queued_order,
    make_supplier,
)
from tests.fakes import FakeVendor
from tests.sending import transmit
from vendors.contracts import Fulfilment, VendorOrder

CONFIRM, RUN = f"{ORDERS}bulk/", f"{ORDERS}bulk/run/"


def pending(supplier: Supplier) -> PurchaseOrder:
    order = make_order(supplier)
    return submit_order(order_id=order.pk, actor=order.buyer)


def look(client: Client, action: str, *orders: PurchaseOrder) -> Any:
    """The page that asks once more."""
    return client.post(
        CONFIRM, {"action": action, "order": [order.pk for order in orders]}
    )


def confirm(client: Client, action: str, *orders: PurchaseOrder) -> dict[str, Any]:
    """Tick orders, and return what the page that asks once more would post."""
    return form_of(look(client, action, *orders))


def form_of(page: Any) -> dict[str, Any]:
    names = ("token", "chosen", "left_out")
    return {
        "action": page.context["action"].name,
        **{name: page.context[name] for name in names},
    }


def outcome(client: Client, posted: dict[str, Any]) -> dict[str, list[str]]:
    """The labels of the groups on the page of the run, each with its orders."""
    page = client.post(RUN, posted, follow=True)
    return {
        group.label: [item.label for item, _ in group.items]
        for group in page.context["groups"]
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
        "Skipped": [other.number, unable.number],
        "Done": [able.number],
    }
    page = text_of(buyer.get(Run.objects.get().url))
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

    page = look(buyer, "send", *orders, unable)

    context = page.context
    assert [amount.replace("\xa0", " ") for amount in context["totals"]] == [
        "249.00 SEK"
    ]
    assert context["suppliers"] == [(supplier.name, 1)]
    assert (context["lives"], context["tests"]) == (1, 0)
    assert "1 of these is a real purchase" in text_of(page)
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

    posted = {"action": "approve", "chosen": str(order.pk), "token": "t"}
    found = outcome(browser("approver", "Approver"), posted)

    assert found == {"Skipped": [order.number]}


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

    assert buyer.get(Run.objects.get().url).status_code == 200
    assert order.events.count() == events


def test_get_never_acts(browser: Browser, supplier: Supplier) -> None:
    order = make_order(supplier)
    buyer = browser("buyer", "Buyer")
    query = {"action": "submit", "chosen": f"{order.pk}:1", "token": "t"}

    assert buyer.get(CONFIRM, query).status_code == 404
    assert buyer.get(RUN, query).status_code == 404
    order.refresh_from_db()
    assert order.approval == Approval.DRAFT


@pytest.mark.parametrize("address", [CONFIRM, RUN])
def test_permission_is_asked_on_the_server(
    browser: Browser, supplier: Supplier, address: str
) -> None:
    order = pending(supplier)
    seen = f"{order.pk}:{order.version}"
    posted = {"action": "approve", "order": order.pk, "chosen": seen, "token": "t"}

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
    many = {"action": "refresh", "order": list(range(1, 502))}
    page = superuser.post(CONFIRM, many, follow=True)
    assert "takes 500 orders at a time" in text_of(page)


def test_token_is_asked_for(browser: Browser, supplier: Supplier) -> None:
    order = make_order(supplier)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser("buyer", "Buyer").cookies

    posted = {"action": "submit", "chosen": f"{order.pk}:1", "token": "t"}
    assert strict.post(RUN, posted).status_code == 403


# --- bound to what was seen -------------------------------------------------------


def test_order_that_changed_since_it_was_seen_is_skipped(
    browser: Browser, supplier: Supplier
) -> None:
    order = make_approved_order(supplier)
    buyer = browser("buyer", "Buyer")
    posted = confirm(buyer, "send", order)
    PurchaseOrder.objects.filter(pk=order.pk).update(version=order.version + 1)

    assert outcome(buyer, posted) == {"Skipped": [order.number]}

    order.refresh_from_db()
    assert order.transmission == Sending.NONE
    assert "was changed since you looked at it" in text_of(
        buyer.get(Run.objects.get().url)
    )


def test_real_purchases_are_ticked_before_they_are_sent(
    browser: Browser, supplier: Supplier
) -> None:
    Supplier.objects.update(mode="live")
    order = make_approved_order(Supplier.objects.get(), is_test=False)
    buyer = browser("buyer", "Buyer")
    page = look(buyer, "send", order)
    assert [each.reason for each in page.context["candidates"]] == [""]
    assert 'name="real"' in text_of(page)

    again = buyer.post(RUN, form_of(page))

    assert "nothing was sent yet" in text_of(again)
    assert not Run.objects.exists()
    order.refresh_from_db()
    assert order.transmission == Sending.NONE

    found = outcome(buyer, {**form_of(again), "real": "1"})

    assert found == {"Done": [order.number]}
    order.refresh_from_db()
    assert order.transmission == Sending.QUEUED


def test_tests_need_no_tick(browser: Browser, supplier: Supplier) -> None:
    order = make_approved_order(supplier)
    buyer = browser("buyer", "Buyer")
    page = look(buyer, "send", order)

    assert 'name="real"' not in text_of(page)
    assert outcome(buyer, form_of(page)) == {"Done": [order.number]}


# --- sent twice, seen by the right person -----------------------------------------


def test_double_click_makes_one_run(browser: Browser, supplier: Supplier) -> None:
    order = make_order(supplier)
    buyer = browser("buyer", "Buyer")
    posted = confirm(buyer, "submit", order)

    first, second = buyer.post(RUN, posted), buyer.post(RUN, posted)

    assert first["Location"] == second["Location"] == Run.objects.get().url
    assert order.events.filter(kind="submitted").count() == 1


def test_two_tabs_do_it_once_and_the_second_says_so(
    browser: Browser, supplier: Supplier
) -> None:
    order = make_order(supplier)
    buyer = browser("buyer", "Buyer")
    tabs = [confirm(buyer, "submit", order) for _ in range(2)]

    assert outcome(buyer, tabs[0]) == {"Done": [order.number]}
    assert outcome(buyer, tabs[1]) == {"Skipped": [order.number]}


def test_page_without_its_own_mark_is_refused(
    browser: Browser, supplier: Supplier
) -> None:
    order = make_order(supplier)
    posted = {"action": "submit", "chosen": f"{order.pk}:{order.version}"}

    assert browser("buyer", "Buyer").post(RUN, posted).status_code == 400
    assert not Run.objects.exists()


def test_many_are_sent_back_with_a_comment(
    browser: Browser, supplier: Supplier
) -> None:
    orders = [pending(supplier), pending(supplier)]
    approver = browser("approver", "Approver")
    page = look(approver, "return", *orders)

    nothing_said = approver.post(RUN, form_of(page))
    assert nothing_said.context["form"].errors == {
        "comment": ["This field is required."]
    }
    found = outcome(approver, {**form_of(nothing_said), "comment": "Too dear."})

    assert sorted(found["Done"]) == sorted(order.number for order in orders)
    event = orders[0].events.get(kind="returned")
    assert (event.text, event.actor_name) == ("Too dear.", "approver")


# --- in the background ------------------------------------------------------------


def test_more_than_a_handful_run_in_the_background(
    browser: Browser, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("procurement.orders.admin_bulk.AT_ONCE", 1)
    orders = [make_order(supplier) for _ in range(3)]
    buyer = browser("buyer", "Buyer")

    page = buyer.post(RUN, confirm(buyer, "submit", *orders), follow=True)

    assert "0 of 3: 0 done" in text_of(page)
    run = Run.objects.get()
    assert {order.events.count() for order in orders} == {1}

    assert work_off(run_id=run.pk) == "done"

    events = OrderEvent.objects.filter(kind="submitted")
    assert {event.actor_name for event in events} == {"buyer"}
    assert events.count() == 3
    assert run.asked_by.username == "buyer"


def test_role_taken_away_in_mid_run_stops_it(
    browser: Browser, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("procurement.orders.admin_bulk.AT_ONCE", 1)
    orders = [make_order(supplier) for _ in range(3)]
    buyer = browser("buyer", "Buyer")
    buyer.post(RUN, confirm(buyer, "submit", *orders))
    run = Run.objects.get()
    work_off(run_id=run.pk, seconds=-1)
    run.asked_by.groups.clear()

    assert work_off(run_id=run.pk) == "stopped"

    assert PurchaseOrder.objects.filter(approval=Approval.PENDING).count() == 1
    run.refresh_from_db()
    assert run.text == "buyer may not do this any more."


def test_order_out_of_sight_in_mid_run_is_left_alone(
    browser: Browser, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("procurement.orders.admin_bulk.AT_ONCE", 1)
    orders = [make_order(supplier) for _ in range(2)]
    buyer = browser("buyer", "Buyer")
    buyer.post(RUN, confirm(buyer, "submit", *orders))
    hide(monkeypatch, orders[0])

    work_off(run_id=Run.objects.get().pk)

    orders[0].refresh_from_db()
    assert orders[0].approval == Approval.DRAFT
    orders[1].refresh_from_db()
    assert orders[1].approval == Approval.PENDING


def hide(monkeypatch: pytest.MonkeyPatch, order: PurchaseOrder) -> None:
    monkeypatch.setattr(
        PurchaseOrderQuerySet,
        "visible_to",
        lambda orders, user: orders.exclude(pk=order.pk),
    )


def test_what_may_not_be_seen_is_not_on_the_page(
    browser: Browser, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden, seen = make_order(supplier), make_order(supplier)
    hide(monkeypatch, hidden)
    buyer = browser("buyer", "Buyer")

    page = look(buyer, "submit", hidden, seen)

    assert [each.row.order.pk for each in page.context["candidates"]] == [seen.pk]
    posted = {**form_of(page), "chosen": f"{hidden.pk}:{hidden.version}"}
    assert "Choose what it is to be done to." in text_of(
        buyer.post(RUN, posted, follow=True)
    )
    hidden.refresh_from_db()
    assert hidden.approval == Approval.DRAFT


def test_suppliers_are_asked_outside_of_a_transaction(
    browser: Browser, supplier: Supplier, fake_vendor: FakeVendor
) -> None:
    order, transmission = make_queued_order(supplier)
    transmit(transmission_id=transmission.pk)
    fake_vendor.orders["SO-70012"] = VendorOrder(
        number="SO-70012",
        reference=order.number,
        raw_status="Confirmed",
        fulfilment=Fulfilment.CONFIRMED,
    )
    buyer = browser("buyer", "Buyer")

    buyer.post(RUN, confirm(buyer, "refresh", order))

    run = Run.objects.get()
    assert (run.kind, run.state) == ("order_question", "waiting")
    assert work_off(run_id=run.pk) == "done"
    item = run.items.get()
    assert (item.state, item.text) == ("done", "Now: Confirmed")


# --- all that match ---------------------------------------------------------------


def test_all_that_match_the_filter_are_taken(
    browser: Browser, supplier: Supplier
) -> None:
    drafts = [make_order(supplier) for _ in range(3)]
    pending(supplier)
    make_order(make_supplier(slug="extend-syd"))
    buyer = browser("buyer", "Buyer")
    query = f"headline=draft&supplier={supplier.pk}&p=7"

    page = buyer.post(
        CONFIRM,
        {
            "action": "submit",
            "matching": "1",
            "query": query,
            "order": [drafts[0].pk],
        },
    )

    found = {each.row.order.pk for each in page.context["candidates"]}
    assert found == {order.pk for order in drafts}


def test_all_that_were_searched_for_are_taken(
    browser: Browser, supplier: Supplier
) -> None:
    found = [make_order(supplier, lines=[line("RARE-1")]) for _ in range(2)]
    make_order(supplier)

    page = browser("buyer", "Buyer").post(
        CONFIRM, {"action": "submit", "matching": "1", "query": "q=RARE-1"}
    )

    keys = {each.row.order.pk for each in page.context["candidates"]}
    assert keys == {order.pk for order in found}


def test_more_than_the_bound_are_refused_whole(
    browser: Browser, supplier: Supplier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("procurement.orders.bulk.MOST_ORDERS", 2)
    for _ in range(3):
        make_order(supplier)

    page = browser("buyer", "Buyer").post(
        CONFIRM,
        {"action": "submit", "matching": "1", "query": "headline=draft"},
        follow=True,
    )

    assert "takes 2 orders at a time, and these are more" in text_of(page)
    assert page.request["QUERY_STRING"] == "headline=draft"


def test_confirmation_costs_the_same_for_many(
    browser: Browser, supplier: Supplier
) -> None:
    buyer = browser("buyer", "Buyer")
    costs = []
    for _ in range(2):
        for _ in range(15):
            make_approved_order(supplier)
        with CaptureQueriesContext(connection) as queries:
            buyer.post(CONFIRM, {"action": "send", "matching": "1", "query": ""})
        costs.append(len(queries))
        assert not [q["sql"] for q in queries if '"credentials"' in q["sql"]]

    assert costs[0] == costs[1] <= 16


def test_many_orders_go_to_another_buyer_at_once(
    browser: Browser, supplier: Supplier
) -> None:
    orders = [make_order(supplier), make_approved_order(supplier)]
    carl = member("carl", "Buyer")
    theirs = make_order(supplier, actor=carl)
    buyer = browser("buyer", "Buyer")
    posted = confirm(buyer, "assign", *orders, theirs)

    unsaid = buyer.post(RUN, posted)
    found = outcome(buyer, {**posted, "buyer": "carl", "comment": "Holiday."})

    assert "This field is required" in text_of(unsaid)
    assert found["Done"] == [order.number for order in orders[::-1]]
    assert found["Skipped"] == [theirs.number]
    assert {order.buyer for order in PurchaseOrder.objects.all()} == {carl}


def test_comment_stands_on_every_order_ticked(
    browser: Browser, supplier: Supplier
) -> None:
    orders = [make_order(supplier), make_order(supplier)]
    approver = browser("approver", "Approver")
    posted = confirm(approver, "comment", *orders)

    outcome(approver, {**posted, "comment": "Ask for a better price."})

    for order in orders:
        (event,) = order.events.filter(kind="commented")
        assert (event.actor_name, event.text) == ("approver", "Ask for a better price.")

from django.db import connection
from django.test.utils import CaptureQueriesContext

from procurement.orders.operations import change_order
from procurement.orders.queries import content_hash
from procurement.suppliers.models import Exchange
from procurement.transmissions.models import State, Transmission
from tests.admin.conftest import Browser
from tests.admin.pages import action_page, order_page, text_of
from tests.factories import make_queued_order, make_supplier
from tests.fakes import FakeVendor
from tests.sending import transmit
from vendors.errors import Kind, OutcomeUnknown, Refused

LIST = "/admin/transmissions/transmission/"
EXCHANGES = "/admin/suppliers/exchange/"


def subjects(client: object, query: str) -> list[str]:
    rows = client.get(f"{LIST}{query}").context["cl"].result_list  # type: ignore[attr-defined]
    return [row.subject for row in rows]


def test_queue_says_cause_and_next_step_in_words(
    browser: Browser, fake_vendor: FakeVendor
) -> None:
    fake_vendor.answers = [
        Refused("Item BRK-77 is not known.", vendor_text="404 BRK-77")
    ]
    order, asked = make_queued_order()
    transmit(transmission_id=asked.pk)
    operator = browser("operator", "Operator")

    page = text_of(operator.get(LIST))
    assert "The supplier said no to what was sent" in page
    assert "“404 BRK-77”" in page
    assert "a person changes or sends the order again" in page
    detail = text_of(operator.get(f"{LIST}{asked.pk}/change/"))
    assert "Item BRK-77 is not known." in detail
    assert order.number in detail


def test_needs_a_person_leaves_out_what_goes_on_by_itself(
    browser: Browser, fake_vendor: FakeVendor
) -> None:
    supplier = make_supplier()
    fake_vendor.answers = [
        Refused("No."),
        OutcomeUnknown("No answer.", kind=Kind.TIMEOUT),
        OutcomeUnknown("No answer.", kind=Kind.TIMEOUT),
    ]
    orders = []
    for _ in range(3):
        order, asked = make_queued_order(supplier)
        transmit(transmission_id=asked.pk)
        orders.append(order)
    refused, looked_up, stuck = orders
    Transmission.objects.filter(subject=stuck.number).update(next_look_up_at=None)
    make_queued_order(supplier)
    operator = browser("operator", "Operator")

    assert subjects(operator, "?waits_for=person") == [stuck.number, refused.number]
    assert looked_up.number in subjects(operator, "?waits_for=time")
    assert subjects(operator, "?state=refused") == [refused.number]
    assert subjects(operator, f"?q={stuck.number}") == [stuck.number]


def test_list_costs_the_same_whatever_there_is(
    browser: Browser, fake_vendor: FakeVendor
) -> None:
    supplier = make_supplier()
    operator = browser("operator", "Operator")
    costs = []
    for rows in (1, 6):
        for _ in range(rows):
            _, asked = make_queued_order(supplier)
            transmit(transmission_id=asked.pk)
        for address in (LIST, EXCHANGES):
            with CaptureQueriesContext(connection) as queries:
                operator.get(address)
            costs.append(len(queries))
            assert not [q["sql"] for q in queries if "COUNT(" in q["sql"].upper()]

    assert costs[:2] == costs[2:]


def test_talk_is_shown_whole_and_readable(
    browser: Browser, fake_vendor: FakeVendor
) -> None:
    order, asked = make_queued_order()
    transmit(transmission_id=asked.pk)
    Exchange.objects.update(
        response_body='{"price":41.50,"big":12345678901234567890,"name":"Umeå"}'
    )
    talk = asked.attempts.get().conversation

    page = text_of(browser("buyer", "Buyer").get(f"{EXCHANGES}talk/{talk}/"))

    assert "&quot;price&quot;: 41.50," in page
    assert "12345678901234567890" in page
    assert "Umeå" in page


def test_talk_needs_its_permission(browser: Browser, fake_vendor: FakeVendor) -> None:
    _, asked = make_queued_order()
    transmit(transmission_id=asked.pk)
    nobody = browser("nobody")
    exchange = Exchange.objects.get()

    for address in (
        EXCHANGES,
        f"{EXCHANGES}{exchange.pk}/change/",
        f"{EXCHANGES}talk/{exchange.conversation}/",
    ):
        assert nobody.get(address).status_code == 403
    reader = browser("auditor", "Auditor")
    missing = f"{EXCHANGES}talk/00000000-0000-4000-8000-000000000000/"
    assert reader.get(missing).status_code == 404


def test_changed_order_is_sent_again_from_its_page(
    browser: Browser, fake_vendor: FakeVendor
) -> None:
    fake_vendor.answers = [Refused("No.")]
    order, asked = make_queued_order()
    transmit(transmission_id=asked.pk)
    buyer = browser("buyer", "Buyer")
    assert "Change what it objects to" in text_of(buyer.get(order_page(order)))
    before = content_hash(order)
    change_order(order_id=order.pk, actor=order.buyer, data={"note": "Other."})
    order.refresh_from_db()
    assert content_hash(order) != before
    buyer.post(action_page(order, "submit"))
    approver = browser("approver", "Approver")
    order.refresh_from_db()
    approver.post(action_page(order, "approve"), {"version": order.version})
    buyer.post(action_page(order, "send"))

    states = list(Transmission.objects.order_by("pk").values_list("state", flat=True))
    assert states == [State.REFUSED, State.QUEUED]
    assert subjects(browser("operator", "Operator"), "?waits_for=person") == []

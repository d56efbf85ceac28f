from datetime import timedelta
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from procurement.errors import OperationNotAllowed
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.suppliers.models import Exchange, Supplier, SupplierHealth
from procurement.transmissions import (
    errands,
    looking_up,
    moves,
    recording,
    sweeping,
)
from procurement.transmissions.models import Attempt, Outcome, State, Transmission
from procurement.transmissions.operations import settle_unknown
from tests.conftest import use_fake
from tests.factories import make_queued_order, make_supplier, make_user
from tests.fakes import FakeVendor
from tests.sending import transmit
from vendors.contracts import Accepted, Fulfilment, VendorOrder
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused

pytestmark = pytest.mark.django_db


def reload(*rows: Any) -> None:
    for row in rows:
        row.refresh_from_db()


def kinds(order: PurchaseOrder) -> list[str]:
    return list(order.events.values_list("kind", flat=True))


def found(number: str = "SO-1", **changes: Any) -> VendorOrder:
    return VendorOrder(
        number=number,
        reference="PO",
        raw_status="Incoming",
        fulfilment=Fulfilment.CONFIRMED,
        **changes,
    )


def test_accepted_order_carries_the_suppliers_number(fake_vendor: FakeVendor) -> None:
    order, transmission = make_queued_order()

    transmit(transmission_id=transmission.pk)

    reload(order, transmission)
    assert (order.transmission, order.supplier_order_number) == ("sent", "SO-70012")
    assert order.status == "sent"
    assert transmission.state == State.SENT
    assert kinds(order)[-2:] == ["sending", "sent"]
    assert [request.reference for request in fake_vendor.books] == [order.number]


def test_attempt_is_written_before_the_vendor_is_called(
    fake_vendor: FakeVendor,
) -> None:
    order, transmission = make_queued_order()
    seen: list[Attempt] = []
    fake_vendor.on_place = lambda request: seen.extend(transmission.attempts.all())

    transmit(transmission_id=transmission.pk)

    (attempt,) = seen
    assert attempt.outcome == Outcome.RUNNING
    assert attempt.reference == order.number
    assert attempt.request["lines"][0]["quantity"] == "6"
    assert attempt.request["lines"][0]["unit_price"] == "41.5"


def test_exchanges_are_kept_with_the_attempt(fake_vendor: FakeVendor) -> None:
    _, transmission = make_queued_order()

    transmit(transmission_id=transmission.pk)

    attempt = transmission.attempts.get()
    assert [exchange.purpose for exchange in attempt.exchanges] == ["place_order"]


def test_second_run_of_the_same_task_sends_nothing(fake_vendor: FakeVendor) -> None:
    _, transmission = make_queued_order()

    for _ in range(3):
        transmit(transmission_id=transmission.pk)

    assert len(fake_vendor.books) == 1


def test_number_may_be_missing(fake_vendor: FakeVendor) -> None:
    order, transmission = make_queued_order()
    fake_vendor.answers = [Accepted(number=None)]

    transmit(transmission_id=transmission.pk)

    reload(order)
    assert (order.transmission, order.supplier_order_number) == ("sent", "")


def test_refusal_waits_for_a_person(fake_vendor: FakeVendor) -> None:
    order, transmission = make_queued_order()
    fake_vendor.answers = [Refused("No such product.", vendor_text="Unknown SKU")]

    transmit(transmission_id=transmission.pk)
    sweeping.sweep()
    transmit(transmission_id=transmission.pk)

    reload(order, transmission)
    assert order.transmission == "refused"
    assert order.status == "needs_attention"
    assert order.attention == "No such product."
    assert order.events.last().data == {"vendor_text": "Unknown SKU"}
    assert len(fake_vendor.books) == 1


def test_not_sent_is_tried_again_later_with_the_same_reference(
    fake_vendor: FakeVendor, settings: Any
) -> None:
    settings.RETRY_WAITS = [10, 100]
    order, transmission = make_queued_order()
    fake_vendor.answers = [NotSent("Connection refused.", kind=Kind.CONNECTION)]

    transmit(transmission_id=transmission.pk)
    reload(order, transmission)
    wait = transmission.next_attempt_at - timezone.now()
    assert order.transmission == "queued"
    assert timedelta(seconds=7) < wait < timedelta(seconds=13)

    transmit(transmission_id=transmission.pk)
    assert len(fake_vendor.books) == 1, "not due yet"

    Transmission.objects.update(next_attempt_at=timezone.now())
    transmit(transmission_id=transmission.pk)
    reload(order)
    assert order.transmission == "sent"
    assert len({request.reference for request in fake_vendor.books}) == 1


def test_wait_is_at_least_what_the_vendor_asks_for(fake_vendor: FakeVendor) -> None:
    _, transmission = make_queued_order()
    fake_vendor.answers = [
        NotSent("Too many calls.", kind=Kind.THROTTLED, retry_after=90)
    ]

    transmit(transmission_id=transmission.pk)

    reload(transmission)
    wait = transmission.next_attempt_at - timezone.now()
    assert timedelta(seconds=88) < wait <= timedelta(seconds=90)


def test_given_up_after_the_last_try(fake_vendor: FakeVendor, settings: Any) -> None:
    settings.MAX_ATTEMPTS = 2
    settings.RETRY_WAITS = [0]
    order, transmission = make_queued_order()
    refused = NotSent("Connection refused.", kind=Kind.CONNECTION)
    fake_vendor.answers = [refused, refused]

    transmit(transmission_id=transmission.pk)
    transmit(transmission_id=transmission.pk)

    reload(order, transmission)
    assert (transmission.state, order.transmission) == (State.FAILED, "failed")
    assert order.status == "needs_attention"


def test_being_throttled_does_not_use_the_tries_up(
    fake_vendor: FakeVendor, settings: Any
) -> None:
    settings.MAX_ATTEMPTS = 2
    settings.RETRY_WAITS = [0]
    order, transmission = make_queued_order()
    throttled = NotSent("Too many calls.", kind=Kind.THROTTLED, status=429)
    fake_vendor.answers = [throttled] * 5

    for _ in range(6):
        SupplierHealth.objects.update(throttled_until=None)
        transmit(transmission_id=transmission.pk)

    reload(order)
    assert (order.transmission, transmission.attempts.count()) == ("sent", 6)


def test_throttled_for_a_day_it_is_given_up(fake_vendor: FakeVendor) -> None:
    order, transmission = make_queued_order()
    long_ago = timezone.now() - timedelta(hours=25)
    Transmission.objects.update(created_at=long_ago)
    fake_vendor.answers = [NotSent("Too many calls.", kind=Kind.THROTTLED)]

    transmit(transmission_id=transmission.pk)

    reload(order)
    assert order.transmission == "failed"


def test_unknown_is_never_sent_again_by_itself(fake_vendor: FakeVendor) -> None:
    order, transmission = make_queued_order()
    fake_vendor.answers = [OutcomeUnknown("No answer.", kind=Kind.TIMEOUT)]

    transmit(transmission_id=transmission.pk)
    Transmission.objects.update(next_attempt_at=timezone.now() - timedelta(days=9))
    for _ in range(3):
        sweeping.sweep()
        transmit(transmission_id=transmission.pk)

    reload(order, transmission)
    assert transmission.state == State.UNKNOWN
    assert order.status == "needs_attention"
    assert len(fake_vendor.books) == 1


def test_bug_after_writing_is_unknown(fake_vendor: FakeVendor) -> None:
    _, transmission = make_queued_order()
    fake_vendor.answers = [KeyError("orderHeader")]

    transmit(transmission_id=transmission.pk)

    reload(transmission)
    assert (transmission.state, transmission.kind) == (State.UNKNOWN, "bug")


def test_bug_before_writing_is_proven_not_sent(
    fake_vendor: FakeVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, transmission = make_queued_order()

    def break_off(*args: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr("procurement.orders.sending.PlaceOrder.perform", break_off)

    transmit(transmission_id=transmission.pk)

    reload(transmission)
    assert (transmission.state, transmission.kind) == (State.FAILED, "bug")
    assert fake_vendor.books == []


def test_answer_is_recorded_though_the_database_was_away_for_a_moment(
    fake_vendor: FakeVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, transmission = make_queued_order()
    accept, troubles = moves.accept, [OperationalError("gone"), InterfaceError("gone")]

    def accept_later(*args: Any) -> None:
        accept(*args)
        if troubles:
            raise troubles.pop()

    monkeypatch.setattr(moves, "accept", accept_later)
    monkeypatch.setattr(recording, "RECORDING_WAITS", (0, 0))
    # A test's connection is its transaction; closing it would end the test.
    monkeypatch.setattr(recording.connection, "close", lambda: None)

    transmit(transmission_id=transmission.pk)

    reload(order)
    assert (order.status, order.supplier_order_number) == ("sent", "SO-70012")
    assert transmission.attempts.get().exchanges.count() == 1
    assert len(fake_vendor.books) == 1


# --- looking up -------------------------------------------------------------------


def make_unknown(fake: FakeVendor) -> tuple[PurchaseOrder, Transmission]:
    order, transmission = make_queued_order()
    fake.answers = [OutcomeUnknown("No answer.", kind=Kind.TIMEOUT)]
    transmit(transmission_id=transmission.pk)
    reload(order, transmission)
    return order, transmission


def test_found_once_is_adopted(fake_vendor: FakeVendor) -> None:
    order, transmission = make_unknown(fake_vendor)
    fake_vendor.found = [(found("SO-88"),)]

    looking_up.look_up(transmission_id=transmission.pk)

    reload(order, transmission)
    assert (order.transmission, order.supplier_order_number) == ("sent", "SO-88")
    assert order.attention == ""
    assert len(fake_vendor.books) == 1


def test_look_up_is_told_what_was_sent_and_what_was_there_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake = use_fake(monkeypatch, FakeVendor(before={"numbers": ["SO-1"]}))
    order, transmission = make_unknown(fake)

    looking_up.look_up(transmission_id=transmission.pk)

    [sought] = fake.sought
    assert sought.before == {"numbers": ["SO-1"]}
    assert sought.reference == order.number
    assert [line.item_number for line in sought.order.lines] == ["SKU-4410"]
    assert sought.sent_at == transmission.attempts.get().started_at


def test_what_is_compared_with_later_is_kept_before_the_order_goes_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fake = use_fake(monkeypatch, FakeVendor(before={"numbers": []}))
    seen: list[Any] = []
    fake.on_place = lambda order: seen.append(Attempt.objects.get().before)

    _, transmission = make_queued_order()
    transmit(transmission_id=transmission.pk)

    assert seen == [{"numbers": []}]


@pytest.mark.parametrize(
    "trouble",
    [
        NotSent("No connection.", kind=Kind.CONNECTION),
        Refused("The list was refused.", kind=Kind.DATA),
    ],
)
def test_order_does_not_go_out_without_what_a_look_up_needs(
    monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    fake = use_fake(monkeypatch, FakeVendor(before=trouble))
    order, transmission = make_queued_order()

    transmit(transmission_id=transmission.pk)

    reload(order, transmission)
    assert fake.books == []
    assert (transmission.state, order.transmission) == (State.QUEUED, "queued")
    assert transmission.text == str(trouble)


def test_order_recognised_by_its_goods_is_told_as_such(fake_vendor: FakeVendor) -> None:
    order, transmission = make_unknown(fake_vendor)
    why = "It was not there before and holds the same goods."
    fake_vendor.found = [(found("SO-88", found_by=why),)]

    looking_up.look_up(transmission_id=transmission.pk)

    reload(order)
    assert order.supplier_order_number == "SO-88"
    assert order.events.last().text == f"{why} Its number there is SO-88."


def test_order_that_is_ours_already_is_not_taken_for_one_that_looks_alike(
    fake_vendor: FakeVendor,
) -> None:
    supplier = make_supplier()
    first, carried = make_queued_order(supplier)
    fake_vendor.answers = [Accepted(number="SO-1")]
    transmit(transmission_id=carried.pk)
    second, lost = make_queued_order(supplier)
    fake_vendor.answers = [OutcomeUnknown("No answer.", kind=Kind.TIMEOUT)]
    transmit(transmission_id=lost.pk)
    fake_vendor.found = [(found("SO-1", found_by="The same goods."),)]

    looking_up.look_up(transmission_id=lost.pk)

    reload(second)
    assert second.transmission == "unknown"
    assert fake_vendor.sought[0].taken_numbers == {"SO-1"}


def test_found_twice_is_an_alarm(fake_vendor: FakeVendor) -> None:
    order, transmission = make_unknown(fake_vendor)
    fake_vendor.found = [(found("SO-1"), found("SO-2"))]

    looking_up.look_up(transmission_id=transmission.pk)

    reload(order, transmission)
    assert transmission.state == State.UNKNOWN
    assert transmission.next_look_up_at is None
    assert "2 times: SO-1, SO-2" in order.attention


def test_absent_is_looked_up_again_and_then_shown_to_a_person(
    fake_vendor: FakeVendor, settings: Any
) -> None:
    settings.LOOK_UP_WAITS = [60, 300]
    order, transmission = make_unknown(fake_vendor)

    looking_up.look_up(transmission_id=transmission.pk)
    reload(transmission)
    wait = transmission.next_look_up_at - timezone.now()
    assert timedelta(seconds=290) < wait <= timedelta(seconds=300)

    looking_up.look_up(transmission_id=transmission.pk)
    reload(order, transmission)
    assert transmission.next_look_up_at is None
    assert transmission.state == State.UNKNOWN, "absence is not proof for a program"
    assert "a person has to decide" in order.attention


def test_look_up_that_fails_changes_nothing_but_the_clock(
    fake_vendor: FakeVendor,
) -> None:
    order, transmission = make_unknown(fake_vendor)
    fake_vendor.found = [NotSent("Connection refused.", kind=Kind.CONNECTION)]

    looking_up.look_up(transmission_id=transmission.pk)

    reload(order, transmission)
    assert transmission.state == State.UNKNOWN
    assert transmission.next_look_up_at is not None
    assert order.events.last().kind == "looked_up"


def test_vendor_that_cant_be_asked_leaves_it_to_a_person(
    silent_vendor: FakeVendor,
) -> None:
    order, transmission = make_queued_order(make_supplier("eet"))
    silent_vendor.answers = [OutcomeUnknown("Cut.", kind=Kind.CUT)]

    transmit(transmission_id=transmission.pk)

    reload(order, transmission)
    assert transmission.next_look_up_at is None
    assert "a person has to find out" in order.attention


# --- settling by hand -------------------------------------------------------------


def test_released_order_may_be_sent_again(fake_vendor: FakeVendor) -> None:
    from procurement.orders.operations import send_order

    order, transmission = make_unknown(fake_vendor)
    settle_unknown(
        transmission_id=transmission.pk,
        actor=make_user("operator"),
        has_landed=False,
        evidence="Called them; nothing there.",
    )
    reload(order)
    assert (order.transmission, order.status) == ("none", "approved")

    again = send_order(order_id=order.pk, actor=order.buyer)
    transmit(transmission_id=again.pk)

    assert again.reference == transmission.reference
    assert len(fake_vendor.books) == 2


def test_settling_takes_evidence_and_something_unknown(
    fake_vendor: FakeVendor,
) -> None:
    _, transmission = make_unknown(fake_vendor)
    operator = make_user("operator")

    def settle(evidence: str) -> Transmission:
        return settle_unknown(
            transmission_id=transmission.pk,
            actor=operator,
            has_landed=False,
            evidence=evidence,
        )

    with pytest.raises(OperationNotAllowed, match="Say how it was found out"):
        settle("  ")
    settle("Called them; nothing there.")
    with pytest.raises(OperationNotAllowed, match="not unknown any more"):
        settle("Called them again.")


def test_answer_that_comes_after_the_sweeper_still_counts(
    fake_vendor: FakeVendor,
) -> None:
    order, transmission = make_queued_order()

    def worker_is_slow(request: Any) -> None:
        Transmission.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        sweeping.sweep()
        reload(transmission)
        assert transmission.state == State.UNKNOWN

    fake_vendor.on_place = worker_is_slow

    transmit(transmission_id=transmission.pk)

    reload(order, transmission)
    assert (order.transmission, transmission.state) == ("sent", State.SENT)
    assert order.attention == ""


def test_late_proof_that_nothing_was_sent_still_counts(
    silent_vendor: FakeVendor,
) -> None:
    order, transmission = make_queued_order(make_supplier("eet"))

    def worker_is_slow(request: Any) -> None:
        Transmission.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        sweeping.sweep()

    silent_vendor.on_place = worker_is_slow
    silent_vendor.answers = [NotSent("Too many calls.", kind=Kind.THROTTLED)]

    transmit(transmission_id=transmission.pk)

    reload(order, transmission)
    assert (order.transmission, transmission.state) == ("queued", State.QUEUED)
    assert order.attention == "", "nobody has to find out any more"


def test_answer_that_comes_after_a_person_released_it_is_an_alarm(
    fake_vendor: FakeVendor,
) -> None:
    order, transmission = make_queued_order()

    def person_is_faster(request: Any) -> None:
        Transmission.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        sweeping.sweep()
        settle_unknown(
            transmission_id=transmission.pk,
            actor=make_user("operator"),
            has_landed=False,
            evidence="Not there.",
        )

    fake_vendor.on_place = person_is_faster

    transmit(transmission_id=transmission.pk)

    reload(order, transmission)
    assert transmission.state == State.RELEASED
    assert "Compare with the supplier" in order.attention


# --- sweeping ---------------------------------------------------------------------


def test_claim_that_nobody_finished_becomes_unknown_never_queued(
    fake_vendor: FakeVendor,
) -> None:
    order, transmission = make_queued_order()

    def die(request: Any) -> None:
        raise SystemExit

    fake_vendor.on_place = die
    with pytest.raises(SystemExit):
        transmit(transmission_id=transmission.pk)
    sweeping.sweep()
    reload(transmission)
    assert transmission.state == State.SENDING, "the lease has not run out"

    Transmission.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    sweeping.sweep()

    reload(order, transmission)
    assert transmission.state == State.UNKNOWN
    assert transmission.attempts.get().outcome == Outcome.UNKNOWN
    assert order.transmission == "unknown"


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """One entry for each time the carriers were woken by the sweep."""
    calls: list[bool] = []
    monkeypatch.setattr(sweeping, "wake_carriers", lambda: calls.append(True))
    monkeypatch.setattr(errands, "_sources", {})
    return calls


def test_carriers_are_woken_for_what_is_due_and_not_for_what_is_not(
    fake_vendor: FakeVendor, woken: list[bool]
) -> None:
    _, transmission = make_queued_order()
    in_a_while = timezone.now() + timedelta(minutes=5)
    Transmission.objects.update(next_attempt_at=in_a_while)
    sweeping.sweep()
    assert woken == []

    Transmission.objects.update(next_attempt_at=timezone.now())
    sweeping.sweep()
    assert woken == [True]


def test_paused_supplier_holds_the_queue_and_drains_it_later(
    fake_vendor: FakeVendor, woken: list[bool]
) -> None:
    _, transmission = make_queued_order()
    Supplier.objects.update(is_paused=True)

    transmit(transmission_id=transmission.pk)
    sweeping.sweep()
    assert (fake_vendor.books, woken) == ([], [])

    Supplier.objects.update(is_paused=False)
    sweeping.sweep()
    transmit(transmission_id=transmission.pk)
    assert woken == [True]
    assert len(fake_vendor.books) == 1


def test_refused_credentials_hold_every_order_of_the_supplier(
    fake_vendor: FakeVendor,
) -> None:
    supplier = make_supplier()
    _, first = make_queued_order(supplier)
    _, second = make_queued_order(supplier)
    fake_vendor.answers = [NotSent("Login refused.", kind=Kind.CREDENTIALS)]

    transmit(transmission_id=first.pk)
    transmit(transmission_id=second.pk)

    assert len(fake_vendor.books) == 1, "no second try with the same password"


def test_worker_that_stood_still_beyond_its_claim_sends_nothing_any_more(
    monkeypatch: pytest.MonkeyPatch, fake_vendor: FakeVendor
) -> None:
    from procurement.orders.sending import PlaceOrder

    order, transmission = make_queued_order()
    perform = PlaceOrder.perform

    def stands_still(self: Any, client: Any, carried: Transmission) -> Accepted:
        Transmission.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        carried.lease_until = timezone.now() - timedelta(seconds=1)
        sweeping.sweep()
        settle_unknown(
            transmission_id=transmission.pk,
            actor=make_user("operator"),
            has_landed=False,
            evidence="Not there.",
        )
        return perform(self, client, carried)

    monkeypatch.setattr(PlaceOrder, "perform", stands_still)

    transmit(transmission_id=transmission.pk)

    reload(transmission)
    assert fake_vendor.books == []
    assert transmission.state == State.RELEASED, "a person may send it again"
    assert transmission.attempts.get().outcome == Outcome.NOT_SENT


def test_database_that_is_away_before_anything_left_is_proven_not_sent(
    fake_vendor: FakeVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, transmission = make_queued_order()

    def no_token(*args: Any) -> Any:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr("procurement.orders.sending.PlaceOrder.perform", no_token)

    transmit(transmission_id=transmission.pk)

    reload(order, transmission)
    assert (transmission.state, transmission.kind) == (State.QUEUED, "connection")
    assert fake_vendor.books == []


# --- approval at the last moment --------------------------------------------------


def test_change_behind_every_operation_is_noticed_at_the_claim(
    fake_vendor: FakeVendor,
) -> None:
    order, transmission = make_queued_order()
    OrderLine.objects.filter(order=order).update(quantity=600)

    transmit(transmission_id=transmission.pk)

    reload(order, transmission)
    assert fake_vendor.books == []
    assert transmission.state == State.WITHDRAWN
    assert (order.approval, order.transmission) == ("draft", "none")
    assert kinds(order)[-2:] == ["withdrawn", "approval_void"]


def test_exchange_text_with_a_nul_is_stored(fake_vendor: FakeVendor) -> None:
    _, transmission = make_queued_order()
    fake_vendor.says = "cut\x00off"

    transmit(transmission_id=transmission.pk)

    found = Exchange.objects.get(subject=transmission.reference)
    assert found.response_body == "cut\N{REPLACEMENT CHARACTER}off"

"""Who is told what: one notice per occasion, person and kind."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from procurement.approvals.forwarding import forward_order
from procurement.approvals.operations import approve_order, reject_order, return_order
from procurement.notices import operations
from procurement.notices.events import drafts_of
from procurement.notices.gathering import gather
from procurement.notices.kinds import Kind
from procurement.notices.models import Notice, NoticeProgress
from procurement.notices.operations import Draft, give_notices
from procurement.notices.triggers import Trigger, _triggers, register_trigger
from procurement.orders import ledger
from procurement.orders.models import OrderEvent, PurchaseOrder
from procurement.orders.operations import dismiss_attention, submit_order
from procurement.orders.states import Sending
from procurement.reach.models import Orders, Reach
from procurement.runs.models import Run, RunState
from procurement.transmissions.models import State, Transmission
from tests.approvals.people import approver, level, make_rule, pending, stand_in
from tests.factories import make_order, make_queued_order, make_supplier, make_user
from tests.notices.telling import person, told, work

pytestmark = pytest.mark.django_db


# --- approvals --------------------------------------------------------------------


def test_whoever_may_approve_is_told_and_nobody_else() -> None:
    anna = person("anna", "approve_purchaseorder")
    bystander = person("bystander")
    order = pending()

    work()

    (notice,) = Notice.objects.filter(recipient=anna)
    assert (notice.kind, notice.order) == (Kind.APPROVAL_ASKED, order)
    assert told(bystander) == []
    assert told("buyer") == []


def test_only_the_level_whose_turn_it_is_is_told() -> None:
    first, second = approver("first"), approver("second")
    make_rule(level("Team", first), level("Board", second))
    order = pending()
    work()
    assert (told(first), told(second)) == (["approval_asked"], [])

    approve_order(order_id=order.pk, actor=first)
    work()

    assert (told(first), told(second)) == (["approval_asked"], ["approval_asked"])


def test_levels_that_moved_on_between_two_rounds_are_told_once() -> None:
    first, second = approver("first"), approver("second")
    make_rule(level("Team", first), level("Board", second))
    order = pending()
    approve_order(order_id=order.pk, actor=first)

    work()

    assert (told(first), told(second)) == ([], ["approval_asked"])


def test_colleague_an_order_is_handed_to_is_told_and_the_others_are_done() -> None:
    anna, bea = approver("anna"), approver("bea")
    order = pending()
    work()
    forward_order(order_id=order.pk, actor=anna, colleague="bea", comment="Yours.")
    cleo = approver("cleo")

    work()

    assert told(cleo) == []
    open_ones = Notice.objects.filter(over_at=None, recipient=bea)
    assert [each.detail for each in open_ones] == ["To bea: Yours."]
    assert not Notice.objects.filter(over_at=None, recipient=anna).exists()


def test_decision_ends_the_notices_of_the_others_and_tells_the_buyer() -> None:
    anna, bea = approver("anna"), approver("bea")
    order = pending()
    work()

    approve_order(order_id=order.pk, actor=anna)
    work()

    assert told("buyer") == ["approved"]
    asked = Notice.objects.filter(kind=Kind.APPROVAL_ASKED)
    assert {each.recipient for each in asked} == {anna, bea}
    assert all(each.over_at and not each.is_unread for each in asked)


@pytest.mark.parametrize(
    ("decide", "kind"), [(return_order, "returned"), (reject_order, "rejected")]
)
def test_buyer_is_told_why_an_order_came_back(decide: Any, kind: str) -> None:
    order = pending()
    decide(order_id=order.pk, actor=approver("anna"), comment="Too dear.")

    work()

    (notice,) = Notice.objects.filter(recipient__username="buyer")
    assert (notice.kind, notice.detail) == (kind, "Too dear.")


def test_asking_again_ends_what_said_that_it_was_sent_back() -> None:
    order = pending()
    return_order(order_id=order.pk, actor=approver("anna"), comment="Too dear.")
    work()
    submit_order(order_id=order.pk, actor=order.buyer)

    work()

    assert Notice.objects.get(kind=Kind.RETURNED).over_at is not None
    assert told("anna") == ["approval_asked"]


def test_nobody_is_told_what_they_did_themselves(settings: Any) -> None:
    settings.ALLOW_SELF_APPROVAL = True
    buyer = approver("buyer")
    order = pending()
    approve_order(order_id=order.pk, actor=buyer)

    work()

    assert told(buyer) == []


def test_whoever_may_not_see_the_order_is_not_told() -> None:
    buyer = make_user("buyer")
    order = make_order(actor=buyer)
    PurchaseOrder.objects.filter(pk=order.pk).update(
        buyer=make_user("other"), created_by=make_user("other")
    )
    Reach.objects.create(user=buyer, orders=Orders.OWN)
    order.refresh_from_db()
    draft = Draft(
        kind=Kind.LATE,
        recipient=User.objects.get(pk=buyer.pk),
        occasion="late",
        order=order,
    )

    assert give_notices(drafts=[draft], now=timezone.now()) == 0
    assert not Notice.objects.exists()


def test_whoever_left_is_not_told() -> None:
    order = pending()
    return_order(order_id=order.pk, actor=approver("anna"), comment="Too dear.")
    User.objects.filter(username="buyer").update(is_active=False)

    work()

    assert told("buyer") == []


# --- suppliers --------------------------------------------------------------------


def happen(order: PurchaseOrder, kind: str, **more: Any) -> OrderEvent:
    order.refresh_from_db()
    return ledger.write(order, kind, **more)


def test_unknown_outcome_goes_to_operators_and_the_buyer_once() -> None:
    oper = person("oper", "resolve_purchaseorder")
    order, transmission = make_queued_order()
    Transmission.objects.filter(pk=transmission.pk).update(state=State.UNKNOWN)
    for text in ("Timed out.", "Looked up in vain."):
        happen(
            order,
            "unknown",
            text=text,
            carrier=transmission,
            transmission=Sending.UNKNOWN,
        )

    work()

    assert told(oper) == ["unknown"]
    assert told("buyer") == ["approved", "unknown"]
    assert not Notice.objects.filter(kind=Kind.UNKNOWN, over_at__isnull=False).exists()
    Transmission.objects.filter(pk=transmission.pk).update(state=State.SENT)
    happen(order, "sent", carrier=transmission, transmission=Sending.SENT)

    work()

    assert not Notice.objects.filter(kind=Kind.UNKNOWN, over_at=None).exists()


@pytest.mark.parametrize("kind", ["refused", "failed"])
def test_buyer_is_told_that_the_supplier_did_not_take_it(kind: str) -> None:
    order, _ = make_queued_order()
    happen(order, kind, text="No such item.", transmission=Sending(kind))

    work()

    notice = Notice.objects.get(kind=Kind.NOT_TAKEN)
    assert (notice.recipient.username, notice.detail) == ("buyer", "No such item.")


def test_deviation_goes_to_the_buyer_until_it_is_dismissed() -> None:
    order, _ = make_queued_order()
    text = "Line 1: the supplier has 5 instead of 6."
    happen(order, "attention", text=text, transmission=Sending.SENT, attention=text)
    work()
    notice = Notice.objects.get(kind=Kind.DEVIATION)
    assert (notice.recipient.username, notice.detail) == ("buyer", text)

    dismiss_attention(order_id=order.pk, actor=make_user("oper"), note="Agreed.")
    work()

    notice.refresh_from_db()
    assert notice.over_at is not None


@pytest.mark.parametrize(
    ("day", "is_told"), [("2031-04-09", False), ("2031-04-10", True)]
)
def test_day_later_than_wanted_is_a_deviation(day: str, is_told: bool) -> None:
    order = make_order(requested_date=date(2031, 4, 9))
    order.lines.update(first_promised_date=date(2031, 4, 9))
    lines = [{"position": 1, "promised_date": day}]
    happen(order, "supplier_update", data={"lines": lines})

    work()

    details = [each.detail for each in Notice.objects.all()]
    assert details == (
        ["Line 1: promised for 2031-04-10, not for 2031-04-09."] if is_told else []
    )


# --- the place --------------------------------------------------------------------


def test_new_installation_begins_at_the_present_end() -> None:
    NoticeProgress.objects.all().delete()
    anna = approver("anna")
    pending()
    newest = OrderEvent.objects.latest("pk")

    work()

    assert told(anna) == []
    assert NoticeProgress.objects.get().cursor == newest.pk


def test_reading_again_makes_nothing_twice() -> None:
    approver("anna")
    pending()
    work()
    before = list(Notice.objects.values_list("pk", flat=True))
    NoticeProgress.objects.update(cursor=0)

    work()

    assert list(Notice.objects.values_list("pk", flat=True)) == before


class OneOfEach(TestCase):
    """Whatever is told in whatever order and however often."""

    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["anna", "bea"]),
                st.sampled_from([Kind.LATE, Kind.DEVIATION, Kind.RETURNED]),
                st.sampled_from(["event 1", "event 2"]),
            ),
            max_size=20,
        ),
        st.integers(min_value=1, max_value=5),
    )
    def test_one_per_occasion_person_and_kind(
        self, said: list[tuple[str, Kind, str]], at_once: int
    ) -> None:
        people = {name: make_user(name) for name in ("anna", "bea")}
        drafts = [
            Draft(kind=kind, recipient=people[name], occasion=occasion)
            for name, kind, occasion in said
        ]
        for start in range(0, len(drafts), at_once):
            part = drafts[start : start + at_once]
            give_notices(drafts=part, now=timezone.now())

        rows = Notice.objects.values_list("recipient__username", "kind", "occasion")
        assert Counter(rows) == Counter(set(said))


# --- triggers ---------------------------------------------------------------------


def sent_and_promised(day: date) -> PurchaseOrder:
    order, _ = make_queued_order(make_supplier(slug=f"s-{day}"))
    PurchaseOrder.objects.filter(pk=order.pk).update(
        transmission=Sending.SENT, promised_date=day
    )
    return order


def test_late_order_is_told_once_for_a_promised_day() -> None:
    with time_machine.travel("2031-04-09 10:00Z", tick=False) as now:
        NoticeProgress.objects.update(began_at=timezone.now())
        order = sent_and_promised(date(2031, 4, 10))
        gather(timezone.now())
        assert "late" not in told("buyer")
        for _ in range(3):
            now.shift(timedelta(days=1))
            gather(timezone.now())
        assert told("buyer").count("late") == 1

        PurchaseOrder.objects.filter(pk=order.pk).update(
            promised_date=date(2031, 4, 13)
        )
        for _ in range(3):
            now.shift(timedelta(days=1))
            gather(timezone.now())

    assert told("buyer").count("late") == 2


def test_what_was_late_long_before_is_not_told() -> None:
    with time_machine.travel("2031-04-09 10:00Z", tick=False):
        NoticeProgress.objects.update(began_at=timezone.now())
        sent_and_promised(date(2031, 4, 7))
        gather(timezone.now())

    assert "late" not in told("buyer")


def ended_run(user: User, seconds: int, **more: Any) -> Run:
    run = Run.objects.create(kind="orders", title="Approve: 40 orders", asked_by=user)
    now = timezone.now()
    Run.objects.filter(pk=run.pk).update(
        state=RunState.DONE,
        asked_at=now - timedelta(seconds=seconds),
        ended_at=now,
        **more,
    )
    return run


def test_asker_is_told_of_a_run_that_took_a_while() -> None:
    NoticeProgress.objects.update(began_at=timezone.now() - timedelta(hours=1))
    user = make_user("buyer")
    run = ended_run(user, 60)
    ended_run(user, 5)
    ended_run(user, 60, stop_asked_by=user)

    work()
    work()

    (notice,) = Notice.objects.all()
    assert notice.data == {
        "run": run.pk,
        "title": "Approve: 40 orders",
        "state": "done",
    }


def test_stand_in_is_told_by_whom_and_until_when() -> None:
    anna, bea = approver("anna"), approver("bea")
    row = stand_in(bea, anna)

    work()
    work()

    (notice,) = Notice.objects.all()
    assert (notice.recipient, notice.kind) == (bea, Kind.STAND_IN)
    assert notice.data["absent"] == "anna"
    assert notice.data["last_day"] == row.last_day.isoformat()


def test_apps_add_triggers_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(_triggers, "probe", None)
    user = make_user("anna")
    draft = Draft(
        kind=Kind.LATE, recipient=user, occasion="probe", data={"about": "Probe"}
    )
    register_trigger(Trigger("probe", lambda progress, now: [draft]))

    work()
    work()

    assert told(user) == ["late"]


# --- keeping house ----------------------------------------------------------------


def test_old_notices_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "PURGED_AT_ONCE", 2)
    user, now = make_user("anna"), timezone.now()
    for days in (1, 99, 101, 102, 103):
        Notice.objects.create(
            recipient=user,
            kind=Kind.LATE,
            occasion=f"{days}",
            is_shown=True,
            created_at=now - timedelta(days=days),
        )

    assert operations.purge_notices(older_than=timedelta(days=100)) == 3
    assert set(Notice.objects.values_list("occasion", flat=True)) == {"1", "99"}
    assert operations.purge_notices(older_than=timedelta(days=100)) == 0


def test_events_nobody_is_told_of_make_no_drafts() -> None:
    order = make_order()

    assert list(drafts_of(order.events.all())) == []

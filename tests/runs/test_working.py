"""Items are gone through once each, whatever happens to whoever does it."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from procurement.coordination.models import Lease
from procurement.coordination.operations import take_lease
from procurement.errors import InvalidInput
from procurement.runs import working
from procurement.runs.kinds import NewItem, RunKind, register
from procurement.runs.models import ItemState, Run, RunFilePart, RunItem
from procurement.runs.operations import (
    ask_for_run,
    lease_name,
    purge_runs,
    stop_run,
)
from procurement.runs.working import hint_runs, work_off
from tests.asserting import refusal
from tests.factories import make_user
from tests.runs.kinds import Killed, items

pytestmark = pytest.mark.django_db


def asked(count: int = 3, **how: str) -> Run:
    actor = make_user("buyer")
    return ask_for_run(
        kind="note", actor=actor, title="Notes", items=items(count, **how)
    )


def states(run: Run) -> list[str]:
    return list(run.items.values_list("state", flat=True))


def noted() -> int:
    return User.objects.filter(last_name="noted").count()


def test_every_item_is_done_in_the_name_of_who_asked() -> None:
    run = asked(3)

    assert work_off(run_id=run.pk) == "done"

    run.refresh_from_db()
    assert states(run) == ["done"] * 3
    assert (run.done, run.skipped, run.failed, run.total) == (3, 0, 0, 3)
    assert run.ended_at is not None
    assert {item.text for item in run.items.all()} == {"Noted by buyer."}
    assert not Lease.objects.filter(name=lease_name(run.pk)).exists()


def test_reasons_are_kept_and_the_rest_is_done() -> None:
    run = asked(4, at_0="refuse", at_1="invalid", at_2="break")

    assert work_off(run_id=run.pk) == "done"

    run.refresh_from_db()
    assert list(run.items.values_list("state", "text")) == [
        ("skipped", "It is too late for that."),
        ("failed", "That won't do."),
        ("failed", "An error of this program; it is in the log."),
        ("done", "Noted by buyer."),
    ]
    assert (run.done, run.skipped, run.failed) == (1, 1, 2)
    assert noted() == 1


def test_second_turn_after_the_end_does_nothing() -> None:
    run = asked(1)
    work_off(run_id=run.pk)
    User.objects.update(last_name="")

    assert work_off(run_id=run.pk) == "done"

    assert noted() == 0


def test_work_of_a_killed_worker_is_undone_with_its_mark_and_done_by_the_next() -> None:
    run = asked(3, at_1="kill")

    with pytest.raises(Killed):
        work_off(run_id=run.pk)
    assert states(run) == ["done", "waiting", "waiting"]
    assert noted() == 1
    RunItem.objects.update(parameters={})

    assert work_off(run_id=run.pk) == "done"

    run.refresh_from_db()
    assert (noted(), run.done, run.tries) == (3, 3, 0)


def test_item_that_kills_its_workers_is_given_up_and_the_rest_is_done() -> None:
    run = asked(2, at_0="kill")
    for _ in range(working.MOST_TRIES):
        with pytest.raises(Killed):
            work_off(run_id=run.pk)

    assert work_off(run_id=run.pk) == "done"

    assert states(run) == ["failed", "done"]
    assert run.items.first().text == "Given up: nothing came of it in 5 turns."


def test_long_run_is_done_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    run = asked(3)
    hints: list[int] = []
    monkeypatch.setattr(
        "procurement.coordination.turns.hint", lambda task, pk: hints.append(pk)
    )

    assert work_off(run_id=run.pk, seconds=-1) == "running"
    assert states(run) == ["done", "waiting", "waiting"]
    assert hints == [run.pk]
    assert work_off(run_id=run.pk) == "done"


def test_two_workers_do_not_share_a_run() -> None:
    run = asked(1)
    take_lease(name=lease_name(run.pk), seconds=60, holder="another")

    assert work_off(run_id=run.pk) == "waiting"
    assert noted() == 0


def test_lost_hint_is_found_by_the_sweep() -> None:
    run = asked(1)
    assert hint_runs() == 0, "hinted a moment ago"
    Run.objects.update(hinted_at=timezone.now() - timedelta(minutes=2))
    assert hint_runs() == 1
    work_off(run_id=run.pk)
    Run.objects.update(hinted_at=None)
    assert hint_runs() == 0


def test_unknown_kind_fails_with_a_reason() -> None:
    run = asked(1)
    Run.objects.update(kind="gone")

    assert work_off(run_id=run.pk) == "failed"
    run.refresh_from_db()
    assert run.text == "No work is called gone any more."


# --- asking -----------------------------------------------------------------------


def test_the_same_form_is_the_same_run() -> None:
    actor = make_user("buyer")
    given = items(2)

    first = ask_for_run(kind="note", actor=actor, items=given, token="form-1")
    again = ask_for_run(kind="note", actor=actor, items=given, token="form-1")
    other = ask_for_run(kind="note", actor=actor, items=given, token="form-2")
    elsewhere = ask_for_run(
        kind="note", actor=make_user("other"), items=given, token="form-1"
    )

    assert again.pk == first.pk
    assert len({first.pk, other.pk, elsewhere.pk}) == 3
    assert first.items.count() == 2


def test_nothing_to_do_is_said() -> None:
    with pytest.raises(InvalidInput) as refused:
        ask_for_run(kind="note", actor=make_user("buyer"))
    assert refused.value.errors == {"items": "Choose what it is to be done to."}
    assert not Run.objects.exists()


def test_who_may_not_is_refused() -> None:
    actor = make_user("buyer", first_name="dismissed")

    refused = refusal(ask_for_run, kind="note", actor=actor, items=items(1))

    assert refused.code == "permission_missing"
    assert not Run.objects.exists()


def test_too_many_under_way_are_refused() -> None:
    for _ in range(20):
        asked(1) if not User.objects.filter(username="subject 0").exists() else (
            ask_for_run(
                kind="note",
                actor=make_user("buyer"),
                items=[NewItem(subject="1", label="one")],
            )
        )

    refused = refusal(
        ask_for_run,
        kind="note",
        actor=make_user("buyer"),
        items=[NewItem(subject="1", label="one")],
    )

    assert refused.code == "too_many"


def test_what_was_left_out_is_listed_with_its_reason() -> None:
    actor = make_user("buyer")
    left_out = NewItem(subject="0", label="Nobody", skipped="There is no such person.")

    run = ask_for_run(kind="note", actor=actor, items=[left_out, *items(1)])
    work_off(run_id=run.pk)

    run.refresh_from_db()
    assert list(run.items.values_list("state", "text")) == [
        ("skipped", "There is no such person."),
        ("done", "Noted by buyer."),
    ]
    assert (run.total, run.skipped, run.done) == (2, 1, 1)


# --- stopping ---------------------------------------------------------------------


def test_waiting_run_stops_at_once() -> None:
    run = asked(2)

    stop_run(run_id=run.pk, actor=run.asked_by)

    run.refresh_from_db()
    assert (run.state, run.text) == ("stopped", "Stopped by buyer.")
    assert work_off(run_id=run.pk) == "stopped"
    assert states(run) == ["waiting", "waiting"]
    assert refusal(stop_run, run_id=run.pk, actor=run.asked_by).code == "ended"


def test_running_one_stops_before_the_next_item() -> None:
    run = asked(3)
    work_off(run_id=run.pk, seconds=-1)

    stop_run(run_id=run.pk, actor=run.asked_by)
    assert work_off(run_id=run.pk) == "stopped"

    run.refresh_from_db()
    assert states(run) == ["done", "waiting", "waiting"]
    assert (run.text, run.done) == ("Stopped by buyer.", 1)


def test_strangers_do_not_stop_it() -> None:
    run = asked(1)

    refused = refusal(stop_run, run_id=run.pk, actor=make_user("other"))

    assert refused.code == "permission_missing"
    run.refresh_from_db()
    assert run.stop_asked_at is None


@pytest.mark.parametrize("change", [{"first_name": "dismissed"}, {"is_active": False}])
def test_right_taken_away_in_mid_run_stops_it(change: dict[str, Any]) -> None:
    run = asked(3)
    work_off(run_id=run.pk, seconds=-1)
    User.objects.filter(pk=run.asked_by_id).update(**change)

    assert work_off(run_id=run.pk) == "stopped"

    run.refresh_from_db()
    assert run.text == "buyer may not do this any more."
    assert states(run) == ["done", "waiting", "waiting"]


# --- kinds that call suppliers, or find their items themselves ----------------------


def test_kind_outside_a_transaction_keeps_what_it_did() -> None:
    seen: list[bool] = []

    def call(item: RunItem, actor: User) -> str:
        from django.db import connection

        seen.append(len(connection.savepoint_ids) == outer)
        return "Called."

    from django.db import connection

    outer = len(connection.savepoint_ids)
    register(
        RunKind(
            name="call",
            label="Calls",
            may=lambda user, run: True,
            do_one=call,
            in_transaction=False,
        )
    )
    run = ask_for_run(kind="call", actor=make_user("buyer"), items=items(2))

    assert work_off(run_id=run.pk) == "done"
    assert seen == [True, True]


def test_items_are_found_by_the_worker_once() -> None:
    calls: list[int] = []

    def find(run: Run) -> list[NewItem]:
        calls.append(run.pk)
        return items(2)

    register(
        RunKind(
            name="finding",
            label="Finding",
            may=lambda user, run: True,
            do_one=lambda item, actor: "Done.",
            prepare=find,
        )
    )
    run = ask_for_run(kind="finding", actor=make_user("buyer"))
    assert run.total is None

    assert work_off(run_id=run.pk, seconds=-1) == "running"
    assert work_off(run_id=run.pk) == "done"

    run.refresh_from_db()
    assert (len(calls), run.total, run.done) == (1, 2, 2)


def test_kind_needs_exactly_one_way_to_work() -> None:
    with pytest.raises(ValueError, match="needs either"):
        register(RunKind(name="none", label="None", may=lambda user, run: True))


# --- forgetting -------------------------------------------------------------------


def test_old_runs_are_forgotten_and_files_before_them() -> None:
    old, recent, running = asked(1), None, None
    actor = make_user("buyer")
    recent = ask_for_run(
        kind="note", actor=actor, items=[NewItem(subject="1", label="1")]
    )
    running = ask_for_run(
        kind="note", actor=actor, items=[NewItem(subject="1", label="1")]
    )
    for run in (old, recent):
        work_off(run_id=run.pk)
        RunFilePart.objects.create(run=run, position=0, content=b"x")
    days = timezone.now() - timedelta(days=20)
    Run.objects.filter(pk=recent.pk).update(ended_at=days, file_size=1)
    Run.objects.filter(pk=old.pk).update(ended_at=days - timedelta(days=200))

    purged = purge_runs(
        older_than=timedelta(days=180), files_older_than=timedelta(days=14)
    )

    assert purged == 1
    assert set(Run.objects.values_list("pk", flat=True)) == {recent.pk, running.pk}
    assert not RunFilePart.objects.exists()
    recent.refresh_from_db()
    assert recent.file_size == 0
    assert RunItem.objects.filter(state=ItemState.DONE).count() == 1

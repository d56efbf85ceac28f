"""Recurring jobs: once for each turn, never beside themselves, and late is seen."""

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from procurement import schedules
from procurement.coordination import jobs, queries
from procurement.coordination.models import JobRun, Lease
from procurement.coordination.operations import (
    forget_heartbeats,
    job_lease,
    lease,
    mark_leaving,
    record_heartbeat,
    take_lease,
)
from procurement.coordination.rounds import LEASE, Rounds
from procurement.schedules import make_schedules, run

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def test_second_firing_of_the_same_turn_is_dropped() -> None:
    ran: list[int] = []
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        for at in (0, 3, 29, 31, 33, 90):
            clock.move_to(start + timedelta(seconds=at))
            jobs.run_job("job", lambda at=at: ran.append(at), every=MINUTE)

    assert ran == [0, 31, 90]


@pytest.mark.django_db(transaction=True)
def test_of_many_firings_at_once_one_runs() -> None:
    ran: list[int] = []
    gate = threading.Barrier(6)

    def fire(number: int) -> None:
        gate.wait()
        jobs.run_job("job", lambda: ran.append(number), every=MINUTE)
        connection.close()

    threads = [threading.Thread(target=fire, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(ran) == 1


@pytest.mark.django_db(transaction=True)
def test_job_that_takes_long_keeps_its_lease_and_is_not_run_beside_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "RENEW_SECONDS", 0.05)
    seen: list[Any] = []

    def work() -> None:
        first = Lease.objects.get(name=job_lease("job")).expires_at
        JobRun.objects.update(last_began_at=timezone.now() - timedelta(hours=2))
        seen.append(jobs.run_job("job", lambda: None, every=MINUTE))
        for _ in range(100):
            if Lease.objects.get(name=job_lease("job")).expires_at > first:
                seen.append("renewed")
                return
            threading.Event().wait(0.05)

    assert jobs.run_job("job", work, every=MINUTE)

    assert seen == [False, "renewed"]


def test_failure_is_noted_and_told() -> None:
    with pytest.raises(ZeroDivisionError):
        jobs.run_job("job", lambda: 1 / 0, every=MINUTE)

    row = JobRun.objects.get()
    assert row.last_error == "ZeroDivisionError: division by zero"
    assert row.last_ended_at is not None
    assert Lease.objects.get(name=job_lease("job")).expires_at <= timezone.now()


def test_run_that_died_does_not_wait_for_the_next_turn() -> None:
    JobRun.objects.create(name="job", last_began_at=timezone.now(), holder="the dead")
    take_lease(name=job_lease("job"), seconds=120, holder="the dead")
    assert not jobs.run_job("job", lambda: None, every=timedelta(days=1))

    Lease.objects.update(expires_at=timezone.now())

    assert jobs.run_job("job", lambda: None, every=timedelta(days=1))


# --- schedules --------------------------------------------------------------------


def test_schedules_of_an_earlier_version_are_led_here_and_doubles_dropped() -> None:
    for minutes in (7, 1):
        Schedule.objects.create(
            name="Poll suppliers",
            func="procurement.fulfilment.tasks.ask_for_polls",
            schedule_type=Schedule.MINUTES,
            minutes=minutes,
        )

    made = make_schedules()

    row = Schedule.objects.get(name="Poll suppliers")
    assert "Poll suppliers" not in made
    assert (row.func, row.args) == ("procurement.schedules.run", "('Poll suppliers',)")
    assert row.minutes == 7, "what an operator chose stays"


def test_every_job_can_be_run_by_its_name() -> None:
    for job in schedules.JOBS:
        run(job.name)

    assert set(JobRun.objects.values_list("name", flat=True)) == {
        job.name for job in schedules.JOBS
    }
    assert not JobRun.objects.exclude(last_error="").exists()


def test_name_nobody_knows_any_more_is_passed_over() -> None:
    run("A job of long ago")

    assert not JobRun.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_was_missed_is_not_made_up_for_in_a_burst() -> None:
    make_schedules()
    long_ago = timezone.now() - timedelta(minutes=40)
    Schedule.objects.update(next_run=long_ago)

    for holder in ("a", "b", "a"):
        Rounds(holder=holder).go()

    fired = [row.args() for row in OrmQ.objects.all()]
    assert sorted(fired) == sorted((job.name,) for job in schedules.JOBS)
    assert not Schedule.objects.filter(next_run__lte=timezone.now()).exists()


# --- rounds -----------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_one_worker_at_a_time_makes_the_rounds_and_another_takes_over() -> None:
    rounds: list[str] = []
    first, second = (
        Rounds([lambda name=name: rounds.append(name)], holder=name) for name in "ab"
    )
    for each in (first, second, first, second):
        each.go()
    assert rounds == ["a", "a"]

    Lease.objects.filter(name=LEASE).update(expires_at=timezone.now())
    second.go()
    first.go()
    assert rounds == ["a", "a", "b"]

    second.hand_over()
    first.go()
    assert rounds == ["a", "a", "b", "a"]


@pytest.mark.django_db(transaction=True)
def test_what_fails_in_a_round_is_said_once_a_minute_and_stops_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    done: list[int] = []

    def broken() -> None:
        raise ValueError("a bug")

    rounds = Rounds([broken, lambda: done.append(1)], holder="a")
    for _ in range(3):
        rounds.go()

    assert done == [1, 1, 1]
    told = [record for record in caplog.records if "broken failed" in record.message]
    assert len(told) == 1
    assert told[0].exc_info, "where it went wrong is said as well"


# --- who is late, who is silent ---------------------------------------------------


def names_of_late(now: Any) -> dict[str, Any]:
    return {late.name: late.since for late in queries.late_jobs(now)}


def test_job_is_late_three_intervals_after_it_last_ended() -> None:
    now = timezone.now()
    make_schedules()
    JobRun.objects.update(last_began_at=now, last_ended_at=now)
    last = now - timedelta(minutes=4)
    JobRun.objects.filter(name="Poll suppliers").update(last_ended_at=last)
    assert names_of_late(now) == {"Poll suppliers": last + MINUTE}

    Schedule.objects.filter(name="Poll suppliers").update(minutes=2)
    assert names_of_late(now) == {}
    assert names_of_late(now + timedelta(seconds=121)).keys() >= {"Poll suppliers"}


def test_job_that_never_ran_is_late_and_one_switched_off_is_not() -> None:
    make_schedules()
    soon = timezone.now() + timedelta(minutes=4)
    assert "Purge exchanges" not in names_of_late(soon), "a day's job has time"
    assert "Poll suppliers" in names_of_late(soon)

    Schedule.objects.filter(name="Poll suppliers").update(repeats=0)

    assert "Poll suppliers" not in names_of_late(soon)


def test_silent_are_those_who_should_speak() -> None:
    for worker in ("fine", "silent", "leaving"):
        record_heartbeat(worker=worker)
    mark_leaving(worker="leaving")
    now = timezone.now() + timedelta(seconds=181)
    assert queries.newest_heartbeat() is not None
    with time_machine.travel(now):
        record_heartbeat(worker="fine")

        assert [each.worker for each in queries.silent_workers(now)] == ["silent"]
        forget_heartbeats(older_than=timedelta(seconds=100))

    assert queries.silent_workers(now) == []


def test_schedules_that_another_machine_is_making_are_left_to_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(schedules.time, "sleep", lambda seconds: None)

    with lease("schedules", seconds=30):
        assert make_schedules() == []

    assert not Schedule.objects.exists()

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from procurement.access.models import IdempotencyRecord
from procurement.coordination.models import Heartbeat, Lease
from procurement.coordination.operations import (
    lease,
    private_queue,
    release_lease,
    take_lease,
)
from procurement.coordination.tasks import beat
from procurement.retention.tasks import (
    purge_exchanges,
    purge_heartbeats,
    purge_repeats,
)
from procurement.schedules import JOBS, make_schedules
from procurement.suppliers.models import Exchange
from tests.factories import make_supplier

pytestmark = pytest.mark.django_db


def take(holder: str, seconds: int = 60) -> bool:
    return take_lease(name="job", seconds=seconds, holder=holder)


def test_lease_has_one_holder_until_it_ends() -> None:
    assert take("a")
    assert not take("b")

    release_lease(name="job", holder="b")
    assert not take("b"), "only the holder gives it back"
    release_lease(name="job", holder="a")
    assert take("b")


def test_lease_that_ran_out_is_free() -> None:
    take("a", seconds=0)

    assert take("b")
    assert Lease.objects.get().holder == "b"


def test_lease_is_given_back_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), lease("job", seconds=60) as held:
        assert held
        raise ZeroDivisionError

    assert take("b")


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_gets_it() -> None:
    got: list[bool] = []
    gate = threading.Barrier(10)

    def work(number: int) -> None:
        gate.wait()
        got.append(take(str(number)))
        connection.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert got.count(True) == 1


def test_schedules_are_made_once_and_left_alone() -> None:
    assert make_schedules() == [job.name for job in JOBS]
    Schedule.objects.filter(name="Poll suppliers").update(minutes=7)

    assert make_schedules() == []
    assert Schedule.objects.get(name="Poll suppliers").minutes == 7


def test_heartbeat_is_the_workers_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKER_NAME", "host:1")
    beat()
    beat()

    assert Heartbeat.objects.get().worker == "host:1"


def test_purge_keeps_what_is_within_retention() -> None:

    supplier = make_supplier()
    for days in (10, 500):
        Exchange.objects.create(
            conversation="00000000000040008000000000000000",
            supplier=supplier,
            purpose=f"{days} days old",
            method="GET",
            url="https://vendor.test/",
            started_at=timezone.now() - timedelta(days=days),
            duration_ms=1,
        )

    purge_exchanges()

    assert Exchange.objects.get().purpose == "10 days old"


def test_repeats_are_forgotten_but_those_of_a_reference_stay() -> None:
    for key in ("key:new", "key:old", "external_reference:old"):
        IdempotencyRecord.objects.create(
            source="api:shop", key=key, path="POST /", body_hash="x"
        )
    long_ago = timezone.now() - timedelta(days=31)
    old = IdempotencyRecord.objects.filter(key__endswith="old")
    old.update(created_at=long_ago)

    purge_repeats()

    kept = IdempotencyRecord.objects.order_by("key").values_list("key", flat=True)
    assert list(kept) == ["external_reference:old", "key:new"]


def test_heartbeats_of_workers_long_gone_are_forgotten() -> None:
    for worker, days in (("here", 1), ("gone", 8)):
        at = timezone.now() - timedelta(days=days)
        Heartbeat.objects.create(worker=worker, at=at)
    for worker, hours in (("here", 1), ("gone", 25)):
        asked_at = timezone.now() - timedelta(hours=hours)
        OrmQ.objects.create(key=private_queue(worker), payload="", lock=asked_at)
    long_ago = timezone.now() - timedelta(days=25)
    OrmQ.objects.create(key="procurement", payload="", lock=long_ago)

    purge_heartbeats()

    assert Heartbeat.objects.get().worker == "here"
    left = OrmQ.objects.order_by("pk").values_list("key", flat=True)
    assert list(left) == [private_queue("here"), "procurement"]

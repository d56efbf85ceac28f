"""Hints and wake-ups: with the transaction or after it, and never in heaps."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from procurement import queue
from procurement.coordination.brokers import OrmBroker, RedisBroker
from procurement.coordination.notes import NOTES, Notes
from procurement.coordination.operations import private_queue
from procurement.coordination.queries import QueueDepth, queue_depth
from procurement.coordination.tasks import WORKER_NAME
from procurement.queue import CARRIERS, hint, wake_carriers

pytestmark = pytest.mark.django_db(transaction=True)

GENERAL = settings.Q_CLUSTER["name"]


@pytest.fixture(autouse=True)
def no_pause() -> Iterator[None]:
    queue.pause.end()
    yield
    queue.pause.end()


def queued(name: str) -> list[str]:
    return [row.func() for row in OrmQ.objects.filter(key=name).order_by("pk")]


def test_hint_goes_to_the_general_workers_unless_a_cluster_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from django_q.conf import Conf

    monkeypatch.setattr(Conf, "CLUSTER_NAME", CARRIERS)

    hint("tasks.look", 1)
    hint("tasks.call", 2, cluster=CARRIERS)

    assert queued(GENERAL) == ["tasks.look"]
    assert queued(CARRIERS) == ["tasks.call"]


def test_carriers_are_woken_once_however_many_ask() -> None:
    for _ in range(5):
        wake_carriers()

    assert queued(CARRIERS) == ["procurement.transmissions.tasks.carry"]


def test_carriers_with_a_message_waiting_get_no_second_one() -> None:
    wake_carriers()
    queue.pause.end()
    wake_carriers()
    assert len(queued(CARRIERS)) == 1

    fetched = timezone.now() + timedelta(seconds=60)
    OrmQ.objects.update(lock=fetched)
    queue.pause.end()
    wake_carriers()
    assert len(queued(CARRIERS)) == 2, "one that was fetched may have looked already"


def test_wake_up_of_a_transaction_that_is_undone_counts_for_nothing() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        wake_carriers()
        raise ZeroDivisionError
    assert queued(CARRIERS) == []

    wake_carriers()

    assert len(queued(CARRIERS)) == 1, "no pause began either"


def test_queue_that_is_away_undoes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any, **options: Any) -> None:
        raise redis.exceptions.ConnectionError

    monkeypatch.setitem(settings.Q_CLUSTER, "redis", "redis://127.0.0.1:1")
    monkeypatch.delitem(settings.Q_CLUSTER, "orm", raising=False)
    monkeypatch.setattr(queue, "async_task", fail)

    with transaction.atomic():
        hint("tasks.look", 1)
        wake_carriers()
    hint("tasks.look", 1)
    wake_carriers()


def test_depth_tells_what_waits_for_whom_and_since_when() -> None:
    assert queue_depth() == {
        GENERAL: QueueDepth(0, None),
        CARRIERS: QueueDepth(0, None),
        settings.COURIERS: QueueDepth(0, None),
    }
    for _ in range(3):
        hint("tasks.look")
    long_ago = timezone.now() - timedelta(minutes=7)
    first = OrmQ.objects.order_by("pk")[0]
    OrmQ.objects.filter(pk=first.pk).update(lock=long_ago)
    hint("tasks.beat", cluster=private_queue("host:1:general:1"))

    assert queue_depth() == {
        GENERAL: QueueDepth(3, long_ago),
        CARRIERS: QueueDepth(0, None),
        settings.COURIERS: QueueDepth(0, None),
    }


# --- fetching ---------------------------------------------------------------------


def test_cluster_fetches_the_oldest_and_its_own_heartbeats_but_no_others(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv(WORKER_NAME, "host:1:general:1")
    monkeypatch.setenv(NOTES, str(tmp_path))
    hint("tasks.others", cluster=private_queue("host:2:general:1"))
    hint("tasks.own", cluster=private_queue("host:1:general:1"))
    hint("tasks.first")
    hint("tasks.second")
    broker = OrmBroker(GENERAL)
    numbers = list(OrmQ.objects.order_by("pk").values_list("pk", flat=True))

    fetched = [found[0][0] for _ in range(4) if (found := broker.dequeue())]

    assert fetched == numbers[1:]
    notes = Notes(tmp_path)
    assert sorted(notes.not_begun()) == numbers[1:]
    notes.begun(numbers[1])
    assert sorted(notes.not_begun()) == numbers[2:]


@pytest.mark.skipif(not settings.REDIS_URL, reason="needs Redis")
def test_redis_keeps_heartbeats_apart_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    from django_q.conf import Conf

    monkeypatch.setattr(Conf, "REDIS", settings.REDIS_URL)
    monkeypatch.setenv(WORKER_NAME, "host:1:general:1")
    shared = f"{GENERAL}-redis-broker"
    broker = RedisBroker(shared)
    own = RedisBroker(private_queue("host:1:general:1"))
    others = RedisBroker(private_queue("host:2:general:1"))
    for each in (broker, own, others):
        each.delete_queue()

    others.enqueue("others")
    broker.enqueue("shared")
    own.enqueue("own")

    assert broker.dequeue() == [(None, b"own")]
    assert broker.dequeue() == [(None, b"shared")]
    assert others.queue_size() == 1
    assert 0 < others.connection.ttl(others.list_key) <= 3600
    others.delete_queue()

"""The worker as it is run: real processes, real sockets, real kills."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from procurement.coordination.models import Heartbeat
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import resolve_order
from procurement.suppliers.models import Supplier
from procurement.transmissions.models import Attempt, State, Transmission
from tests.factories import line, make_queued_order, make_supplier, make_user
from tests.processes import children_of, process, wait_until
from vendors.sandbox import Sandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

IMPATIENT = {
    "SEND_LEASE_SECONDS": "4",
    "RETRY_WAITS": "1,2",
    "LOOK_UP_WAITS": "1,2,3",
    "POLL_INTERVAL_SECONDS": "1",
    "HEARTBEAT_LIMIT_SECONDS": "9",
    "WORKER_PROCESSES": "2",
}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(port=0, step_seconds=2) as running:
        yield running


@pytest.fixture
def worker(transactional_db: None, tmp_path: Path) -> Iterator[Any]:
    log = tmp_path / "worker.log"
    with process("manage.py", "worker", log=log, **IMPATIENT) as running:
        yield running
    print(log.read_text())


@pytest.fixture
def eet(sandbox: Sandbox, transactional_db: None) -> Supplier:
    return make_supplier(
        "eet",
        base_url=sandbox.base_url("eet"),
        credentials={"username": "sandbox-eet", "password": "sandbox-eet-password"},
    )


@pytest.fixture
def extend(sandbox: Sandbox, transactional_db: None) -> Supplier:
    return make_supplier(
        "extend",
        base_url=sandbox.base_url("extend"),
        credentials={
            "username": "sandbox-extend",
            "password": "sandbox-extend-password",
        },
    )


def send(supplier: Supplier) -> tuple[PurchaseOrder, Transmission]:
    item = "KAB20417" if supplier.vendor == "eet" else "SKU-4410"
    return make_queued_order(supplier, lines=[line(item)])


def clusters_of(worker: Any) -> list[int]:
    """The main processes of its clusters: carriers first."""
    children = children_of(worker.pid)
    return sorted(pid for pid in children if os.getpgid(pid) == pid)


def becomes(row: Any, name: str, *values: str) -> None:
    def look() -> bool:
        row.refresh_from_db()
        return getattr(row, name) in values

    wait_until(f"{row} has {name} {values}, not {getattr(row, name)}", look)


def booked(sandbox: Sandbox, order: PurchaseOrder) -> list[dict[str, Any]]:
    return [
        each
        for each in sandbox.orders(order.supplier.vendor)
        if each["reference"] == order.number
    ]


def test_order_is_sent_and_followed_until_it_is_shipped(
    worker: Any, sandbox: Sandbox, extend: Supplier
) -> None:
    order, _ = send(extend)

    becomes(order, "fulfilment", "shipped")

    kinds = list(order.events.values_list("kind", flat=True))
    assert [k for k in kinds if k in ("sent", "confirmed", "partially_shipped")] == [
        "sent",
        "confirmed",
        "partially_shipped",
    ]
    assert order.attention == ""
    assert order.shipments.count() == 2
    assert len(booked(sandbox, order)) == 1


def test_worker_killed_while_the_vendor_has_the_order(
    worker: Any, sandbox: Sandbox, eet: Supplier
) -> None:
    sandbox.add_fault("eet", endpoint="place_order", fault="hold", times=1, seconds=30)
    order, transmission = send(eet)
    wait_until("the vendor has it", lambda: booked(sandbox, order))

    os.kill(int(Attempt.objects.get().worker.split(":")[1]), signal.SIGKILL)
    sandbox.release()

    becomes(transmission, "state", State.UNKNOWN)
    order.refresh_from_db()
    assert order.status == "needs_attention"
    assert len(booked(sandbox, order)) == 1

    resolve_order(
        order_id=order.pk,
        actor=make_user("operator"),
        outcome="placed",
        supplier_order_number=booked(sandbox, order)[0]["number"],
        evidence="Asked by phone.",
    )
    order.refresh_from_db()
    assert order.status == "sent"

    second, _ = send(eet)
    becomes(second, "transmission", "sent")
    assert len(booked(sandbox, order)) == 1


def test_lost_answer_is_looked_up_and_found(
    worker: Any, sandbox: Sandbox, extend: Supplier
) -> None:
    sandbox.add_fault("extend", endpoint="place_order", fault="lost_answer", times=1)
    order, _ = send(extend)

    becomes(order, "transmission", "sent")

    assert "unknown" in order.events.values_list("kind", flat=True)
    (only,) = booked(sandbox, order)
    assert order.supplier_order_number == only["number"]


@pytest.mark.parametrize("blow", ["main process killed", "every process frozen"])
def test_cluster_that_is_dead_or_frozen_is_replaced(
    blow: str, worker: Any, sandbox: Sandbox, eet: Supplier
) -> None:
    wait_until("the cluster lives", lambda: Heartbeat.objects.exists())
    # Whichever of them sends: the first one carries, the other one does the rest.
    cluster = clusters_of(worker)[0]
    if blow == "main process killed":
        os.kill(cluster, signal.SIGKILL)
    else:
        os.killpg(cluster, signal.SIGSTOP)

    order, _ = send(eet)

    becomes(order, "transmission", "sent")
    assert len(booked(sandbox, order)) == 1
    # The orphans of a dead main process go on working until the watchdog ends them.
    wait_until("it is replaced", lambda: cluster not in children_of(worker.pid))
    wait_until("another one runs", lambda: children_of(worker.pid))


def test_idle_process_of_the_cluster_killed(
    worker: Any, sandbox: Sandbox, eet: Supplier
) -> None:
    """It may freeze the whole cluster; the next order goes out all the same."""
    wait_until("the cluster lives", lambda: Heartbeat.objects.exists())
    os.kill(children_of(worker.pid)[-1], signal.SIGKILL)

    order, _ = send(eet)

    becomes(order, "transmission", "sent")
    assert len(booked(sandbox, order)) == 1


def test_stop_lets_the_send_under_way_finish(
    worker: Any, sandbox: Sandbox, eet: Supplier
) -> None:
    sandbox.add_fault("eet", endpoint="place_order", fault="slow", times=1, seconds=2)
    order, _ = send(eet)
    wait_until("it is being sent", lambda: Attempt.objects.exists())

    worker.send_signal(signal.SIGTERM)
    worker.wait(timeout=20)

    order.refresh_from_db()
    assert order.transmission == "sent"
    assert not Heartbeat.objects.exists()


def test_vendor_that_hangs_on_every_call_holds_up_no_other(
    worker: Any, sandbox: Sandbox, eet: Supplier, extend: Supplier
) -> None:
    sandbox.add_fault("eet", endpoint="place_order", fault="hold", seconds=60)
    stuck = [send(eet)[0] for _ in range(80)]
    wait_until("its calls hang", lambda: Attempt.objects.count() >= 40)

    orders = [send(extend)[0] for _ in range(10)]

    def all_sent() -> bool:
        states = PurchaseOrder.objects.filter(pk__in=[each.pk for each in orders])
        return set(states.values_list("transmission", flat=True)) == {"sent"}

    wait_until("the other's are sent", all_sent, seconds=10)
    assert not Attempt.objects.filter(
        transmission__supplier=eet, outcome="accepted"
    ).exists()
    assert len(stuck) > Attempt.objects.filter(transmission__supplier=eet).count()
    sandbox.clear_faults()
    sandbox.release()


@pytest.mark.skipif(not settings.REDIS_URL, reason="Redis is the broker here")
def test_with_redis_as_broker_no_lost_message_loses_work(
    sandbox: Sandbox, eet: Supplier, tmp_path: Path
) -> None:
    order, _ = send(eet)
    # The hint went to the other broker, so to this worker it is lost.
    Transmission.objects.update(hinted_at=None)

    with process(
        "manage.py",
        "worker",
        log=tmp_path / "worker.log",
        QUEUE_BROKER="redis",
        **IMPATIENT,
    ):
        becomes(order, "transmission", "sent")

    assert len(booked(sandbox, order)) == 1

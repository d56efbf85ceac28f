"""Many orders, faults by chance, workers killed at random: the books must agree."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from procurement.orders.models import PurchaseOrder
from procurement.orders.states import Sending
from tests.coordination.test_worker_processes import IMPATIENT
from tests.processes import children_of, process, wait_until
from tests.sandboxed import ORDER_TAKING, connect, queue_order
from vendors.sandbox import Sandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

SEED = int(os.environ.get("CHAOS_SEED", "20310402"))
ORDERS = 40
CANT_BE_ASKED = ("eet", "simutek")
FAULTS = ("lost_answer", "error_after", "error_before", "cut_before", "throttled")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(port=0, step_seconds=600) as running:
        yield running


def upset(sandbox: Sandbox, seed: int) -> None:
    for vendor in ORDER_TAKING:
        for number, fault in enumerate(FAULTS):
            sandbox.add_fault(
                vendor,
                endpoint="place_order",
                fault=fault,
                probability=0.08,
                seed=seed + number,
            )


def kill_somebody(workers: list[Any], chance: random.Random) -> None:
    below = [pid for worker in workers for pid in children_of(worker.pid)]
    if below:
        with suppress(ProcessLookupError):
            os.kill(chance.choice(below), signal.SIGKILL)


def test_nothing_is_placed_twice_or_lost(sandbox: Sandbox, tmp_path: Path) -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    accounts = [connect(sandbox, vendor) for vendor in ORDER_TAKING]
    upset(sandbox, SEED)
    impatient = {**IMPATIENT, "RETRY_WAITS": "0,1", "MAX_ATTEMPTS": "50"}
    with ExitStack() as stack:
        workers = [
            stack.enter_context(
                process("manage.py", "worker", log=tmp_path / f"{n}.log", **impatient)
            )
            for n in range(2)
        ]
        for number in range(ORDERS):
            queue_order(accounts[number % len(accounts)])
            if number % 6 == 5:
                kill_somebody(workers, chance)
            time.sleep(0.2)
        sandbox.clear_faults()
        wait_until("every order has come to rest", at_rest, seconds=90)
    compare(sandbox)


def at_rest() -> bool:
    """Sent, or shown to a person because nobody can know."""
    moving = PurchaseOrder.objects.exclude(transmission=Sending.SENT).exclude(
        transmission=Sending.UNKNOWN, supplier__vendor__in=CANT_BE_ASKED
    )
    return not moving.exclude(attention__contains="person has to decide").exists()


def compare(sandbox: Sandbox) -> None:
    booked = Counter(
        each["reference"] for vendor in ORDER_TAKING for each in sandbox.orders(vendor)
    )
    numbers = {
        each["reference"]: each["number"]
        for vendor in ORDER_TAKING
        for each in sandbox.orders(vendor)
    }
    states = Counter(PurchaseOrder.objects.values_list("transmission", flat=True))
    print(f"{states}, {len(booked)} in the vendors' books")
    assert not {reference for reference, count in booked.items() if count > 1}
    for order in PurchaseOrder.objects.all():
        if order.transmission == Sending.SENT:
            assert order.supplier_order_number == numbers[order.number]
        else:
            assert order.transmission == Sending.UNKNOWN
            assert order.attention, "nobody would see it"

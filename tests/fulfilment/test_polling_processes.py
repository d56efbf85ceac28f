"""Two pollers in two processes over one database, for an hour of simulated time."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import time_machine

from procurement.fulfilment.models import PollState
from procurement.orders.models import PurchaseOrder
from procurement.suppliers.models import Supplier
from tests.bulk import make_open_orders
from tests.factories import make_supplier
from tests.fulfilment.poller import START
from tests.processes import ROOT, database_url

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

CHANGES = {
    f"SO-{number}": sorted({number % 7, 10 + number % 9, 20 + number, 36 + number % 20})
    for number in range(1, 9)
}
"""The minutes at which each order changes; several between two polls now and then."""


class Poller:
    def __init__(self, running: "subprocess.Popen[str]") -> None:
        self.process = running

    def begin(self, words: object) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{words}\n")
        self.process.stdin.flush()

    def wait(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()


@contextmanager
def poller(calls: Path, supplier: Supplier) -> Iterator[Poller]:
    arguments = [str(calls), json.dumps(CHANGES), str(supplier.pk)]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.fulfilment.poller", *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": database_url(),
            "POLL_INTERVAL_SECONDS": "900",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            yield Poller(running)
        finally:
            running.kill()


@pytest.fixture
def supplier() -> Supplier:
    with time_machine.travel(START, tick=False):
        made = make_supplier()
        make_open_orders(made, len(CHANGES))
        # What was read before the hour began is of no account here.
        PurchaseOrder.objects.update(supplier_changed_at=START)
    return made


def lists(calls: Path) -> list[int]:
    """The minutes at which the list was asked for."""
    rows = [line.split() for line in calls.read_text().splitlines()]
    return [int(row[2]) for row in rows if row[0] == "list"]


def reads(calls: Path) -> Counter[tuple[str, int]]:
    rows = [line.split() for line in calls.read_text().splitlines()]
    return Counter((row[1], int(row[2])) for row in rows if row[0] == "read")


def seen_by_polls_at(*minutes: int) -> set[tuple[str, int]]:
    """What polls at these minutes have to read: the latest change of each order."""
    found = set()
    for poll in minutes:
        for number, changes in CHANGES.items():
            past = [minute for minute in changes if minute <= poll]
            # What changed at the very start counts as read before.
            if past and max(past) > 0:
                found.add((number, max(past)))
    return found


def test_each_poll_and_each_read_of_an_hour_happens_once(
    supplier: Supplier, tmp_path: Path
) -> None:
    calls = tmp_path / "calls"
    with poller(calls, supplier) as one, poller(calls, supplier) as two:
        both = (one, two)
        assert [each.wait() for each in both] == ["ready", "ready"]
        for minute in range(61):
            for each in both:
                each.begin(minute)
            assert [each.wait() for each in both] == ["done", "done"]

    assert lists(calls) == [0, 15, 30, 45, 60]
    assert reads(calls) == Counter(seen_by_polls_at(0, 15, 30, 45, 60))
    told = PurchaseOrder.objects.filter(supplier_order_number__in=CHANGES)
    assert {each.supplier_order_number: each.payment_status for each in told} == {
        number: f"of {max(m for m in minutes if m <= 60)}"
        for number, minutes in CHANGES.items()
    }


def test_poller_that_is_killed_half_way_is_taken_over_within_minutes(
    supplier: Supplier, tmp_path: Path
) -> None:
    calls = tmp_path / "calls"
    with poller(calls, supplier) as one, poller(calls, supplier) as two:
        assert [one.wait(), two.wait()] == ["ready", "ready"]
        for minute in range(30):
            one.begin(minute)
            assert one.wait() == "done"
        two.begin("30 die")
        assert two.wait() == ""
        for minute in range(31, 61):
            one.begin(minute)
            assert one.wait() == "done"

    assert lists(calls) == [0, 15, 30, 32, 47]
    wanted = seen_by_polls_at(0, 15, 30, 32, 47)
    twice = [each for each, times in reads(calls).items() if times > 1]
    assert len(twice) <= 1, "the read in whose middle it died"
    assert_all_read(reads(calls), wanted)
    state = PollState.objects.get()
    assert (state.last_error, state.quiet_polls) == ("", 0)


def assert_all_read(read: Counter[Any], wanted: set[tuple[str, int]]) -> None:
    # Changes that were overtaken by another before the take-over need no read.
    latest = {(n, max(m for w, m in wanted if w == n)) for n, _ in wanted}
    assert latest <= set(read) <= wanted

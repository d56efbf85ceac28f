"""What a worker has to survive: each of its processes killed, stopped, cut off."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from procurement.coordination.models import Heartbeat
from procurement.coordination.processes import members_of
from procurement.queue import hint
from tests.coordination.probe import LOG, lines
from tests.processes import process, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PROCESSES = 2
IMPATIENT = {
    "HEARTBEAT_LIMIT_SECONDS": "9",
    "WORKER_PROCESSES": str(PROCESSES),
    "CARRIER_PROCESSES": "1",
}
WORK = "tests.coordination.probe.work"
UNTIL_TOLD = "tests.coordination.probe.work_until_told"


class Worker:
    """A running `manage.py worker` and what its tasks wrote down."""

    def __init__(self, running: "subprocess.Popen[bytes]", folder: Path) -> None:
        self.running = running
        self.log = folder / "worker.log"
        self.probe = folder / "probe"

    def clusters(self) -> list[int]:
        """The main processes that were started for what is no call to a vendor."""
        found = re.findall(r":general:\d+: cluster (\d+) started", self.log.read_text())
        return [int(pid) for pid in found]

    def part(self, name: str) -> int:
        """Its sentinel makes the processes in this order."""
        main, sentinel, *parts = members_of(self.clusters()[-1])
        names = ["main", "sentinel", "process", "second process", "monitor", "pusher"]
        return dict(zip(names, [main, sentinel, *parts], strict=True))[name].pid

    def is_complete(self) -> bool:
        return (
            len(self.clusters()) > 0
            and len(members_of(self.clusters()[-1])) == PROCESSES + 4
            and Heartbeat.objects.filter(worker__contains=":general:").exists()
        )

    def wrote(self, word: str) -> dict[str, list[int]]:
        return lines(self.probe, word)


@pytest.fixture
def worker(transactional_db: None, tmp_path: Path) -> Iterator[Worker]:
    environment = {**IMPATIENT, LOG: str(tmp_path / "probe")}
    log = tmp_path / "worker.log"
    with process("manage.py", "worker", log=log, **environment) as running:
        made = Worker(running, tmp_path)
        wait_until("it is complete", made.is_complete)
        # It calls the roll once a second, and only then misses anybody.
        time.sleep(2)
        yield made
    print(log.read_text())


def ask_for(*names: str, seconds: float = 0.0) -> None:
    for name in names:
        hint(WORK, name, seconds)


def all_done(worker: Worker, *names: str) -> None:
    wait_until(f"{names} are done", lambda: set(names) <= set(worker.wrote("ended")))


def is_replaced(worker: Worker, old: int) -> None:
    wait_until("another one runs", lambda: worker.clusters()[-1] != old)
    wait_until("nothing of the old one is left", lambda: not members_of(old))


def test_part_killed_at_work_costs_no_task_and_doubles_none(worker: Worker) -> None:
    expected: dict[str, int] = {}
    for part in ("monitor", "pusher", "sentinel", "main"):
        wait_until("it is complete", worker.is_complete)
        time.sleep(2)
        old = worker.clusters()[-1]
        first, later = [f"{part}-{n}" for n in range(6)], [f"{part}-6", f"{part}-7"]
        ask_for(*first, seconds=0.4)
        wait_until("it works", lambda part=part: f"{part}-0" in worker.wrote("ended"))

        os.kill(worker.part(part), signal.SIGKILL)
        ask_for(*later)

        all_done(worker, *first, *later)
        is_replaced(worker, old)
        expected |= dict.fromkeys([*first, *later], 1)
    began = {name: len(by) for name, by in worker.wrote("began").items()}
    assert began == expected


def test_idle_process_killed_freezes_nothing(worker: Worker) -> None:
    old = worker.clusters()[-1]

    os.kill(worker.part("process"), signal.SIGKILL)
    ask_for("a", "b", "c", "d")

    all_done(worker, *"abcd")
    is_replaced(worker, old)
    assert all(len(by) == 1 for by in worker.wrote("began").values())


def test_busy_process_killed_takes_only_its_own_task_with_it(worker: Worker) -> None:
    old = worker.clusters()[-1]
    ask_for("victim", seconds=60)
    (victim,) = wait_until("it works", lambda: worker.wrote("began").get("victim"))
    hint(UNTIL_TOLD, "beside")
    wait_until("the other one works", lambda: "beside" in worker.wrote("began"))

    os.kill(victim, signal.SIGKILL)
    ask_for("a", "b")

    all_done(worker, "a", "b")
    is_replaced(worker, old)
    assert "beside" in worker.wrote("told"), "what was under way could finish"
    assert all(len(by) == 1 for by in worker.wrote("began").values())


def test_signal_to_the_whole_group_cuts_no_task(worker: Worker) -> None:
    old = worker.clusters()[-1]
    ask_for("a", "b", "c", "d", seconds=0.7)
    wait_until("it works", lambda: worker.wrote("began"))

    os.killpg(old, signal.SIGTERM)

    all_done(worker, *"abcd")
    is_replaced(worker, old)
    assert all(len(by) == 1 for by in worker.wrote("began").values())


def test_cluster_that_stands_still_gives_back_what_it_took(worker: Worker) -> None:
    old = worker.clusters()[-1]
    for held_up in members_of(old):
        if held_up.pid != worker.part("pusher"):
            os.kill(held_up.pid, signal.SIGSTOP)
    ask_for("a", "b", "c", "d")

    all_done(worker, *"abcd")
    is_replaced(worker, old)
    assert all(len(by) == 1 for by in worker.wrote("began").values())


def test_clusters_end_themselves_when_their_supervisor_is_killed(
    worker: Worker,
) -> None:
    (cluster,) = worker.clusters()
    hint(UNTIL_TOLD, "long")
    wait_until("it works", lambda: "long" in worker.wrote("began"))

    worker.running.kill()

    wait_until("the task was told", lambda: "long" in worker.wrote("told"))
    wait_until("nothing of it is left", lambda: not members_of(cluster))


def test_stop_is_in_order_and_takes_nothing_new(worker: Worker) -> None:
    ask_for("a", "b", seconds=1.5)
    hint(UNTIL_TOLD, "long")
    wait_until("it works", lambda: len(worker.wrote("began")) == PROCESSES)

    worker.running.send_signal(signal.SIGTERM)

    assert worker.running.wait(timeout=20) == 0
    assert set(worker.wrote("began")) >= {"a", "b"}
    assert set(worker.wrote("ended")) == {"a", "b"}
    assert not Heartbeat.objects.exists()


def test_second_signal_ends_what_will_not_end(worker: Worker) -> None:
    ask_for("endless", seconds=600)
    wait_until("it works", lambda: worker.wrote("began"))

    worker.running.send_signal(signal.SIGTERM)
    time.sleep(1)
    assert worker.running.poll() is None, "it waits for what is under way"
    worker.running.send_signal(signal.SIGTERM)

    assert worker.running.wait(timeout=10) == 0
    assert not members_of(worker.clusters()[-1])


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is never away")
def test_database_that_is_away_for_seconds_is_waited_for(worker: Worker) -> None:
    ask_for("a", "b", "c", "d", "e", "f", seconds=0.7)
    wait_until("it works", lambda: worker.wrote("ended"))

    refuse_connections(seconds=4)

    all_done(worker, *"abcdef")
    ask_for("g")
    all_done(worker, "g")
    assert all(len(by) == 1 for by in worker.wrote("began").values())
    assert "is replaced" not in worker.log.read_text()


def refuse_connections(*, seconds: float) -> None:
    """Cut all others off, again and again."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        time.sleep(0.1)

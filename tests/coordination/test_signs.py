"""What a long task asks and tells: whether to stop, and that it lives."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError

from procurement.coordination import operations, tasks
from procurement.coordination.models import Heartbeat
from procurement.coordination.stopping import STOP_PIPE, is_stopping, named


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    monkeypatch.setenv(STOP_PIPE, named(reading))
    yield reading, writing
    for end in (reading, writing):
        try:
            os.close(end)
        except OSError:
            continue


def test_outside_a_worker_nothing_is_told_to_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(STOP_PIPE, raising=False)

    assert not is_stopping()


def test_all_threads_and_children_hear_it_when_the_pipe_is_closed(
    pipe: tuple[int, int],
) -> None:
    assert not is_stopping()

    os.close(pipe[1])

    with ThreadPoolExecutor(8) as threads:
        heard = threads.map(lambda _: is_stopping(), range(64))
    assert list(heard) == [True] * 64
    child = os.fork()
    if child == 0:
        os._exit(7 if is_stopping() else 0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_other_file_under_the_pipes_number_is_no_word_to_stop(
    pipe: tuple[int, int],
) -> None:
    reading, writing = pipe
    os.close(writing)
    os.close(reading)
    assert not is_stopping()

    other, end = os.pipe()
    os.dup2(other, reading)
    os.close(end)

    assert not is_stopping()
    os.close(other)


@pytest.fixture
def never_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_signed_at", float("-inf"))
    monkeypatch.setenv("WORKER_NAME", "host:1:carriers:1")


@pytest.mark.django_db
def test_sign_of_life_is_written_at_most_each_five_seconds(
    never_signed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(tasks.time, "monotonic", lambda: clock[0])
    tasks.sign_of_life()
    first = Heartbeat.objects.get(worker="host:1:carriers:1")

    clock[0] += 4.9
    tasks.sign_of_life()
    assert Heartbeat.objects.get().at == first.at

    clock[0] += 0.1
    tasks.sign_of_life()
    assert Heartbeat.objects.get().at > first.at


def test_sign_of_life_gives_way_where_the_database_is_away(
    never_signed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*, worker: str) -> None:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(operations, "record_heartbeat", fail)

    tasks.sign_of_life()


def test_heartbeat_says_which_cluster_of_which_machine() -> None:
    sign = Heartbeat(worker="vm-7:4711:carriers:2")

    assert (sign.machine, sign.cluster) == ("vm-7", "carriers")
    assert Heartbeat(worker="unnamed").cluster == ""

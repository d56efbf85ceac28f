"""Work without items: its place and its file are kept together."""

import io
from collections.abc import Callable

import pytest

from procurement import parts
from procurement.coordination.models import Lease
from procurement.parts import StoredFile
from procurement.runs.kinds import RunKind, register
from procurement.runs.models import Run
from procurement.runs.operations import ask_for_run, stop_run
from procurement.runs.progress import Progress
from procurement.runs.working import MOST_TRIES, work_off
from tests.factories import make_user
from tests.runs.kinds import Killed

pytestmark = pytest.mark.django_db


def asked(work: Callable[[Run, Progress], None]) -> Run:
    register(
        RunKind(name="stream", label="Stream", may=lambda user, run: True, work=work)
    )
    return ask_for_run(kind="stream", actor=make_user("buyer"))


def content(run: Run) -> bytes:
    return StoredFile(run.parts).reader.read()


def test_file_goes_on_from_the_last_kept_place_after_a_kill() -> None:
    deaths = [3]

    def work(run: Run, progress: Progress) -> None:
        progress.set_total(5)
        with progress.file("numbers.csv", "text/csv") as file:
            for number in range(progress.cursor.get("next", 0), 5):
                file.write(f"{number}\n")
                if number in deaths:
                    deaths.remove(number)
                    raise Killed
                progress.keep(cursor={"next": number + 1}, done=1)
                progress.go_on()

    run = asked(work)
    with pytest.raises(Killed):
        work_off(run_id=run.pk)
    run.refresh_from_db()
    assert (run.state, run.done, run.percent) == ("running", 3, 60)

    assert work_off(run_id=run.pk) == "done"

    run.refresh_from_db()
    assert content(run) == b"0\n1\n2\n3\n4\n"
    assert (run.done, run.file_size, run.file_name) == (5, 10, "numbers.csv")


def test_large_file_is_never_in_memory_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parts, "PART_BYTES", 100)
    most = 0

    def work(run: Run, progress: Progress) -> None:
        nonlocal most
        with progress.file("x.bin", "application/octet-stream") as file:
            for _ in range(100):
                file.write(b"x" * 70)
                most = max(most, len(file._waiting))

    run = asked(work)
    assert work_off(run_id=run.pk) == "done"

    run.refresh_from_db()
    assert most < 100
    assert (run.parts.count(), run.file_size) == (70, 7000)
    assert content(run) == b"x" * 7000


def test_whole_file_is_taken_over_and_replaces_one_begun_before() -> None:
    deaths = [1]

    def work(run: Run, progress: Progress) -> None:
        progress.attach(io.BytesIO(b"PK" + b"z" * 300_000), "sheet.xlsx", "x/sheet")
        if deaths:
            raise deaths.pop() and Killed

    run = asked(work)
    with pytest.raises(Killed):
        work_off(run_id=run.pk)
    assert work_off(run_id=run.pk) == "done"

    assert content(run) == b"PK" + b"z" * 300_000


def test_work_that_never_gets_anywhere_fails() -> None:
    def work(run: Run, progress: Progress) -> None:
        raise Killed

    run = asked(work)
    for _ in range(MOST_TRIES):
        with pytest.raises(Killed):
            work_off(run_id=run.pk)

    assert work_off(run_id=run.pk) == "failed"
    run.refresh_from_db()
    assert run.text == "Given up: nothing came of it in 5 turns."


def test_program_error_ends_it_with_a_reason() -> None:
    def work(run: Run, progress: Progress) -> None:
        raise ZeroDivisionError("a secret")

    run = asked(work)

    assert work_off(run_id=run.pk) == "failed"
    run.refresh_from_db()
    assert run.text == "The program failed: ZeroDivisionError."


def test_stop_is_heard_between_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("procurement.runs.progress.LOOK_SECONDS", 0)

    def work(run: Run, progress: Progress) -> None:
        for number in range(3):
            progress.keep(cursor={"next": number}, done=1)
            if number == 1:
                stop_run(run_id=run.pk, actor=run.asked_by)
            progress.go_on()

    run = asked(work)

    assert work_off(run_id=run.pk) == "stopped"
    run.refresh_from_db()
    assert (run.done, run.text) == (2, "Stopped by buyer.")


def test_worker_that_lost_the_run_writes_nothing_more() -> None:
    def work(run: Run, progress: Progress) -> None:
        Lease.objects.update(holder="another")
        progress.keep(cursor={"next": 1}, done=1)

    run = asked(work)

    assert work_off(run_id=run.pk) == "running"
    run.refresh_from_db()
    assert (run.done, run.cursor) == (0, {})

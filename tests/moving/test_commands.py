"""The commands as they are run: real processes, a worker, a kill, two databases."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from procurement.backups import filling
from procurement.backups.books import connect as connect_to
from procurement.backups.restoring import make_room
from procurement.errors import OperationNotAllowed
from procurement.runs.models import Run, RunFilePart
from tests.factories import make_user
from tests.moving.world import fill_world
from tests.processes import ROOT, database_url, process, wait_until
from tests.sandboxed import connect, queue_order
from vendors.sandbox import Sandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def manage(url: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": url,
        },
        capture_output=True,
        text=True,
    )


def done(url: str, *arguments: str) -> str:
    ran = manage(url, *arguments)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def digest(said: str) -> str:
    return next(word for word in said.split() if len(word.strip("().")) == 64)


def test_restored_into_the_other_kind_nothing_is_sent_by_a_worker(
    tmp_path: Path,
) -> None:
    """Backup, restore, worker, backup again: and what is refused on the way."""
    with Sandbox(port=0, step_seconds=36000) as sandbox:
        fill_world()
        supplier = connect(sandbox, "eet")
        for _ in range(3):
            queue_order(supplier)
        said = done(database_url(), "backup", str(tmp_path), "--keep", "3")
        [backup] = tmp_path.glob("procurement-*.zip")
        assert f"{backup}: " in said

        restored = f"sqlite:///{tmp_path / 'restored.sqlite3'}"
        said = done(restored, "restore", str(backup), "--numbers-from", "4711")
        assert "the same as in the backup" in said
        assert list(tmp_path.glob("*.restoring*")) == []
        with process(
            "manage.py",
            "worker",
            log=tmp_path / "worker.log",
            DATABASE_URL=restored,
            WORKER_PROCESSES="1",
            # What its processes say of themselves is left out of an ordinary log.
            LOG_LEVEL="DEBUG",
        ):
            # A worker that is at it carries an order within two seconds.
            wait_until(
                "the worker has begun",
                lambda: "ready for work" in (tmp_path / "worker.log").read_text(),
            )
            time.sleep(3)
            assert sandbox.orders("eet") == []
            refused = manage(restored, "restore", str(backup))
            assert refused.returncode == 1
            assert "The database restored.sqlite3 is not empty" in refused.stderr
            refused = manage(
                restored, "restore", str(backup), "--replace", "restored.sqlite3"
            )
            assert refused.returncode == 1
            assert "in use" in refused.stderr
        said = done(restored, "after_restore")
        assert "eet-nord: paused, 3 of unknown outcome" in said


def test_killed_backup_and_killed_restore_leave_nothing_that_passes_for_whole(
    tmp_path: Path,
) -> None:
    run = Run.objects.create(kind="x", title="x", asked_by=make_user("buyer"))
    for number in range(60):
        RunFilePart.objects.create(
            run=run, position=number, content=os.urandom(1_000_000)
        )

    def kill_when(pattern: str, url: str, *arguments: str) -> None:
        with process(
            "manage.py", *arguments, log=tmp_path / "log", DATABASE_URL=url
        ) as running:
            wait_until(f"{pattern} is there", lambda: any(tmp_path.glob(pattern)))
            os.kill(running.pid, signal.SIGKILL)
            running.wait()

    kill_when(".*.partial", database_url(), "backup", str(tmp_path))
    assert list(tmp_path.glob("procurement-*.zip")) == []
    done(database_url(), "backup", str(tmp_path))
    assert list(tmp_path.glob(".*.partial")) == []
    [backup] = tmp_path.glob("procurement-*.zip")

    target = tmp_path / "restored.sqlite3"
    kill_when("*.restoring", f"sqlite:///{target}", "restore", str(backup))
    assert not target.exists()


# --- PostgreSQL ---------------------------------------------------------------------


@pytest.fixture
def empty_database() -> Iterator[str]:
    """The address of a database of its own, without tables."""
    if connection.vendor != "postgresql":
        pytest.skip("wants PostgreSQL")
    server, _, name = database_url().rpartition("/")
    other = f"{name}_moved"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as own:
        own.execute(f"DROP DATABASE IF EXISTS {other}")
        own.execute(f"CREATE DATABASE {other}")
        yield f"{server}/{other}"
        own.execute(f"DROP DATABASE {other} WITH (FORCE)")


def test_half_filled_database_is_known_and_begun_anew_only_by_word(
    empty_database: str,
) -> None:
    name = empty_database.rpartition("/")[2]
    raw = connect_to({**connection.settings_dict, "NAME": name})
    raw.execute("CREATE TABLE orders (id integer)")
    with pytest.raises(OperationNotAllowed, match=f"--replace {name}"):
        make_room(raw, name, replaces="", starts_over=True)

    filling.mark_unfinished(raw)
    with pytest.raises(OperationNotAllowed, match="--start-over"):
        make_room(raw, name, replaces="", starts_over=False)
    with (
        psycopg.connect(empty_database),
        pytest.raises(OperationNotAllowed, match="1 other connections"),
    ):
        make_room(raw, name, replaces="", starts_over=True)

    make_room(raw, name, replaces="", starts_over=True)

    assert filling.postgres_tables(raw) == []
    raw.close()


def test_everything_moves_from_sqlite_to_postgresql(
    empty_database: str, tmp_path: Path
) -> None:
    fill_world()
    done(database_url(), "backup", str(tmp_path))
    [backup] = tmp_path.glob("*.zip")
    source = f"sqlite:///{tmp_path / 'old.sqlite3'}"
    done(source, "restore", str(backup))
    arguments = ("move_database", "--from", source, "--to", empty_database)

    said = done(source, *arguments)

    assert f"DATABASE_URL={empty_database}" in said
    assert digest(done(source, "backup", str(tmp_path))) in said

"""`make moving`: how long backups, restores and a move take, and how much memory.

Everything is made, measured and taken away again. Ratios are to what the databases'
own tools need for the same in the same run.
"""

import argparse
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parents[2]
SERVER = os.environ.get("TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432")
NAMES = ("moving_restored", "moving_moved", "moving_pg_restored")


@dataclass(frozen=True)
class Cost:
    seconds: float
    cpu: float
    megabytes: float
    said: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000)
    orders = parser.parse_args().orders
    home = Path(tempfile.mkdtemp(prefix="moving-"))
    _databases(drop=True)
    _databases(drop=False)
    try:
        _run_all(home, orders)
    finally:
        _databases(drop=True)
        shutil.rmtree(home)


def _run_all(home: Path, orders: int) -> None:
    source = f"sqlite:///{home / 'source.sqlite3'}"
    first, second = home / "first", home / "second"
    first.mkdir()
    second.mkdir()
    _manage(source, "migrate", "--verbosity", "0")
    filled = _python(source, "-m", "tests.moving.filling", str(orders))
    print(f"{orders:,} orders made in {filled.seconds:.0f} s", flush=True)
    with sqlite3.connect(home / "source.sqlite3") as own:
        own.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    empty = {"sqlite": 0.0, "postgresql": 0.0}
    empty["sqlite"] = _manage(
        f"sqlite:///{home / 'empty.sqlite3'}", "migrate", "--verbosity", "0"
    ).seconds
    print(f"empty tables made in {empty['sqlite']:.0f} s (part of each restore)")

    copied = _tool("cp", str(home / "source.sqlite3"), str(home / "copy.sqlite3"))
    size = (home / "source.sqlite3").stat().st_size
    _say("cp of the SQLite file", copied, size)
    taken = _manage(source, "backup", str(first))
    backup = next(first.iterdir())
    _say("backup, SQLite", taken, backup.stat().st_size, copied, "cp")
    _say("verify", _manage(source, "verify_backup", str(backup)), 0, copied, "cp")

    restored = f"{SERVER}/moving_restored"
    cost = _manage(restored, "restore", str(backup))
    _say("restore, SQLite's backup into PostgreSQL", cost, 0)

    dump = home / "dump"
    dumped = _tool("pg_dump", "-Fc", "-f", str(dump), restored)
    _say("pg_dump -Fc", dumped, dump.stat().st_size)
    again = _manage(restored, "backup", str(second))
    other = next(second.iterdir())
    _say("backup, PostgreSQL", again, other.stat().st_size, dumped, "pg_dump")
    own = _tool("pg_restore", "-d", f"{SERVER}/moving_pg_restored", str(dump))
    _say("pg_restore", own, 0)
    print(f"  restore / pg_restore: {cost.seconds / own.seconds:.1f}")

    back = f"sqlite:///{home / 'back.sqlite3'}"
    cost = _manage(back, "restore", str(other))
    _say("restore, PostgreSQL's backup into SQLite", cost, 0, copied, "cp")
    moved = _manage(source, "move_database", "--to", f"{SERVER}/moving_moved")
    _say("move_database", moved, 0, own, "pg_restore")
    digests = [_digest(taken.said), _digest(moved.said)]
    print(f"digest of the backup and of what was moved: {digests}")
    if len(set(digests)) != 1:
        raise SystemExit("The digests differ.")


def _digest(said: str) -> str:
    return next(word for word in said.replace(".", " ").split() if len(word) == 64)


def _say(
    what: str, cost: Cost, size: int, floor: Cost | None = None, by: str = ""
) -> None:
    print(
        f"{what}: {cost.seconds:.1f} s ({cost.cpu:.1f} s of ours on the processor), "
        f"{cost.megabytes:.0f} MB of memory"
        + (f", {size / 1e6:.0f} MB written" if size else "")
        + (f"; {cost.seconds / floor.seconds:.1f} x {by}" if floor else ""),
        flush=True,
    )


def _manage(url: str, *arguments: str) -> Cost:
    return _python(url, "manage.py", *arguments)


def _python(url: str, *arguments: str) -> Cost:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": url,
    }
    return _run([sys.executable, *arguments], environment)


def _tool(*arguments: str) -> Cost:
    return _run(list(arguments), dict(os.environ))


def _run(arguments: list[str], environment: dict[str, str]) -> Cost:
    began = time.monotonic()
    running = subprocess.Popen(
        arguments, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    assert running.stdout is not None
    said = running.stdout.read()
    _, status, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    if status:
        raise SystemExit(f"{' '.join(arguments)} failed.")
    return Cost(
        time.monotonic() - began,
        used.ru_utime + used.ru_stime,
        used.ru_maxrss / 1024,
        said,
    )


def _databases(*, drop: bool) -> None:
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as server:
        for name in NAMES:
            server.execute(
                f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"
                if drop
                else f"CREATE DATABASE {name}"
            )


if __name__ == "__main__":
    main()

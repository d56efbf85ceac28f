"""`python -m tests.upgrading.make_previous`: databases of earlier releases, as SQL.

Each is made by the code of its own commit, taken from git into a temporary directory,
and committed under `previous/`; the tests need no history. `--only NAME` makes one,
`--postgres URL` says which server makes those of PostgreSQL.
"""

import argparse
import gzip
import os
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from contextlib import closing, contextmanager
from io import BytesIO
from pathlib import Path

import psycopg

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PREVIOUS = HERE / "previous"
RELEASES = {
    "followed": "095368c",  # orders are placed, followed and settled
    "approved": "7611edf",  # approval rules, runs, imports, notices, languages
    "connected": "8b39e6c",  # keys, one feed, outgoing webhooks: what came before 1.0
}
"""Names of the fixtures to the commits whose code makes them."""
SECRETS = {
    "SECRET_KEY": "only-for-tests-" + "x" * 40,
    "CREDENTIAL_KEYS": "only-for-tests-" + "k" * 40,
}
DATABASE = "upgrading_previous"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=RELEASES)
    parser.add_argument("--postgres", default="postgres://postgres@127.0.0.1:5432")
    given = parser.parse_args()
    PREVIOUS.mkdir(exist_ok=True)
    for name in [given.only] if given.only else RELEASES:
        with _code_of(RELEASES[name]) as code:
            _write(f"{name}.sqlite", _of_sqlite(code))
            _write(f"{name}.postgresql", _of_postgresql(code, given.postgres))


@contextmanager
def _code_of(commit: str):
    archive = subprocess.run(
        ["git", "archive", commit],  # noqa: S607
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=BytesIO(archive)) as files:
            files.extractall(folder, filter="data")
        yield Path(folder)


def _fill(code: Path, url: str) -> None:
    environment = {
        **os.environ,
        **SECRETS,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "PYTHONPATH": str(code),
        "DATABASE_URL": url,
    }
    for command in (["manage.py", "migrate", "-v", "0"], [str(HERE / "fill.py")]):
        subprocess.run(
            [sys.executable, *command], cwd=code, env=environment, check=True
        )


def _of_sqlite(code: Path) -> str:
    file = code / "previous.sqlite3"
    _fill(code, f"sqlite:///{file}")
    with closing(sqlite3.connect(file)) as database:
        return "\n".join(database.iterdump()) + "\n"


def _of_postgresql(code: Path, server: str) -> str:
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        connection.execute(f"CREATE DATABASE {DATABASE}")
        try:
            _fill(code, f"{server}/{DATABASE}")
            dump = subprocess.run(
                [
                    *("pg_dump", "--inserts", "--no-owner", "--no-privileges"),
                    f"{server}/{DATABASE}",
                ],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        finally:
            connection.execute(f"DROP DATABASE {DATABASE}")
    # Commands of psql, which the test does without.
    kept = (line for line in dump.splitlines() if not line.startswith("\\"))
    return "\n".join(kept) + "\n"


def _write(name: str, text: str) -> None:
    file = PREVIOUS / f"{name}.sql.gz"
    # Without a time in it, so that the same text is the same file.
    file.write_bytes(gzip.compress(text.encode(), mtime=0))
    print(f"{file.relative_to(ROOT)}: {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()

"""Runs the suite: on SQLite, and once more on PostgreSQL with Redis where they are.

What a machine lacks is left out loudly; with REQUIRE_SERVICES=1 that is a failure.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

POSTGRES = os.environ.get(
    "TEST_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres"
)
REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")
WITH_DATABASE = {
    "tests/vendors/suite/test_orders_through_the_engine.py",
    "tests/vendors/sixth/test_adding_one.py",
}
DATABASE_ALIKE = (
    "tests/access/test_every_call.py",
    "tests/access/test_every_door.py",
    "tests/test_architecture.py",
    "tests/test_docs.py",
    "tests/test_languages.py",
)
"""Who may do what, and what the files say, is the same on every database; walking every
door for every role costs as much as a third of all the rest."""
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""


def main() -> int:
    missing = missing_services()
    for name, reason in missing.items():
        print(f"\n!!! {name} is not there, its tests are left out: {reason}\n")
    if missing and os.environ.get("REQUIRE_SERVICES") == "1":
        print("REQUIRE_SERVICES=1, so this is a failure.")
        return 1
    has_servers = not {"PostgreSQL", "Redis"} & missing.keys()
    # Coverage slows a run by half, so the one people wait for first goes without.
    measured = [] if has_servers else coverage()
    # Processes on SQLite are what the demo and `make chaos DATABASE=sqlite` are.
    others = "browser" if has_servers else "slow or browser"
    # What speaks to vendors and stands in for them has no database of its own to be
    # tried on: it runs once, where coverage is measured.
    with_database = database_alone() if has_servers else []
    runs: list[tuple[str, list[str], dict[str, str]]] = [
        (
            "Fast, on SQLite",
            ["-m", "not slow and not browser", *with_database, *measured],
            {},
        ),
        (f"{others.capitalize()}, on SQLite", ["-m", others], {}),
    ]
    if has_servers:
        servers = {"DATABASE_URL": POSTGRES, "REDIS_URL": REDIS}
        runs += [
            (
                "Fast, on PostgreSQL and Redis",
                ["-m", "not slow and not browser", *alike(), *coverage()],
                servers,
            ),
            ("Processes, on PostgreSQL and Redis", ["-m", "slow"], servers),
        ]
    results = [run(title, arguments, extra) for title, arguments, extra in runs]
    print("\n" + "\n".join(line for line, _ in results))
    return 1 if any(code for _, code in results) else 0


def database_alone() -> list[str]:
    """Arguments that leave out the tests of the vendors' modules and of the sandbox."""
    vendors = sorted(Path("tests/vendors").glob("**/test_*.py"))
    apart = [path for path in vendors if str(path) not in WITH_DATABASE]
    return [f"--ignore={path}" for path in (Path("tests/sandbox"), *apart)]


def alike() -> list[str]:
    """Arguments that leave out what the run before has shown for good."""
    return [f"--ignore={path}" for path in DATABASE_ALIKE]


def coverage() -> list[str]:
    return ["--cov", "--cov-report="]


def run(title: str, arguments: list[str], extra: Mapping[str, str]) -> tuple[str, int]:
    print(f"\n=== {title}", flush=True)
    began = time.monotonic()
    # What starts processes of its own goes one by one.
    workers = ["-n", "2"] if arguments[1].startswith("not slow") else []
    code = subprocess.run(
        [sys.executable, "-m", "pytest", *workers, *arguments],
        env={**surroundings(), "CHROMIUM": CHROMIUM, **extra},
    ).returncode
    if not code and "--cov" in arguments:
        code = subprocess.run([sys.executable, "-m", "tests.coverage_floor"]).returncode
    seconds = time.monotonic() - began
    return f"{'ok    ' if not code else 'FAILED'} {title} ({seconds:.0f} s)", code


def surroundings() -> dict[str, str]:
    """The environment, without a database that somebody works with beside the suite."""
    apart = {"DATABASE_URL", "REDIS_URL"}
    return {name: text for name, text in os.environ.items() if name not in apart}


def missing_services() -> dict[str, str]:
    """What the machine lacks, with the reason in the service's own words."""
    import psycopg
    import redis

    missing = {}
    try:
        psycopg.connect(POSTGRES, connect_timeout=3).close()
    except psycopg.Error as error:
        missing["PostgreSQL"] = str(error).strip()
    try:
        redis.Redis.from_url(REDIS, socket_connect_timeout=3).ping()
    except redis.RedisError as error:
        missing["Redis"] = str(error)
    if not CHROMIUM:
        missing["Chromium"] = "no program called chromium"
    return missing


if __name__ == "__main__":
    sys.exit(main())

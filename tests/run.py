"""Runs the suite: on SQLite, and once more on PostgreSQL with Redis where they are.

What a machine lacks is left out loudly; with REQUIRE_SERVICES=1 that is a failure.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
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
    "tests/docs_run/test_named.py",
    "tests/docs_run/test_pages.py",
    "tests/test_architecture.py",
    "tests/test_docs.py",
    "tests/test_languages.py",
    "tests/test_markdown.py",
)
"""Who may do what, and what the files say, is the same on every database; walking every
door for every role costs as much as a third of all the rest."""
WHOLE_INSTALLATIONS = tuple(
    f"tests/{folder}"
    for folder in (
        *("deploying", "describing", "docs_run", "moving", "rolling", "secrecy"),
        "upgrading",
    )
)
OTHER_REDIS = 7
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
    fast = Part(
        "Fast, on SQLite", ("-m", "not slow and not browser", *with_database, *measured)
    )
    if not has_servers:
        outcomes = [run(fast), run(Part("Slow or browser, on SQLite", ("-m", others)))]
    else:
        servers = {"DATABASE_URL": POSTGRES, "REDIS_URL": REDIS}
        again = ("-m", "not slow and not browser", *alike(), *coverage())
        outcomes = [
            run(fast),
            run(Part("Fast, on PostgreSQL and Redis", again, servers)),
            *side_by_side(
                Part("Browser, on SQLite", ("-m", others)),
                *processes(servers),
            ),
        ]
    print("\n" + "\n".join(line for line, _ in outcomes))
    return 1 if any(code for _, code in outcomes) else 0


def database_alone() -> list[str]:
    """Arguments that leave out the tests of the vendors' modules and of the sandbox."""
    vendors = sorted(Path("tests/vendors").glob("**/test_*.py"))
    apart = [path for path in vendors if str(path) not in WITH_DATABASE]
    return [f"--ignore={path}" for path in (Path("tests/sandbox"), *apart)]


def processes(servers: Mapping[str, str]) -> list["Part"]:
    """What starts processes of its own, in two halves that are out of each other's way.

    The second has a database and a number in Redis of its own.
    """
    title = "Processes, on PostgreSQL and Redis"
    apart = {
        "DATABASE_URL": f"{servers['DATABASE_URL'].rpartition('/')[0]}/other_half",
        "REDIS_URL": f"{servers['REDIS_URL'].rpartition('/')[0]}/{OTHER_REDIS}",
    }
    others = [f"--ignore={folder}" for folder in WHOLE_INSTALLATIONS]
    return [
        Part(title, ("-m", "slow", *others), servers),
        Part(
            f"{title}: whole installations", ("-m", "slow", *WHOLE_INSTALLATIONS), apart
        ),
    ]


def alike() -> list[str]:
    """Arguments that leave out what the run before has shown for good."""
    return [f"--ignore={path}" for path in DATABASE_ALIKE]


def coverage() -> list[str]:
    return ["--cov", "--cov-report="]


@dataclass(frozen=True)
class Part:
    """One run of pytest, over a part of the suite and one kind of database."""

    title: str
    arguments: tuple[str, ...]
    services: Mapping[str, str] = field(default_factory=dict)


Outcome = tuple[str, int]


def run(part: Part, *, keeps_output: bool = False) -> Outcome:
    if not keeps_output:
        print(f"\n=== {part.title}", flush=True)
    began = time.monotonic()
    # What starts processes of its own goes one by one. Few are given out at a time:
    # tests near each other in the list are dear or cheap alike. Their order stays:
    # those that commit come last, since they leave no role and no right behind.
    is_fast = part.arguments[1].startswith("not slow")
    workers = ["-n", "2", "--maxschedchunk", "16"] if is_fast else []
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *workers, *part.arguments],
        env={**surroundings(), "CHROMIUM": CHROMIUM, **part.services},
        stdout=subprocess.PIPE if keeps_output else None,
        stderr=subprocess.STDOUT if keeps_output else None,
        text=True,
    )
    code = done.returncode
    if keeps_output:
        print(f"\n=== {part.title}\n{done.stdout}", flush=True)
    if not code and "--cov" in part.arguments:
        code = subprocess.run([sys.executable, "-m", "tests.coverage_floor"]).returncode
    seconds = time.monotonic() - began
    return f"{'ok    ' if not code else 'FAILED'} {part.title} ({seconds:.0f} s)", code


def side_by_side(*parts: Part) -> list[Outcome]:
    """Parts that wait more than they work, each told of as a whole when it is over."""
    print("\n=== Side by side: " + "; ".join(part.title for part in parts), flush=True)
    with ThreadPoolExecutor(len(parts)) as pool:
        return list(pool.map(partial(run, keeps_output=True), parts))


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
    if not shutil.which("caddy"):
        # Nobody has to have it: what is behind it is tried without it then.
        print("\n!!! There is no caddy: the proxy of deploy/ is not tried.\n")
    if not CHROMIUM:
        missing["Chromium"] = "no program called chromium"
    return missing


if __name__ == "__main__":
    sys.exit(main())

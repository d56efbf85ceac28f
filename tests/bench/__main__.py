"""`python -m tests.bench`: measure, print the table, say which goal is missed."""

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.bench import carrying, web
from tests.bench.goals import Figure, ratio, table
from tests.bench.installation import Installation
from tests.bench.servers import ROOT, postgres, redis
from tests.bench.vendor import slow_vendor

FULL = (10_000, 100_000, 1_000_000)
QUICK = (10_000,)
PARTS = ("web", "pages", "sqlite", "sending", "polling")
COUNTS = {"warm_up": 5, "rounds": 5, "per_round": 6}
SHORT = {"warm_up": 5, "rounds": 3, "per_round": 10}


def main() -> int:
    options = read_options()
    # Being ended has to end the servers too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    figures: list[Figure] = []
    began, load_before = time.time(), os.getloadavg()
    with ExitStack() as stack:
        installation = stack.enter_context(running(options.folder))
        for figure in measured(installation, options):
            say(f"  {table([figure]).splitlines()[1]}")
            figures.append(figure)
    print("\n" + table(figures))
    report = {
        "seconds": round(time.time() - began),
        "orders": options.orders,
        "cores": os.cpu_count(),
        "load_before": load_before,
        "load_after": os.getloadavg(),
        "figures": [figure.to_json() for figure in figures],
    }
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(report, indent=1))
    missed = [figure for figure in figures if figure.is_missed]
    for figure in missed:
        print(f"Missed: {figure.name}: {figure.value:.2f}, goal {figure.goal:g}.")
    return 1 if missed else 0


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--orders", type=int, nargs="*", default=[])
    parser.add_argument(
        "--quick", action="store_true", help="10,000 orders, few rounds"
    )
    parser.add_argument("--json", type=Path, default=ROOT / "var" / "bench.json")
    parser.add_argument("--only", nargs="*", default=[], help=f"of {PARTS}")
    parser.add_argument("--folder", type=Path, default=None, help="for the databases")
    options = parser.parse_args()
    options.orders = sorted(options.orders or (QUICK if options.quick else FULL))
    return options


@contextmanager
def running(folder: Path | None) -> Iterator[Installation]:
    """All servers of a run, with the databases everything is copied from."""
    with ExitStack() as stack:
        name = stack.enter_context(tempfile.TemporaryDirectory(dir=folder))
        work = Path(name)
        work.chmod(0o755)
        for part in ("postgres", "redis"):
            (work / part).mkdir()
        installation = Installation(
            folder=work,
            postgres_port=stack.enter_context(postgres(work / "postgres")),
            redis_url=stack.enter_context(redis(work / "redis")),
            vendor_url=stack.enter_context(slow_vendor()),
            facts={},
            facts_sqlite={},
        )
        say("Making the databases")
        installation.prepare()
        yield installation


def measured(
    installation: Installation, options: argparse.Namespace
) -> Iterator[Figure]:
    parts = options.only or PARTS
    if "web" in parts:
        yield from measured_web(installation, options)
    if "pages" in parts:
        say("List pages")
        yield from pages(installation, options.orders)
    if "sqlite" in parts:
        yield from measured_sqlite(installation, options)
    if "sending" in parts:
        say("Sending")
        orders, rounds = (640, 3) if options.quick else (1_600, 5)
        yield from carrying.sending(installation, orders, rounds)
    if "polling" in parts:
        say("Polling")
        yield polling(installation, 10_000 if options.quick else 100_000)


def measured_web(
    installation: Installation, options: argparse.Namespace
) -> Iterator[Figure]:
    counts = SHORT if options.quick else COUNTS
    middle = min(max(options.orders), 100_000)
    rest: dict[int, float] = {}
    for orders in options.orders:
        database, seconds = installation.load(orders)
        say(f"{orders:,} orders, loaded in {seconds:.0f} s")
        with web.pair(installation, database, installation.folder) as both:
            for figure in web.lists(both, orders, counts):
                rest.setdefault(orders, figure.data["ours"])
                yield figure
            yield from web.searches(both, orders, "PostgreSQL", counts)
            if orders == middle:
                yield from web.writes(both, installation, database, counts)
                yield web.memory(both)
        if orders == middle:
            yield from web.starting(installation, database, installation.folder)
    if {10_000, 1_000_000} <= rest.keys():
        yield ratio(
            "REST list at 1,000,000 to 10,000",
            rest[1_000_000],
            rest[10_000],
            1.2,
            against="at 10,000",
        )


def measured_sqlite(
    installation: Installation, options: argparse.Namespace
) -> Iterator[Figure]:
    orders = max(options.orders)
    database, seconds = installation.load_sqlite(orders)
    say(f"{orders:,} orders on SQLite, loaded in {seconds:.0f} s")
    counts = {"warm_up": 3, "rounds": 3, "per_round": 6}
    with web.pair(installation, database, installation.folder) as both:
        yield from web.searches(both, orders, "SQLite", counts)


def pages(installation: Installation, sizes: list[int]) -> Iterator[Figure]:
    """The same pages over few and over many orders."""
    few = installation.load_named("few", 10_000)
    many = installation.url(f"orders_{max(sizes)}")
    if not installation.exists(f"orders_{max(sizes)}"):
        many, _ = installation.load(max(sizes))
    at_few, at_many = (
        installation.run_json(url, "-m", "tests.bench.pages") for url in (few, many)
    )
    growing = {
        page: [at_few[page]["queries"], at_many[page]["queries"]]
        for page in at_few.keys() & at_many.keys()
        # A page without rows has no neighbours of rows to ask for.
        if at_few[page]["rows"] == at_many[page]["rows"]
        and at_few[page]["queries"] < at_many[page]["queries"]
    }
    counting = {page: found["counts"] for page, found in at_many.items()}
    counting = {page: texts for page, texts in counting.items() if texts}
    most = max(found["queries"] for found in at_many.values())
    yield Figure(
        "list pages whose queries grow with the data",
        len(growing),
        0,
        unit="pages",
        detail=f"of {len(at_many)}; most queries of a page: {most}; {growing or ''}",
        data={"growing": growing, "pages": at_many},
    )
    yield Figure(
        "list pages that count a table",
        len(counting),
        0,
        unit="pages",
        detail=", ".join(sorted(counting)),
        data={"counting": counting},
    )


def polling(installation: Installation, orders: int) -> Figure:
    database = installation.empty_copy("polling")
    found = installation.run_json(database, "-m", "tests.bench.polling", str(orders))
    return Figure(
        f"polling, {orders:,} open, 100 changed",
        found["seconds"],
        2,
        unit="s CPU",
        detail=f"{found['lists']} list calls, {found['reads']} reads, "
        f"{found['queries']} queries",
        data=found,
    )


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())

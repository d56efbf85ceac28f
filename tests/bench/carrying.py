"""Sending through a vendor that takes 50 ms, 32 orders at once.

Three rates, each of so many orders of ten lines: bare `requests` sessions, one for
each thread; the vendor module alone, with masking and records of every exchange; and
the whole engine, from rows in the database to rows in the database.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

from tests.bench.goals import Figure, ratio
from tests.bench.installation import BASE, Installation
from tests.bench.servers import ROOT, copy_database, end, memory_of

THREADS = 32
LINES = 10


# --- bare sessions and the vendor module, in a process of their own -----------------


def main() -> None:
    """Print the rates of `bare` and `module`; they take turns in rounds."""
    url, orders, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    ways: dict[str, Callable[[str, int], float]] = {"bare": bare, "module": module}
    rates: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            rates[name].append(way(url, orders))
    print(json.dumps({name: median(found) for name, found in rates.items()}))


def bare(url: str, orders: int) -> float:
    import requests

    body = json.dumps(
        {
            "CustomerOrderNo": "PO-2031-000042",
            "Items": [
                {"ItemId": f"SKU-{line:06d}", "Quantity": 6} for line in range(LINES)
            ],
        }
    )
    headers = {
        "Content-Type": "application/json",
        "Authorization": "Bearer " + "t" * 120,
    }

    def worker(count: int) -> None:
        with requests.Session() as session:
            for _ in range(count):
                answer = session.post(
                    f"{url}/order?isTest=true", data=body, headers=headers, timeout=30
                )
                answer.raise_for_status()
                answer.json()

    return _rate(worker, orders)


def module(url: str, orders: int) -> float:
    """The client as the engine opens it: one each time, over shared connections."""
    import vendors
    from vendors.contracts import Account, OrderLineRequest, OrderRequest
    from vendors.transport import Transport

    vendor = vendors.get("eet")
    account = Account(
        supplier="eet-nord",
        base_url=url,
        credentials={"username": "buyer", "password": "a-password-for-tests"},
        options={},
        mapping={},
        is_test=True,
        allow_insecure_loopback=True,
        auth_url="",
    )
    order = OrderRequest(
        reference="PO-2031-000042",
        currency="SEK",
        is_test=True,
        lines=tuple(
            OrderLineRequest(
                position=line,
                item_number=f"SKU-{line:06d}",
                quantity=Decimal(6),
                unit_price=Decimal("41.50"),
            )
            for line in range(1, LINES + 1)
        ),
    )
    shared, tokens = Transport(), _Tokens()

    def worker(count: int) -> None:
        for _ in range(count):
            heard: list[Any] = []
            client = vendor.open_client(account, tokens, heard.append)
            client.share(shared)
            accepted = vendor.place_order(client, order)  # type: ignore[operator]
            assert accepted.number
            assert heard

    rate = _rate(worker, orders)
    shared.close()
    return rate


class _Tokens:
    """Keeps a token in memory, as the engine's store does in the database."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, Any] = {}

    def obtain(
        self, key: str, log_in: Callable[[], Any], *, rejected: str | None = None
    ) -> Any:
        with self._lock:
            if key not in self._kept:
                self._kept[key] = log_in()
            return self._kept[key]


def _rate(worker: Callable[[int], None], orders: int) -> float:
    """Orders in a second, by all threads together."""
    share = orders // THREADS
    threads = [threading.Thread(target=worker, args=(share,)) for _ in range(THREADS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return share * THREADS / (time.perf_counter() - began)


# --- the whole engine ---------------------------------------------------------------


def sending(installation: Installation, orders: int, rounds: int) -> Iterator[Figure]:
    alone = installation.run_json(
        installation.url(BASE),
        *("-m", "tests.bench.carrying"),
        *(installation.vendor_url, str(orders), str(rounds)),
    )
    yield ratio(
        "vendor module, 50 ms, 32 at once",
        alone["module"],
        alone["bare"],
        0.8,
        at_least=True,
        unit="/s",
        against="bare sessions",
    )
    name = "sending"
    copy_database(installation.postgres_port, BASE, name)
    database = installation.url(name)
    installation.run(database, "-m", "tests.bench.queued", str(orders))
    engine = _carried(installation, database, orders)
    yield ratio(
        "sending by the worker, 50 ms, 32 at once",
        engine["rate"],
        alone["bare"],
        # Beside the call, eight rows are written for each order; the goal is the
        # vendor module's.
        None,
        unit="/s",
        against="bare sessions",
    )
    yield Figure("worker memory", engine["memory"], unit="MiB")
    yield Figure("worker start to first send", engine["first"], unit="s")


def _carried(
    installation: Installation, database: str, orders: int
) -> dict[str, float]:
    """Start a worker over a full queue and wait until it has sent everything.

    Raises:
        RuntimeError: it did not, in five minutes; the text has the log's end.
    """
    log = Path(installation.folder / "worker.log")
    began_at, began = time.time(), time.monotonic()
    with log.open("ab") as output:
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "worker"],
            cwd=ROOT,
            env=installation.environment(database),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    most = 0.0
    try:
        with psycopg.connect(database, autocommit=True) as connection:
            while time.monotonic() - began < 300:
                time.sleep(0.5)
                most = max(most, memory_of(worker.pid))
                found = connection.execute(
                    "SELECT count(*), extract(epoch FROM min(started_at)),"
                    " extract(epoch FROM min(finished_at)),"
                    " extract(epoch FROM max(finished_at))"
                    " FROM transmissions_attempt WHERE outcome = 'accepted'"
                ).fetchone()
                assert found is not None
                count, first_start, first, last = found
                if count == orders:
                    return {
                        # Both ends are answers, so a full queue lies between them.
                        "rate": (count - 1) / float(last - first),
                        "first": float(first_start) - began_at,
                        "memory": most,
                    }
        raise RuntimeError(f"{count} of {orders} were sent.\n{log.read_text()[-3000:]}")
    finally:
        end(worker)


if __name__ == "__main__":
    main()

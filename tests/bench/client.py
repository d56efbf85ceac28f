"""A caller with kept-alive connections, in a process of its own.

Reads a plan as JSON from standard input, and prints what it measured as JSON. Rounds
of the targets take turns, so that a noisy minute falls on all of them alike.

Plan: `targets` (name to `port` and `requests`, each `method`, `path`, `headers`,
`body`), `warm_up` (requests of each that don't count), `rounds`, `per_round`,
`clients`. A target's requests are gone through in order, from the start again at the
end. Result by target: `milliseconds` of every request, `per_second` of every round.
"""

import http.client
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from statistics import median
from threading import Lock
from typing import Any


@dataclass
class Call:
    path: str
    method: str = "GET"
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass
class Target:
    port: int
    requests: list[Call]


@dataclass
class Figures:
    milliseconds: list[float]
    per_second: list[float]

    @property
    def typical(self) -> float:
        return median(self.milliseconds)

    @property
    def throughput(self) -> float:
        return median(self.per_second)


def measure(
    targets: dict[str, Target],
    *,
    warm_up: int = 10,
    rounds: int = 5,
    per_round: int = 20,
    clients: int = 1,
) -> dict[str, Figures]:
    """Carry a plan out in another process.

    Raises:
        RuntimeError: an answer was not good; the text has its beginning.
    """
    plan = {
        "targets": {name: asdict(target) for name, target in targets.items()},
        "warm_up": warm_up,
        "rounds": rounds,
        "per_round": per_round,
        "clients": clients,
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.client"],
        input=json.dumps(plan),
        text=True,
        capture_output=True,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    found: dict[str, Any] = json.loads(done.stdout)
    return {name: Figures(**figures) for name, figures in found.items()}


class _Caller:
    """One target's requests, from as many connections as there are clients."""

    def __init__(self, target: dict[str, Any], clients: int) -> None:
        self._connections = [
            http.client.HTTPConnection("127.0.0.1", target["port"], timeout=120)
            for _ in range(clients)
        ]
        self._calls: Iterator[dict[str, Any]] = itertools.cycle(target["requests"])
        self._lock = Lock()

    def round(self, count: int) -> tuple[list[float], float]:
        """Make some requests; return the milliseconds of each and the rate."""
        began = time.perf_counter()
        if len(self._connections) == 1:
            took = self._work(self._connections[0], count)
        else:
            share = count // len(self._connections)
            with ThreadPoolExecutor(len(self._connections)) as threads:
                parts = threads.map(lambda c: self._work(c, share), self._connections)
                took = [each for part in parts for each in part]
        return took, len(took) / (time.perf_counter() - began)

    def _work(self, connection: http.client.HTTPConnection, count: int) -> list[float]:
        took = []
        for _ in range(count):
            with self._lock:
                call = next(self._calls)
            body = call["body"].encode() or None
            began = time.perf_counter()
            connection.request(call["method"], call["path"], body, call["headers"])
            answer = connection.getresponse()
            text = answer.read()
            took.append((time.perf_counter() - began) * 1000)
            if answer.status >= 300:
                raise SystemExit(f"{call['path']}: {answer.status} {text[:500]!r}")
        return took


def main() -> None:
    plan = json.load(sys.stdin)
    callers = {
        name: _Caller(target, plan["clients"])
        for name, target in plan["targets"].items()
    }
    for caller in callers.values():
        if plan["warm_up"]:
            caller.round(plan["warm_up"] * plan["clients"])
    found: dict[str, dict[str, list[float]]] = {
        name: {"milliseconds": [], "per_second": []} for name in callers
    }
    for _ in range(plan["rounds"]):
        for name, caller in callers.items():
            took, rate = caller.round(plan["per_round"])
            found[name]["milliseconds"] += took
            found[name]["per_second"].append(rate)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()

"""`make soak`: many clients at once for minutes, and nothing may go wrong.

Rounds of three slices take turns: clients live orders through on the product; the same
plain mix of calls on the product; and on the floor. Meanwhile followers read `events/`.
"""

import argparse
import json
import os
import secrets
import shutil
import signal
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.chaos.ours import Ours
from tests.chaos.processes import ROOT, Broken
from tests.soak import mix, report
from tests.soak.following import Follower, can_wait, faults
from tests.soak.home import Home
from tests.soak.lives import Clientele
from tests.soak.wire import Book, Unexpected, Wire

ROUND_SECONDS = 30
PARTS = (4, 1, 1)
"""Of a round: lives, the mix on the product, the mix on the floor."""
CALM_SECONDS = 120
MOST_SHOWN = 20
HEARD_OF = "from an event to a follower"
EVENTS = "SELECT id FROM orders_orderevent ORDER BY id"
ORDERS = """
    SELECT number, transmission, source || ' ' || external_reference AS reference,
           external_reference
    FROM orders_purchaseorder
"""


class Soak:
    """One run from its start to its verdict."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self._options = options
        self._home = Home(folder)
        self._mixes = {"ours": Book(), "floor": Book()}
        self._seconds = {"lives": 0.0, "ours": 0.0, "floor": 0.0}
        self._is_over = threading.Event()

    def go(self) -> dict[str, Any]:
        """Do the whole run; return what it came to."""
        try:
            self._set_up()
            self._drive()
            return self._verdict()
        finally:
            self._is_over.set()
            self._home.end()

    def _set_up(self) -> None:
        say("Starting PostgreSQL, Redis, the sandbox, web, worker and the floor")
        self._home.start()
        keys = self._home.connect()
        self._home.start_floor()
        assert self._home.floor
        self._ours = Ours(self._home.environment["DATABASE_URL"])
        self._clients = Clientele(
            port=self._home.web_port,
            keys=keys,
            seed=self._options.seed,
        )
        self._sides = (
            mix.ours(self._home.web_port, keys["web shop"]),
            mix.floor(self._home.floor.port),
        )
        self._follow(keys["web shop"])

    def _follow(self, key: str) -> None:
        """One follower for two clients, each with a connection of its own."""
        waits = can_wait(self._description(key))
        self._following = Book()
        wire = (self._home.web_port, key, self._following)
        self._followers = [
            Follower(Wire(*wire), waits=waits)
            for _ in range(max(1, self._options.clients // 2))
        ]
        self._threads = [self._start(each.work) for each in self._followers]
        how = "are told of events as they come" if waits else "ask again and again"
        say(f"{len(self._followers)} followers {how}")

    def _description(self, key: str) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._home.web_port}/api/schema/?format=json",
            headers={"Authorization": f"Bearer {key}", "Accept": "*/*"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.load(answer)

    # --- driving ------------------------------------------------------------------

    def _drive(self) -> None:
        total = self._options.minutes * 60
        rounds = max(2, round(total / ROUND_SECONDS))
        lives, on_ours, on_floor = (
            total / rounds * part / sum(PARTS) for part in PARTS
        )
        for turn in range(1, rounds + 1):
            self._slice("lives", lives, self._clients.work)
            self._wait_until_at_rest()
            # Plain work is compared with plain work: nobody else calls meanwhile.
            self._hold_followers(True)
            for side, seconds in zip(self._sides, (on_ours, on_floor), strict=True):
                self._slice(side.name, seconds, self._mix_on(side))
            self._hold_followers(False)
            count = len(self._clients.entered.by_number)
            read = min(len(each.ids) for each in self._followers)
            say(f"Round {turn} of {rounds}: {count} orders, {read} events read by all")

    def _mix_on(self, side: mix.Side) -> Callable[[Callable[[], bool]], None]:
        is_ours = side.name == "ours"
        more = {"made": self._clients.entered.add} if is_ours else {}

        def work(is_over: Callable[[], bool]) -> None:
            book = self._mixes[side.name]
            mix.work(side, book, is_over, **more)

        return work

    def _slice(
        self, name: str, seconds: float, work: Callable[[Callable[[], bool]], None]
    ) -> None:
        began = time.monotonic()

        def is_over() -> bool:
            return time.monotonic() - began > seconds

        clients = [
            self._start(lambda: work(is_over)) for _ in range(self._options.clients)
        ]
        for client in clients:
            client.join()
        self._seconds[name] += time.monotonic() - began

    def _start(self, work: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        return thread

    def _hold_followers(self, is_held: bool) -> None:
        for each in self._followers:
            (each.pause.set if is_held else each.pause.clear)()
        if is_held:
            for each in self._followers:
                each.is_idle.wait(CALM_SECONDS)

    def _wait_until_at_rest(self) -> None:
        give_up_at = time.monotonic() + CALM_SECONDS
        while self._ours.restless() and time.monotonic() < give_up_at:
            time.sleep(0.2)

    # --- the verdict --------------------------------------------------------------

    def _verdict(self) -> dict[str, Any]:
        self._is_over.set()
        self._wait_until_at_rest()
        expected = self._events()
        self._let_followers_finish()
        # Workers go on polling, so there may be more by now than was waited for.
        there = self._events()
        rows = self._ours.rows(ORDERS)
        entered = self._clients.entered
        found = report.judge(
            entered=entered.by_number,
            ours={row["number"]: row["transmission"] for row in rows},
            references=[row["reference"] for row in rows if row["external_reference"]],
            booked=[each.reference for each in self._home.theirs.orders()],
        )
        found += entered.faults
        for place, each in enumerate(self._followers, start=1):
            name = f"follower {place}"
            told = faults(name, each.ids, each.orders, expected, there)
            found += [f"EVENTS {text}" for text in told]
        books = (self._clients.book, self._following, *self._mixes.values())
        errors = [text for book in books for text in book.errors]
        return self._tell(found, errors, there)

    def _events(self) -> list[int]:
        return [row["id"] for row in self._ours.rows(EVENTS)]

    def _let_followers_finish(self) -> None:
        for each, thread in zip(self._followers, self._threads, strict=True):
            each.stop.set()
            thread.join()
            try:
                each.read_to_the_end()
            except Unexpected:
                continue

    def _tell(
        self, found: list[str], errors: list[str], there: list[int]
    ) -> dict[str, Any]:
        lives = report.times_of(self._clients.book.milliseconds, self._seconds["lives"])
        lives |= report.times_of(self._following.milliseconds, self._seconds["lives"])
        lags = [lag for each in self._followers for lag in each.lags]
        lives |= report.times_of({HEARD_OF: lags}, self._seconds["lives"])
        sides = {
            name: report.times_of(book.milliseconds, self._seconds[name])
            for name, book in self._mixes.items()
        }
        print(f"\n{report.lives_table(lives)}\n")
        print(f"{report.ratio_table(sides['ours'], sides['floor'])}\n")
        for text in (*found, *errors)[:MOST_SHOWN]:
            print(f"  {text}")
        number = len(self._clients.entered.by_number)
        print(
            f"{number} orders, {len(there)} events read by "
            f"{len(self._followers)} followers; {len(errors)} errors, {len(found)} "
            "faults"
        )
        return {
            "options": {**vars(self._options), "json": str(self._options.json)},
            "cores": os.cpu_count(),
            "load": os.getloadavg(),
            "orders": number,
            "events": len(there),
            "errors": errors,
            "faults": found,
            "lives": report.to_json(lives),
            "mix": {name: report.to_json(times) for name, times in sides.items()},
            "ratios": report.ratios(sides["ours"], sides["floor"]),
        }


def say(text: str) -> None:
    print(text, flush=True)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--json", type=Path, default=ROOT / "var" / "soak.json")
    options = parser.parse_args()
    if options.seed is None:
        options.seed = secrets.randbelow(10**6)
    return options


def main() -> int:
    options = read_options()
    say(f"Seed {options.seed}, {options.clients} clients, {options.minutes:g} minutes")
    # Told to stop, it still ends what it has started.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    try:
        result = Soak(options, folder).go()
    except Broken as broken:
        print(f"{broken}\nLogs: {folder}", file=sys.stderr)
        return 2
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(result, indent=1))
    if result["faults"] or result["errors"]:
        print(f"FAILED; logs: {folder}; figures: {options.json}")
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    print(f"Passed; figures: {options.json}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""One run from its start to its verdict."""

import contextlib
import json
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.chaos import report
from tests.chaos.caretaker import Caretaker
from tests.chaos.desk import Desk
from tests.chaos.feed import Reader
from tests.chaos.installation import Installation
from tests.chaos.monkey import Monkey
from tests.chaos.ours import Ours
from tests.chaos.rest import Client
from tests.chaos.settling import settle
from tests.chaos.theirs import Theirs
from tests.chaos.verdicts import Findings, compare

REPORT_SECONDS = 10
CALM_SECONDS = 150
ON_THEIR_WAY = 120
"""More orders than these are not put on their way at once, so that what is broken
befalls orders that are being sent, and not a queue that waits."""


@dataclass(frozen=True)
class Options:
    orders: int
    seed: int
    workers: int
    database: str
    clients: int
    minutes: float


class Run:
    """Sets up, drives, breaks, heals, settles, and compares."""

    def __init__(self, options: Options, folder: Path) -> None:
        self.options = options
        self.home = Installation(
            folder, database=options.database, workers=options.workers
        )
        self._began = time.monotonic()
        self._is_over = threading.Event()
        self._phase = "starting"

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    @property
    def has_time(self) -> bool:
        driven_for = time.monotonic() - self._driving_began
        return driven_for < self.options.minutes * 60

    def go(self) -> dict[str, Any]:
        """Do the whole run; return what it came to."""
        try:
            self._set_up()
            self._drive()
            return self._judge()
        finally:
            self._is_over.set()
            self.home.end()

    # --- the installation -------------------------------------------------------------

    def _set_up(self) -> None:
        self.home.start()
        self.theirs = Theirs(self.home.sandbox_url)
        self.ours = Ours(self.home.environment["DATABASE_URL"])
        people = ("--username", "chaos", "--password", secrets.token_hex(12))
        # Its last line, since what it imports may have something to say as well.
        printed = self.home.manage("prepare_demo", *people).splitlines()[-1]
        keys = json.loads(printed)
        port = self.home.web_port
        self._buyer = Client(port, keys["web shop"])
        self._approver = Client(port, keys["approvals"])
        self._operator = Client(port, keys["operations"])
        self._caretaker = Caretaker(Client(port, keys["set-up"]))
        self._caretaker.connect(self.theirs.addresses())
        self._reader = Reader(Client(port, keys["web shop"]))
        self._desk = Desk(
            seed=self.options.seed,
            orders=self.options.orders,
            run=secrets.token_hex(4),
            buyer=self._buyer,
            approver=self._approver,
            ours=self.ours,
            may_go_on=self._wait_for_room,
        )
        self._monkey = Monkey(
            self.home,
            seed=self.options.seed,
            orders=self.options.orders,
            progress=lambda: self._desk.driven,
        )

    # --- the orders -------------------------------------------------------------------

    def _drive(self) -> None:
        self._phase = "driving"
        self.theirs.break_calls(self.options.seed)
        self._driving_began = time.monotonic()
        self._start(self._report)
        self._start(self._count_under_way)
        self._start(self._reader.work)
        self._start(self._caretaker.work)
        monkey = self._start(self._monkey.work)
        clients = [self._start(self._desk.work) for _ in range(self.options.clients)]
        while any(client.is_alive() for client in clients) and self.has_time:
            time.sleep(0.1)
        self._desk.stop.set()
        self._room.set()
        for client in clients:
            client.join(30)
        monkey.join(90 if self.has_time else 1)
        self._monkey.stop.set()
        self._calm_down()

    def _start(self, work: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        return thread

    _under_way = 0
    _room = threading.Event()

    def _count_under_way(self) -> None:
        while not self._is_over.wait(0.5):
            with contextlib.suppress(Exception):
                self._under_way = self.ours.under_way()
            if self._under_way < ON_THEIR_WAY:
                self._room.set()
            else:
                self._room.clear()

    def _wait_for_room(self) -> None:
        while not self._room.wait(5):
            if self._desk.stop.is_set():
                return

    def _report(self) -> None:
        while not self._is_over.wait(REPORT_SECONDS):
            print(
                f"{self.seconds:6.0f} s  {self._phase}: {self._desk.driven} orders "
                f"driven, {self._under_way} on their way, "
                f"{sum(self._monkey.done.values())} acts, "
                f"{len(self._reader.ids)} events read",
                flush=True,
            )

    # --- calm -------------------------------------------------------------------------

    def _calm_down(self) -> None:
        """Lift all faults and wait until nothing moves by itself any more."""
        self._phase = "calm"
        self._faults = self.theirs.heal()
        self.home.wake_all()
        self._wait_until_at_rest()
        self._resting_after = time.monotonic() - self._driving_began

    def _wait_until_at_rest(self) -> bool:
        patience = CALM_SECONDS + self.options.orders / 50
        give_up_at = time.monotonic() + patience
        while time.monotonic() < give_up_at:
            if not self.ours.restless():
                return True
            time.sleep(0.5)
        print(f"Not at rest after {patience:.0f} s: {self.ours.restless()}")
        return False

    # --- the verdict ------------------------------------------------------------------

    def _judge(self) -> dict[str, Any]:
        findings = self._compare()
        self._as_left = findings.by_vendor
        print("\nAs the system left it:\n" + report.table(self._as_left))
        self._reasons = report.reasons(self._orders)
        for text, count in self._reasons.most_common(report.MOST_SHOWN):
            print(f"{count:5}  {text[:150]}")
        self._phase = "settling"
        settled = settle(self._operator, self._buyer, self._orders, self._booked)
        self._wait_until_at_rest()
        after = self._compare()
        new = [each for each in after.found if each not in findings.found]
        findings.found += new
        for shown in self._feed_faults():
            findings.add("wrong", "events", shown)
        return self._tell(findings, after, settled)

    def _compare(self) -> Findings:
        # Theirs first: what lands in between would look twice as bad the other way.
        self._booked = self.theirs.orders()
        self._orders = self.ours.orders()
        return compare(
            self._desk.stories, self._orders, self._booked, self.ours.conversations()
        )

    def _feed_faults(self) -> list[str]:
        self._reader.stop.set()
        time.sleep(0.5)
        reader = self._reader
        give_up_at = time.monotonic() + 45
        ids = self.ours.event_ids()
        while time.monotonic() < give_up_at and set(ids) - set(reader.ids):
            if not reader.read_page():
                time.sleep(1)
        # Workers go on polling, so there may be more by now than was waited for.
        return reader.faults(ids, self.ours.event_ids())

    def _tell(
        self, findings: Findings, after: Findings, settled: Counter[str]
    ) -> dict[str, Any]:
        stories = list(self._desk.stories.values())
        surprises = [
            f"{story.number} ({story.plan.kind}): {text}"
            for story in stories
            for text in story.surprises
        ]
        print("\nAfter a person settled the rest:\n" + report.table(after.by_vendor))
        if self._desk.driven < self.options.orders:
            text = f"Time was up: {self._desk.driven} of {self.options.orders} driven."
            self._monkey.remarks.append(text)
            if self._desk.driven < self.options.orders / 2:
                findings.add("stuck", "run", text)
        result = {
            "seed": self.options.seed,
            "options": vars(self.options),
            "seconds": round(self.seconds, 1),
            "orders_per_second": round(self._desk.driven / self._resting_after, 2),
            "kinds": Counter(str(story.plan.kind) for story in stories),
            "acts": self._monkey.done,
            "faults": self._faults,
            "settled_by_hand": settled,
            "suppliers_checked": self._caretaker.checks,
            "client_trouble": Client.trouble,
            "remarks": self._monkey.remarks,
            "unexpected_answers": surprises,
            "as_left": self._as_left,
            "left_to_people": self._reasons,
            "vendors": after.by_vendor,
            "findings": [vars(finding) for finding in findings.found],
            "events": len(self._reader.ids),
        }
        self._print(result, findings, surprises)
        if findings.found or surprises:
            path = report.keep_evidence(
                self.home.folder,
                findings,
                stories,
                self._orders,
                self._booked,
                self.theirs,
            )
            print(f"Kept for a closer look: {path}")
        return result

    def _print(
        self, result: dict[str, Any], findings: Findings, surprises: list[str]
    ) -> None:
        print(f"\nBroken: {report.counted(result['acts'])}")
        print(f"Faults of the vendors: {report.counted(result['faults'])}")
        print(f"Settled by a person: {report.counted(result['settled_by_hand'])}")
        print(f"Held suppliers checked: {report.counted(self._caretaker.checks)}")
        print(f"Trouble of our clients: {report.counted(result['client_trouble'])}")
        for text in (*result["remarks"], *surprises)[: report.MOST_SHOWN]:
            print(f"  remark: {text}")
        print(
            f"{self._desk.driven} orders in {self._resting_after:.0f} s until all were "
            f"at rest: {result['orders_per_second']}/s; {result['events']} events"
        )
        report.show_findings(findings)

"""What a client of the soak does: one order after another, from its entry to `send`."""

import random
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.chaos.plans import Plan, plan_order
from tests.soak.wire import Book, Unexpected, Wire

ORDERS = "/api/v1/orders/"
SLOW_VENDOR = "kvik"
"""Its whole list is read before each order, which is no soak for us but for it."""


@dataclass
class Entered:
    """What the clients know of what they have done; shared by all of them.

    Attributes:
        by_number: the numbers of orders entered, and whether they asked to send.
        faults: what clients were told and must not have been.
    """

    by_number: dict[str, bool] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    faults: list[str] = field(default_factory=list)

    def add(self, number: str) -> None:
        with self.lock:
            if number in self.by_number:
                self.faults.append(f"{number} was given to two orders")
            self.by_number[number] = False

    def asked_to_send(self, number: str) -> None:
        with self.lock:
            self.by_number[number] = True

    def fault(self, text: str) -> None:
        with self.lock:
            self.faults.append(text)


def plans(seed: int, run: str) -> Iterator[Plan]:
    """Orders without end, the same ones for the same seed."""
    for index in count():
        plan = plan_order(seed, index, run)
        if plan.account.vendor != SLOW_VENDOR:
            yield plan


class Clientele:
    """All clients of the product: they share the plans, keys, and what they entered."""

    def __init__(self, *, port: int, keys: Mapping[str, str], seed: int) -> None:
        self.entered = Entered()
        self.book = Book()
        self._port, self._keys = port, keys
        self._plans = plans(seed, uuid.uuid4().hex[:8])
        self._lock = threading.Lock()
        self._seed = seed

    def wires(self, book: Book) -> tuple[Wire, Wire]:
        """A buyer's connection and an approver's."""
        buyer, approver = self._keys["web shop"], self._keys["approvals"]
        return Wire(self._port, buyer, book), Wire(self._port, approver, book)

    def work(self, is_over: Callable[[], bool]) -> None:
        """One client: lives of orders until the time is over."""
        buyer, approver = self.wires(self.book)
        try:
            while not is_over():
                with self._lock:
                    plan = next(self._plans)
                try:
                    Life(plan, buyer, approver, self.entered, self._seed).live()
                except Unexpected:
                    continue
        finally:
            buyer.close()
            approver.close()


class Life:
    """One order: entered, read, perhaps changed, submitted, approved and sent."""

    def __init__(
        self, plan: Plan, buyer: Wire, approver: Wire, entered: Entered, seed: int
    ) -> None:
        self._plan, self._buyer, self._approver = plan, buyer, approver
        self._entered = entered
        self._chance = random.Random(f"{seed}/life/{plan.index}")
        self._version = 0

    def live(self) -> None:
        number = self._enter()
        self._entered.add(number)
        self._path = f"{ORDERS}{number}/"
        self._look()
        if self._chance.random() < 0.4:
            self._change()
        self._act("submit", self._buyer, {200})
        if self._chance.random() < 0.15:
            self._change()
            self._act("submit", self._buyer, {200})
        self._approve()
        if self._chance.random() < 0.1:
            # A change takes the approval away, so nothing may be sent then.
            self._change()
            self._refused("send", "not_approved")
            self._act("submit", self._buyer, {200})
            self._approve()
        if self._chance.random() < 0.85:
            self._entered.asked_to_send(number)
            self._act("send", self._buyer, {202})
            if self._chance.random() < 0.2:
                self._refused("send", "already_sent")
        if self._chance.random() < 0.5:
            self._browse()

    # --- entering -----------------------------------------------------------------

    def _enter(self) -> str:
        body, key = self._plan.content.as_document(), str(uuid.uuid4())
        if self._chance.random() < 0.5:
            body["external_reference"] = self._plan.reference
        if self._chance.random() < 0.05:
            self._buyer.abandon(ORDERS, body, key)
        answer = self._buyer.post("create", ORDERS, body, {201}, key=key)
        number = str(answer.body["number"])
        if self._chance.random() < 0.15:
            again = self._buyer.post("create again", ORDERS, body, {201}, key=key)
            if again.body != answer.body:
                self._entered.fault(
                    f"{number}: a repeated entry was answered otherwise"
                )
        if "external_reference" in body and self._chance.random() < 0.1:
            same = self._buyer.post("same reference", ORDERS, body, {200})
            if same.body["number"] != number:
                self._entered.fault(f"{number} and {same.body['number']} are one order")
        return number

    # --- acting -------------------------------------------------------------------

    def _act(
        self, action: str, wire: Wire, expected: set[int], body: Any = None
    ) -> dict[str, Any]:
        key = str(uuid.uuid4())
        path = f"{self._path}{action}/"
        answer = wire.post(action, path, body or {}, expected, key=key)
        self._version = answer.body["version"]
        if self._chance.random() < 0.1:
            again = wire.post(f"{action} again", path, body or {}, expected, key=key)
            if again.body != answer.body:
                self._entered.fault(f"{path} was answered otherwise the second time")
        shown: dict[str, Any] = answer.body
        return shown

    def _approve(self) -> None:
        self._act("approve", self._approver, {200}, {"version": self._version})

    def _refused(self, action: str, code: str) -> None:
        answer = self._buyer.post(
            f"{action}, refused", f"{self._path}{action}/", {}, {409}
        )
        if answer.body["code"] != code:
            self._entered.fault(f"{self._path}{action}/: {answer.body}")

    def _change(self) -> None:
        """Change the note, first on a page that is out of date now and then."""
        body = {"note": f"Changed at version {self._version}"}
        if self._chance.random() < 0.2:
            stale = {"If-Match": f'"{self._version + 1}"'}
            self._patch("change, stale", body, stale, {412})
        fresh = {"If-Match": f'"{self._version}"'}
        self._version = self._patch("change", body, fresh, {200}).body["version"]

    def _patch(
        self, name: str, body: Any, headers: dict[str, str], expected: set[int]
    ) -> Any:
        return self._buyer.call(name, "PATCH", self._path, body, headers, expected)

    # --- reading ------------------------------------------------------------------

    def _look(self) -> None:
        shown = self._buyer.get("read", self._path).body
        self._version = shown["version"]

    def _browse(self) -> None:
        page = self._buyer.get("list", ORDERS).body
        if page["next"] and self._chance.random() < 0.3:
            following = page["next"].partition("/api/")[2]
            self._buyer.get("list, next page", f"/api/{following}")
        self._buyer.get("list, one state", f"{ORDERS}?status=sent")
        self._buyer.get("events of an order", f"{self._path}events/")

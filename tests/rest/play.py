"""The stage of the play: callers, suppliers, a clock, and what is known of each order.

Every call goes over REST. After each, all orders are read again and compared with the
model, and the feed of events is read on.
"""

import re
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import override_settings

from procurement.suppliers import budgets, tokens
from procurement.suppliers.models import Supplier
from tests.conftest import use_fake
from tests.factories import make_supplier
from tests.rest.judging import ANY, LOOK_UPS, SOME, TRIES, may_see
from tests.rest.model import Line, Order
from tests.rest.people import Caller, make_callers
from tests.rest.supplier import PlayedSupplier
from vendors.contracts import OrderRequest

BEGINNING = datetime(2031, 4, 2, 8, tzinfo=UTC)
HOURS_AT_ONCE = 2
"""Longer than any wait between tries or look-ups."""
PRICES = {"SKU-1": Decimal("41.50"), "SKU-2": Decimal("0.3333")}
SETTINGS: dict[str, Any] = {
    "MAX_ATTEMPTS": TRIES,
    "LOOK_UP_WAITS": [60] * LOOK_UPS,
    "BREAKER_FAILURES": 10_000,
}


@dataclass
class Said:
    """A call under a key that may be repeated, and what it was answered."""

    caller: Caller
    path: str
    body: Mapping[str, Any]
    headers: dict[str, str]
    status: int
    answer: dict[str, Any]


@dataclass
class Play:
    """One performance, in a transaction that is rolled back at its end."""

    orders: list[Order] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    invoice_numbers: set[tuple[str, str]] = field(default_factory=set)
    bodies_by_reference: dict[str, tuple[Caller, Mapping[str, Any], Order]] = field(
        default_factory=dict
    )
    hours: int = 0
    cursor: str = ""
    keys: int = 0

    def begin(self) -> None:
        self.stack = ExitStack()
        block: Any = transaction.atomic()
        # Suppliers are not called in a transaction; this one is the test's own.
        block._from_testcase = True
        self.stack.enter_context(block)
        self.stack.callback(transaction.set_rollback, True)
        patch = self.stack.enter_context(pytest.MonkeyPatch.context())
        self.stack.enter_context(override_settings(**SETTINGS))
        self.clock = self.stack.enter_context(time_machine.travel(BEGINNING))
        budgets.forget()
        tokens.seen.forget()
        self.suppliers = {
            "extend-nord": PlayedSupplier(code="extend", prices=dict(PRICES)),
            "eet-nord": PlayedSupplier(
                code="eet", can_follow=False, has_test_flag=True, prices=dict(PRICES)
            ),
        }
        self.supplier_ids = {}
        for slug, supplier in self.suppliers.items():
            use_fake(patch, supplier)
            supplier.on_place = self.is_as_approved
            self.supplier_ids[slug] = make_supplier(supplier.code, slug=slug).pk
        self.callers = make_callers()

    def end(self) -> None:
        self.stack.close()

    def shift_clock(self) -> None:
        self.clock.shift(timedelta(hours=HOURS_AT_ONCE))
        self.hours += HOURS_AT_ONCE
        for order in self.orders:
            if order.checked and self.hours - int(str(order.checked[1])) >= 24:
                order.checked = None
        # A refusal is repeated for two minutes alone.
        self.said = [each for each in self.said if each.status < 400]

    # --- calling ------------------------------------------------------------------

    def new_key(self) -> str:
        self.keys += 1
        return f"call-{self.keys}"

    def reader(self) -> Caller:
        return self.callers["reader"]

    def supplier_of(self, order: Order) -> PlayedSupplier:
        return self.suppliers[order.supplier]

    def account_of(self, order: Order) -> Supplier:
        return Supplier.objects.get(pk=self.supplier_ids[order.supplier])

    def is_as_approved(self, request: OrderRequest) -> None:
        """The promise itself, asked at the moment the supplier gets an order."""
        order = next(each for each in self.orders if each.number == request.reference)
        assert order.approval == "approved", f"{order.number} is not approved"
        lines = tuple(
            (line.position, line.item_number, line.quantity, line.unit_price)
            for line in request.lines
        )
        sent = (order.supplier, request.note, lines)
        assert sent == order.approved_content, f"{order.number} was approved otherwise"

    # --- comparing ----------------------------------------------------------------

    def compare(self, *touched: Order) -> None:
        """All orders are as foretold, and none has moved but those touched."""
        shown = self.shown()
        assert shown.keys() == {order.number for order in self.orders}
        new_events = self.read_on()
        for order in self.orders:
            seen = shown[order.number]
            moved = [event for event in new_events if event["order"] == order.number]
            if order not in touched:
                assert not moved, f"{order.number} moved: {moved}"
                assert seen["version"] == order.version, order.number
            self._compare(order, seen)
            last = [e for e in self.events if e["order"] == order.number][-1]
            assert last["status"] == seen["status"], f"{order.number}: {last}"

    def shown(self) -> dict[str, dict[str, Any]]:
        status, page = self.reader().call("GET", "orders/?page_size=100")
        assert status == 200
        assert not page["next"]
        return {each["number"]: each for each in page["results"]}

    def _compare(self, order: Order, seen: dict[str, Any]) -> None:
        if order.attention == ANY or (order.attention == SOME and seen["attention"]):
            order.attention = seen["attention"]
        expected = {
            "approval": order.approval,
            "transmission": order.transmission,
            "fulfilment": order.fulfilment,
            "attention": order.attention,
            "status": order.status,
            "supplier": order.supplier,
            "shop": order.shop,
            "buyer": order.buyer,
            "note": order.note,
            "external_reference": order.reference,
            "supplier_order_number": order.supplier_number,
            "invoiced": order.is_invoiced,
            "total": f"{order.total:.2f}",
            "lines": [line_facts(line) for line in order.lines],
        }
        found = {name: seen[name] for name in expected}
        found["lines"] = [facts_shown(line) for line in seen["lines"]]
        assert found == expected, order.number
        assert seen["version"] >= order.version, f"{order.number} went back"
        order.version = seen["version"]

    # --- the feed -----------------------------------------------------------------

    def read_on(self) -> list[dict[str, Any]]:
        new, self.cursor = self.read_events(self.reader(), self.cursor)
        known = {event["id"] for event in self.events}
        assert not known & {event["id"] for event in new}, "an event came twice"
        self.events += new
        return new

    def read_events(
        self, caller: Caller, cursor: str, page_size: int = 100
    ) -> tuple[list[dict[str, Any]], str]:
        """The events of orders after a cursor, and where to go on."""
        found: list[dict[str, Any]] = []
        while True:
            path = f"events/?page_size={page_size}&after={cursor}"
            status, page = caller.call("GET", path)
            assert status == 200, page
            found += [event for event in page["results"] if event.get("order")]
            cursor = page["cursor"]
            if not page["next"]:
                break
        ids = [event["id"] for event in found]
        assert len(ids) == len(set(ids)), "an event came twice"
        for order in self.orders:
            of_order = [place_of(e) for e in found if e["order"] == order.number]
            assert of_order == sorted(of_order), f"{order.number} out of order"
        return found, cursor

    def read_all_again(self, page_size: int) -> None:
        """From the beginning the same events come again, to each what is theirs."""
        again, _ = self.read_events(self.reader(), "", page_size)
        assert by_id(again) == by_id(self.events)
        for order in self.orders:
            path = f"orders/{order.number}/events/?page_size=100"
            status, page = self.reader().call("GET", path)
            ids = [place_of(event) for event in page["results"]]
            assert status == 200
            assert ids == [place_of(e) for e in again if e["order"] == order.number]
        of_shop, _ = self.read_events(self.callers["bo"], "", page_size)
        theirs = {o.number for o in self.orders if may_see(self.callers["bo"], o)}
        assert by_id(of_shop) == by_id(e for e in again if e["order"] in theirs)


def by_id(events: Any) -> dict[Any, dict[str, Any]]:
    """What happened, by the id of the event; its subject is shown as it is by now."""
    return {
        event["id"]: {name: each for name, each in event.items() if name != "subject"}
        for event in events
    }


def place_of(event: Mapping[str, Any]) -> int:
    """Its place among the events of its order: the number its id ends in."""
    found = re.search(r"\d+$", str(event["id"]))
    assert found, event
    return int(found[0])


def line_facts(line: Line) -> tuple[Any, ...]:
    return (
        line.position,
        line.item_number,
        line.quantity,
        line.unit_price,
        line.is_confirmed,
        line.picking,
        line.shipped,
        line.received,
        line.cancelled,
        line.state,
    )


def facts_shown(line: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        line["position"],
        line["item_number"],
        Decimal(line["quantity"]),
        Decimal(line["unit_price"]),
        line["is_confirmed"],
        Decimal(line["quantity_picking"]),
        Decimal(line["quantity_shipped"]),
        Decimal(line["quantity_received"]),
        Decimal(line["quantity_cancelled"]),
        line["fulfilment"],
    )

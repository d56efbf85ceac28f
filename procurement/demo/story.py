"""What the demo buys, step by step, and what came of each step."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from procurement.demo.client import Client, wait_for
from procurement.demo.installation import Broken, Installation

EET = {
    "slug": "eet-demo",
    "name": "EET (demo)",
    "vendor": "eet",
    "mode": "test",
    "currency": "SEK",
    "credentials": {"username": "sandbox-eet", "password": "sandbox-eet-password"},
}
EXTEND = {
    "slug": "extend-demo",
    "name": "Extend Nord (demo)",
    "vendor": "extend",
    "mode": "test",
    "currency": "SEK",
    "credentials": {
        "username": "sandbox-extend",
        "password": "sandbox-extend-password",
    },
    "options": {
        "client": "NORD",
        "customer_number": "K-20417",
        "warehouse": "WH-SYD",
    },
}
ADDRESS = {
    "name": "Verkstad Nord",
    "street": "Provgatan",
    "street_number": "4",
    "entrance": "",
    "zip_code": "90320",
    "city": "Umea",
    "country_code": "SE",
}
EET_ITEM, EXTEND_ITEM = "KAB20417", "SKU-4410"


@dataclass
class Row:
    vendor: str
    step: str
    answer: str
    is_ok: bool


@dataclass
class Story:
    """Runs the steps over REST and keeps a row for each.

    Args:
        keys: API keys by the name of the system that holds them.
        tell: called with every row as it comes.
    """

    installation: Installation
    keys: dict[str, str]
    tell: Callable[[Row], None]
    rows: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        api = f"{self.installation.web_url}/api/v1"
        self.shop = Client(api, self.keys["web shop"])
        self.approver = Client(api, self.keys["approvals"])
        self.operator = Client(api, self.keys["operations"])
        self.setup = Client(api, self.keys["set-up"])
        self.sandbox = Client(f"{self.installation.sandbox_url}/_sandbox")

    def run(self) -> bool:
        """Take every step; say whether all of them went well."""
        self.step("EET", "Connect the account", self.connect_eet)
        self.step("EET", "Price and stock", lambda: self.availability("eet", EET_ITEM))
        self.step("EET", "Order in test mode", self.buy_at_eet)
        self.step("EET", "Worker killed in mid-call", self.kill_the_worker)
        self.step("Extend", "Connect the account", self.connect_extend)
        self.step(
            "Extend",
            "Price and stock",
            lambda: self.availability("extend", EXTEND_ITEM),
        )
        self.step("Extend", "Order, followed by polling", self.buy_at_extend)
        self.step("Extend", "Order whose answer is lost", self.lose_the_answer)
        self.step("Extend", "Cancel before picking", self.cancel_at_extend)
        return all(row.is_ok for row in self.rows)

    def step(self, vendor: str, name: str, take: Callable[[], str]) -> None:
        try:
            row = Row(vendor, name, take(), is_ok=True)
        except (Broken, requests.RequestException, KeyError) as trouble:
            row = Row(vendor, name, f"FAILED: {trouble}", is_ok=False)
        self.rows.append(row)
        self.tell(row)

    # --- accounts -----------------------------------------------------------------

    def connect_eet(self) -> str:
        return self._connect(EET, f"{self.installation.sandbox_url}/eet")

    def connect_extend(self) -> str:
        return self._connect(EXTEND, f"{self.installation.sandbox_url}/extend/RESTAPI")

    def _connect(self, account: dict[str, Any], base_url: str) -> str:
        slug = account["slug"]
        known = self.setup.get("/suppliers/")["results"]
        if any(supplier["slug"] == slug for supplier in known):
            self.setup.patch(f"/suppliers/{slug}/", {"base_url": base_url})
        else:
            self.setup.post("/suppliers/", {**account, "base_url": base_url})
        return str(self.setup.post(f"/suppliers/{slug}/check/")["text"])

    def availability(self, vendor: str, item: str) -> str:
        offers = self.shop.get(f"/suppliers/{vendor}-demo/availability/", item=item)
        (offer,) = offers["results"]
        return (
            f"{offer['item_number']}: {offer['unit_price']} {offer['currency']}, "
            f"{offer['quantity_available']} in stock"
        )

    # --- orders -------------------------------------------------------------------

    def buy_at_eet(self) -> str:
        order = self._send(self._approved("eet-demo", EET_ITEM, "3", "129.50"))
        order = self._wait(order, "sent")
        if not (order["test"] and order["supplier_order_number"]):
            raise Broken(f"Not a test order with a number: {order}")
        return f"{order['number']} sent as a test, EET's number {_theirs(order)}"

    def buy_at_extend(self) -> str:
        order = self._send(self._approved("extend-demo", EXTEND_ITEM, "6", "41.50"))
        order = self._wait(order, "shipped")
        kinds = [event["kind"] for event in self._events(order)]
        seen = [
            kind
            for kind in ("sent", "confirmed", "partially_shipped", "shipped")
            if kind in kinds
        ]
        if seen != ["sent", "confirmed", "partially_shipped", "shipped"]:
            raise Broken(f"Some steps were not seen: {kinds}")
        return f"{order['number']} is {_theirs(order)}: {', '.join(seen)}"

    def lose_the_answer(self) -> str:
        self._fault("extend", "lost_answer")
        order = self._send(self._approved("extend-demo", EXTEND_ITEM, "2", "41.50"))
        wait_for("the outcome to be unknown", lambda: self._has(order, "unknown"))
        order = wait_for(
            "the order to be found by its reference",
            lambda: self._now(order, "supplier_order_number"),
        )
        self._require_one("extend", order)
        return (
            f"{order['number']}: answer lost, found again as {_theirs(order)}; "
            "the vendor has it once"
        )

    def cancel_at_extend(self) -> str:
        order = self._send(self._approved("extend-demo", EXTEND_ITEM, "1", "41.50"))
        order = self._wait(order, "sent", "confirmed")
        self.shop.post(f"/orders/{order['number']}/cancel/", {"reason": "Demo"})
        order = self._wait(order, "cancelled")
        return f"{order['number']} ({_theirs(order)}) cancelled at the vendor"

    def kill_the_worker(self) -> str:
        """SIGKILL between the vendor taking the order and its answer."""
        self._fault("eet", "hold", seconds=20)
        order = self._approved("eet-demo", EET_ITEM, "1", "129.50")
        self._send(order)
        wait_for("the vendor to have it", lambda: self._books("eet", order["number"]))
        (attempt,) = self._attempts(order)
        os.kill(int(attempt["worker"].split(":")[1]), signal.SIGKILL)
        self.sandbox.post("/release")
        wait_for("the outcome to be unknown", lambda: self._has(order, "unknown"))
        (booked,) = self._require_one("eet", order)
        self.operator.post(
            f"/orders/{order['number']}/resolve/",
            {
                "outcome": "placed",
                "supplier_order_number": booked["number"],
                "evidence": "Asked EET by phone: they have it once.",
            },
        )
        order = self._wait(order, "sent")
        self._require_one("eet", order)
        return (
            f"{order['number']}: worker killed, outcome unknown, settled by a person "
            f"as {_theirs(order)}; the vendor has it once"
        )

    # --- helpers ------------------------------------------------------------------

    def _approved(
        self, supplier: str, item: str, quantity: str, price: str
    ) -> dict[str, Any]:
        order = self.shop.post(
            "/orders/",
            {
                "supplier": supplier,
                "currency": "SEK",
                "delivery_address": ADDRESS,
                "lines": [
                    {
                        "position": 1,
                        "item_number": item,
                        "quantity": quantity,
                        "unit": "ST",
                        "unit_price": price,
                        "vat_percent": "25",
                    }
                ],
            },
        )
        path = f"/orders/{order['number']}"
        order = self.shop.post(f"{path}/submit/")
        approved: dict[str, Any] = self.approver.post(
            f"{path}/approve/", {"version": order["version"]}
        )
        return approved

    def _send(self, order: dict[str, Any]) -> dict[str, Any]:
        asked: dict[str, Any] = self.shop.post(f"/orders/{order['number']}/send/")
        return asked

    def _wait(self, order: dict[str, Any], *statuses: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            now: dict[str, Any] = self.shop.get(f"/orders/{order['number']}/")
            return now if now["status"] in statuses else None

        found: dict[str, Any] = wait_for(" or ".join(statuses), look)
        return found

    def _now(self, order: dict[str, Any], name: str) -> dict[str, Any] | None:
        now: dict[str, Any] = self.shop.get(f"/orders/{order['number']}/")
        return now if now[name] else None

    def _events(self, order: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.shop.get(
            f"/orders/{order['number']}/events/"
        )["results"]
        return found

    def _attempts(self, order: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.shop.get(
            f"/orders/{order['number']}/attempts/"
        )["results"]
        return found

    def _has(self, order: dict[str, Any], kind: str) -> bool:
        return any(event["kind"] == kind for event in self._events(order))

    def _fault(self, vendor: str, fault: str, **more: Any) -> None:
        self.sandbox.post(
            "/faults",
            {
                "vendor": vendor,
                "endpoint": "place_order",
                "fault": fault,
                "times": 1,
                **more,
            },
        )

    def _books(self, vendor: str, reference: str) -> list[dict[str, Any]]:
        orders = self.sandbox.get("/state")["vendors"][vendor]["orders"]
        return [order for order in orders if order["reference"] == reference]

    def _require_one(self, vendor: str, order: dict[str, Any]) -> list[dict[str, Any]]:
        booked = self._books(vendor, order["number"])
        if len(booked) != 1:
            raise Broken(f"The vendor has {order['number']} {len(booked)} times.")
        return booked


def _theirs(order: dict[str, Any]) -> str:
    return str(order["supplier_order_number"])

"""The people and systems of the demo, and what they do again and again."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import requests

from procurement.demo.browser import Browser
from procurement.demo.client import Client, wait_for
from procurement.demo.installation import USERNAME, Broken, Installation

ADDRESS = {
    "name": "Verkstad Nord",
    "street": "Provgatan",
    "street_number": "4",
    "entrance": "",
    "zip_code": "90320",
    "city": "Umea",
    "country_code": "SE",
}


@dataclass
class Row:
    vendor: str
    step: str
    answer: str
    is_ok: bool


@dataclass
class Desk:
    """Takes steps over REST and keeps a row for each.

    Args:
        keys: API keys by the name of the system that holds them.
        tell: called with every row as it comes.
    """

    installation: Installation
    keys: dict[str, str]
    tell: Callable[[Row], None]
    rows: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Names and numbers that must be new at every run are made with it.
        self.run = int(time.time()) % 1_000_000
        api = f"{self.installation.web_url}/api/v1"
        self.shop = Client(api, self.keys["web shop"])
        self.approver = Client(api, self.keys["approvals"])
        self.operator = Client(api, self.keys["operations"])
        self.setup = Client(api, self.keys["set-up"])
        self.sandbox = Client(f"{self.installation.sandbox_url}/_sandbox")

    def browser(self) -> Browser:
        """The administrator, logged in to the admin."""
        installation = self.installation
        return Browser(installation.web_url, USERNAME, installation.password)

    def offer(self, supplier: str, item: str) -> dict[str, Any]:
        """What we know of an item without asking; empty if there is nothing."""
        offer: dict[str, Any] = self.item(supplier, item).get("offer") or {}
        return offer

    def item(self, supplier: str, item: str) -> dict[str, Any]:
        """An item as we keep it; empty if we don't."""
        found = self.shop.get(f"/suppliers/{supplier}/items/", item_number=item)
        entries: list[dict[str, Any]] = found["results"]
        return entries[0] if entries else {}

    def step(self, vendor: str, name: str, take: Callable[[], str]) -> None:
        try:
            row = Row(vendor, name, take(), is_ok=True)
        except (Broken, requests.RequestException, LookupError, ValueError) as trouble:
            row = Row(vendor, name, f"FAILED: {trouble!s:.2000}", is_ok=False)
        self.rows.append(row)
        self.tell(row)

    # --- accounts -----------------------------------------------------------------

    def connect(
        self, account: dict[str, Any], path: str, *, auth_path: str = ""
    ) -> str:
        """Make or mend a supplier, and see whether it answers."""
        slug = account["slug"]
        sandbox = self.installation.sandbox_url
        places = {"base_url": f"{sandbox}/{path}"}
        if auth_path:
            places["auth_url"] = f"{sandbox}/{auth_path}"
        known = self.setup.get("/suppliers/")["results"]
        if any(supplier["slug"] == slug for supplier in known):
            self.setup.patch(f"/suppliers/{slug}/", places)
        else:
            # The sandbox is on this machine: it needs no gentle treatment.
            quick = {"calls_per_minute": 0, "calls_at_once": 0}
            options = {**account.get("options", {}), **quick}
            self.setup.post("/suppliers/", {**account, **places, "options": options})
        return str(self.setup.post(f"/suppliers/{slug}/check/")["text"])

    def availability(self, supplier: str, item: str, brand: str = "") -> str:
        more = {"brand": brand} if brand else {}
        offers = self.shop.get(
            f"/suppliers/{supplier}/availability/", item=item, **more
        )
        (offer,) = offers["results"]
        return (
            f"{offer['item_number']}: {offer['unit_price']} {offer['currency']}, "
            f"{offer['quantity_available']} in stock"
        )

    # --- orders -------------------------------------------------------------------

    def approved(
        self,
        supplier: str,
        item: str,
        quantity: str,
        price: str,
        **line: str,
    ) -> dict[str, Any]:
        """An order of one line, entered, submitted and approved."""
        order = self.shop.post(
            "/orders/",
            {
                "supplier": supplier,
                "currency": line.pop("currency", "SEK"),
                "delivery_address": ADDRESS,
                "lines": [
                    {
                        "position": 1,
                        "item_number": item,
                        "quantity": quantity,
                        "unit": "ST",
                        "unit_price": price,
                        "vat_percent": "25",
                        **line,
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

    def send(self, order: dict[str, Any]) -> dict[str, Any]:
        asked: dict[str, Any] = self.shop.post(f"/orders/{order['number']}/send/")
        return asked

    def do(self, order: dict[str, Any], action: str, **body: Any) -> dict[str, Any]:
        """What an operator does to an order, by the action's name in REST."""
        done: dict[str, Any] = self.operator.post(
            f"/orders/{order['number']}/{action}/", body
        )
        return done

    def now(self, order: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self.shop.get(f"/orders/{order['number']}/")
        return found

    def wait(self, order: dict[str, Any], *statuses: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            now = self.now(order)
            return now if now["status"] in statuses else None

        found: dict[str, Any] = wait_for(
            f"{order['number']} to be {' or '.join(statuses)}", look
        )
        return found

    def wait_for_number(self, order: dict[str, Any]) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            now = self.now(order)
            return now if now["supplier_order_number"] else None

        found: dict[str, Any] = wait_for(
            f"{order['number']} to have the supplier's number", look
        )
        return found

    def events(self, order: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.shop.get(
            f"/orders/{order['number']}/events/"
        )["results"]
        return found

    def attempts(self, order: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.shop.get(
            f"/orders/{order['number']}/attempts/"
        )["results"]
        return found

    def has(self, order: dict[str, Any], kind: str) -> bool:
        return any(event["kind"] == kind for event in self.events(order))

    def wait_until_unknown(self, order: dict[str, Any]) -> None:
        wait_for(
            f"the outcome of {order['number']} to be unknown",
            lambda: self.has(order, "unknown"),
        )

    # --- the vendor's side --------------------------------------------------------

    def fault(
        self, vendor: str, fault: str, *, endpoint: str = "place_order", **more: Any
    ) -> None:
        self.sandbox.post(
            "/faults",
            {
                "vendor": vendor,
                "endpoint": endpoint,
                "fault": fault,
                "times": 1,
                **more,
            },
        )

    def books(self, vendor: str, reference: str) -> list[dict[str, Any]]:
        orders = self.sandbox.get("/state")["vendors"][vendor]["orders"]
        return [order for order in orders if order["reference"] == reference]

    def require_one(self, vendor: str, order: dict[str, Any]) -> dict[str, Any]:
        booked = self.books(vendor, order["number"])
        if len(booked) != 1:
            raise Broken(f"The vendor has {order['number']} {len(booked)} times.")
        return booked[0]


def theirs(order: dict[str, Any]) -> str:
    return str(order["supplier_order_number"])


def require(truth: Any, otherwise: str) -> None:
    """End the step unless something is so."""
    if not truth:
        raise Broken(otherwise)

"""The vendors' books and their faults, by the sandbox's control address."""

import json
import random
import urllib.request
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

VENDORS = ("eet", "kvik", "simutek", "extend")
CANCELLED = ("Annulled", "cancelled")

FAULTS: tuple[tuple[str, float, dict[str, Any]], ...] = (
    ("lost_answer", 0.02, {}),
    ("half_answer", 0.01, {}),
    ("error_after", 0.015, {}),
    ("rubbish_json", 0.004, {}),
    ("html", 0.003, {}),
    ("missing_number", 0.004, {}),
    ("cut_before", 0.02, {}),
    ("error_before", 0.02, {}),
    ("throttled", 0.015, {"retry_after": 1}),
    # Who is not told how long waits a minute, so this is rare.
    ("throttled", 0.01, {"times": 1}),
    ("token_dies", 0.015, {}),
    ("refused", 0.004, {}),
    ("slow", 0.01, {"seconds": 2}),
    ("slow_drip", 0.002, {"seconds": 3}),
    ("hold", 0.003, {"seconds": 25}),
)
"""What befalls a call that places or cancels an order, and how likely."""
READING = ("lost_answer", "cut_before", "error_before", "throttled", "token_dies")
"""What befalls logins, lists and reads, at a third of the chance."""
PLACING = {"place_order", "cancel_order"}
READS = {"login", "list_orders", "read_order"}


@dataclass(frozen=True)
class Line:
    item_number: str
    quantity: Decimal
    unit_price: Decimal


@dataclass(frozen=True)
class Booked:
    """One order in a vendor's books."""

    vendor: str
    number: str
    reference: str
    is_test: bool
    lines: tuple[Line, ...]
    is_cancelled: bool
    body: dict[str, Any]

    @property
    def address(self) -> dict[str, str]:
        """Where the goods go, in one vocabulary: what the vendor was told."""
        return READERS[self.vendor](self.body)

    @property
    def note(self) -> str:
        body = self.body
        match self.vendor:
            case "eet":
                return str(body.get("Comment", ""))
            case "kvik":
                # Our number stands in its first line.
                return str(body.get("note", "")).partition("\n")[2]
            case "simutek":
                return str(body.get("noteFromCustomer", ""))
        notations = body["orderHeader"].get("notations") or {}
        return str(next(iter(notations.values()), ""))

    @property
    def warehouse(self) -> str:
        if self.vendor != "extend":
            return ""
        return str(self.body["orderRows"][0].get("warehouse", ""))


def _address(source: dict[str, Any], names: tuple[str, ...]) -> dict[str, str]:
    keys = ("name", "street", "zip_code", "city", "country_code")
    found = zip(keys, names, strict=True)
    return {key: str(source.get(name, "")) for key, name in found}


def _of_simutek(body: dict[str, Any]) -> dict[str, str]:
    place = body["salesOrderlines"][0]["allotments"][0]["shipTo"]
    names = ("", "address1", "zipCode", "city", "countryCode")
    return _address(place["address"], names) | {"name": place["recipientName"]}


READERS: dict[str, Any] = {
    "eet": lambda body: _address(
        body["DeliveryAddress"], ("Name", "Street", "ZipCode", "City", "CountryCode")
    ),
    "kvik": lambda body: _address(
        body["deliveryAddress"], ("name", "street", "zip", "city", "country")
    ),
    "simutek": _of_simutek,
    "extend": lambda body: _address(
        body["orderHeader"]["deliveryAddress"],
        ("name1", "address1", "postalCode", "city", "countryCode"),
    ),
}


class Theirs:
    """Talks to the sandbox's control address."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/_sandbox"

    def addresses(self) -> dict[str, tuple[str, str]]:
        """Base and login address of each vendor; no login address where it is one."""
        found = {}
        for code, each in self._call("GET", "/state")["vendors"].items():
            base, login = each["base_url"], each["login_url"]
            found[code] = (base, "" if login == base else login)
        return found

    def break_calls(self, seed: int) -> None:
        """Put all faults in force, each with a chance of its own."""
        choices = self._call("GET", "/fault-choices")
        numbers = random.Random(f"{seed}/faults")
        for vendor in VENDORS:
            for endpoint in sorted((PLACING | READS) & choices[vendor].keys()):
                for fault, probability, details in FAULTS:
                    is_read = endpoint in READS
                    wanted = {
                        "vendor": vendor,
                        "endpoint": endpoint,
                        "fault": fault,
                        "probability": probability / 3 if is_read else probability,
                        "seed": numbers.randrange(2**31),
                        **details,
                    }
                    # Without a login there is no token that could die.
                    has_it = fault != "token_dies" or "login" in choices[vendor]
                    if has_it and (fault in READING or not is_read):
                        self._call("POST", "/faults", wanted)

    def delay_orders(self, vendor: str, *, seconds: float, chance: float) -> None:
        """Have the vendor take its time over some of the orders it is sent."""
        self._call(
            "POST",
            "/faults",
            {
                "vendor": vendor,
                "endpoint": "place_order",
                "fault": "slow",
                "probability": chance,
                "seconds": seconds,
                "seed": 1,
            },
        )

    def heal(self) -> dict[str, int]:
        """Lift all faults, let held answers go; return how often each happened."""
        happened: dict[str, int] = {}
        for fault in self._call("GET", "/faults"):
            name = fault["fault"]
            happened[name] = happened.get(name, 0) + fault["happened"]
        self._call("DELETE", "/faults")
        self._call("POST", "/release")
        return happened

    def orders(self) -> list[Booked]:
        """Every order in the books of all vendors."""
        return [
            _booked(vendor, entry)
            for vendor in VENDORS
            for entry in self._call("GET", f"/orders?vendor={vendor}")
        ]

    def calls(self, reference: str) -> list[dict[str, Any]]:
        """The calls that spoke of an order, for the evidence of a finding."""
        found: list[dict[str, Any]] = self._call("GET", f"/calls?about={reference}")
        return found

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - our own address
            self._url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
            return json.loads(answer.read(), parse_float=Decimal)


def _booked(vendor: str, entry: dict[str, Any]) -> Booked:
    return Booked(
        vendor=vendor,
        number=entry["number"],
        reference=entry["reference"],
        is_test=entry["is_test"],
        lines=tuple(
            Line(
                line["item_number"],
                Decimal(str(line["quantity"])).normalize(),
                Decimal(str(line["unit_price"])).normalize(),
            )
            for line in entry["lines"]
        ),
        is_cancelled=entry["status"] in CANCELLED,
        body=json.loads(entry["body"]),
    )

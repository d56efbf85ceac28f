"""What is to happen to each order, from the seed and the order's index alone."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any


@dataclass(frozen=True)
class Account:
    """A supplier of ours in the sandbox.

    Attributes:
        weight: its share of the orders. Kvik's is small, since its whole list is read
            before each order.
        options: of the supplier; the warehouse tells two accounts at one vendor apart.
    """

    slug: str
    vendor: str
    weight: int
    currency: str
    is_live: bool
    credentials: dict[str, str]
    options: dict[str, Any]


def _login(vendor: str) -> dict[str, str]:
    return {"username": f"sandbox-{vendor}", "password": f"sandbox-{vendor}-password"}


def _client(vendor: str) -> dict[str, str]:
    return {
        "client_id": f"sandbox-{vendor}",
        "client_secret": f"sandbox-{vendor}-secret",
    }


def _at(warehouse: str) -> dict[str, Any]:
    return {
        "client": "NORD",
        "customer_number": "K-20417",
        "warehouse": warehouse,
        "unit": "ST",
    }


ACCOUNTS = (
    Account("eet-test", "eet", 12, "SEK", False, _login("eet"), {}),
    Account("eet-live", "eet", 18, "SEK", True, _login("eet"), {}),
    Account("kvik", "kvik", 5, "CZK", False, _client("kvik"), {}),
    Account(
        "simutek",
        "simutek",
        20,
        "SEK",
        True,
        _client("simutek"),
        {"customer_number": "K200731"},
    ),
    Account("extend-syd", "extend", 25, "SEK", False, _login("extend"), _at("WH-SYD")),
    Account("extend-nord", "extend", 20, "SEK", True, _login("extend"), _at("WH-NORD")),
)


class Kind(StrEnum):
    """What clients do with an order."""

    PLAIN = "plain"
    CREATED_TWICE = "created twice at once"
    SENT_TWICE = "sent by two at once"
    CHANGED = "changed after approval"
    CHANGED_WHILE_SENT = "changed while being sent"
    TAMPERED = "changed in the database after approval"
    CANCELLED_BEFORE = "cancelled before it is sent"
    CANCELLED_QUEUED = "cancelled right after send"
    CANCELLED_AFTER = "cancelled at the supplier"
    UNAPPROVED = "sent without approval"
    REJECTED = "sent in spite of a rejection"


KINDS = {
    Kind.PLAIN: 56,
    Kind.CREATED_TWICE: 9,
    Kind.SENT_TWICE: 9,
    Kind.CHANGED: 6,
    Kind.CHANGED_WHILE_SENT: 3,
    Kind.TAMPERED: 2,
    Kind.CANCELLED_BEFORE: 3,
    Kind.CANCELLED_QUEUED: 3,
    Kind.CANCELLED_AFTER: 4,
    Kind.UNAPPROVED: 3,
    Kind.REJECTED: 2,
}


@dataclass(frozen=True)
class Line:
    item_number: str
    brand: str
    quantity: Decimal
    unit: str
    unit_price: Decimal

    def as_document(self) -> dict[str, str]:
        return {
            "item_number": self.item_number,
            "brand": self.brand,
            "quantity": f"{self.quantity:f}",
            "unit": self.unit,
            "unit_price": f"{self.unit_price:f}",
        }


@dataclass(frozen=True)
class Content:
    """What an approval is given for."""

    supplier: str
    currency: str
    is_test: bool
    note: str
    address: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]

    def as_document(self) -> dict[str, Any]:
        return {
            "supplier": self.supplier,
            "currency": self.currency,
            "test": self.is_test,
            "note": self.note,
            "delivery_address": dict(self.address),
            "lines": [line.as_document() for line in self.lines],
        }


@dataclass(frozen=True)
class Plan:
    """One order from its entry to its end, in all that chance decides."""

    index: int
    account: Account
    kind: Kind
    content: Content
    changed: Content
    is_approved_again: bool
    reference: str
    has_key: bool
    drops: int
    """Which of its calls loses its answer on our side; 0 = none."""


def plan_order(seed: int, index: int, run: str) -> Plan:
    chance = random.Random(f"{seed}/order/{index}")
    account = chance.choices(ACCOUNTS, [each.weight for each in ACCOUNTS])[0]
    kind = chance.choices(list(KINDS), list(KINDS.values()))[0]
    content = _content(chance, account, index)
    more = tuple(replace(line, quantity=line.quantity + 1000) for line in content.lines)
    return Plan(
        index=index,
        account=account,
        kind=kind,
        content=content,
        changed=replace(content, lines=more, note=f"{content.note}, changed"),
        is_approved_again=chance.random() < 0.5,
        reference=f"{run}-{index}",
        has_key=chance.random() < 0.7,
        drops=chance.randint(1, 5) if chance.random() < 0.15 else 0,
    )


def _content(chance: random.Random, account: Account, index: int) -> Content:
    number = chance.randint(1, 999)
    return Content(
        supplier=account.slug,
        currency=account.currency,
        # Only EET knows test orders; its live account takes both.
        is_test=not account.is_live
        or (account.vendor == "eet" and chance.random() < 0.5),
        note=f"Order {index} of a trial",
        address=(
            ("name", f"Verkstad {chance.choice(('Nord', 'Syd', 'Öst'))} {index}"),
            ("street", chance.choice(("Provgatan", "Älvvägen", "Östra Ågatan"))),
            ("street_number", str(number)),
            ("zip_code", f"{chance.randint(10000, 98999)}"),
            ("city", chance.choice(("Umeå", "Luleå", "Malmö"))),
            ("country_code", "SE"),
        ),
        lines=tuple(LINES[account.vendor](chance)),
    )


def _decimal(chance: random.Random, least: int, most: int, places: int) -> Decimal:
    """A number with up to so many decimals, often odd ones."""
    used = chance.randint(0, places)
    return Decimal(chance.randint(least * 10**used, most * 10**used)).scaleb(-used)


def _eet(chance: random.Random) -> list[Line]:
    articles = chance.sample(range(1, 200_001), chance.randint(1, 4))
    return [
        Line(
            f"SBX{article:07d}",
            "",
            Decimal(chance.randint(1, 99)),
            "",
            _decimal(chance, 1, 900, 4),
        )
        for article in articles
    ]


KVIK = (
    ("BR-9", "Brava", "pcs", "38.20"),
    ("OIL-5L", "Motiva", "can", "612.00"),
    ("OIL-20L", "Motiva", "can", "2190.00"),
)


def _kvik(chance: random.Random) -> list[Line]:
    return [
        Line(item, brand, _decimal(chance, 1, 40, 3), unit, Decimal(price))
        for item, brand, unit, price in chance.sample(KVIK, chance.randint(1, 3))
    ]


def _simutek(chance: random.Random) -> list[Line]:
    items = chance.sample(range(1, 100), chance.randint(1, 4))
    return [
        Line(
            f"BRO-A5-{item}",
            "",
            _decimal(chance, 1, 5000, 3),
            "st",
            _decimal(chance, 0, 90, 2),
        )
        for item in items
    ]


def _extend(chance: random.Random) -> list[Line]:
    items = chance.sample(("SKU-4410", "SKU-4411", "SKU-4425"), chance.randint(1, 3))
    return [
        Line(item, "", _decimal(chance, 1, 60, 3), "ST", _decimal(chance, 0, 200, 4))
        for item in items
    ]


LINES: dict[str, Callable[[random.Random], list[Line]]] = {
    "eet": _eet,
    "kvik": _kvik,
    "simutek": _simutek,
    "extend": _extend,
}

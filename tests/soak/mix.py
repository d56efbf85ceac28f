"""The same plain work on the product and on the floor: enter, list, read."""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.soak.wire import Book, Unexpected, Wire

LINES = 10
_references = itertools.count(1)


@dataclass(frozen=True)
class Side:
    """One of the two servers.

    Attributes:
        read: the path of an order from what its entry was answered.
    """

    name: str
    port: int
    key: str
    list_path: str
    create_path: str
    read: Callable[[Mapping[str, Any]], str]
    more: Mapping[str, str]
    supplier: str


def ours(port: int, key: str) -> Side:
    path = "/api/v1/orders/"
    return Side(
        name="ours",
        port=port,
        key=key,
        list_path=path,
        create_path=path,
        read=lambda shown: f"{path}{shown['number']}/",
        more={},
        supplier="eet-test",
    )


def floor(port: int) -> Side:
    return Side(
        name="floor",
        port=port,
        key="",
        list_path="/api/orders/",
        create_path="/api/create/",
        read=lambda shown: f"/api/orders/{shown['id']}/",
        more={"buyer": "buyer0"},
        supplier="eet-nord",
    )


def body_for(side: Side) -> dict[str, Any]:
    return {
        "external_reference": f"MIX-{next(_references)}",
        "supplier": side.supplier,
        "currency": "SEK",
        "lines": [
            {
                "position": position,
                "item_number": f"SKU-{position:06d}",
                "description": f"Filter {position}",
                "quantity": "6",
                "unit": "ST",
                "unit_price": "41.50",
                "vat_percent": "25",
            }
            for position in range(1, LINES + 1)
        ],
        **side.more,
    }


def turns() -> Iterator[str]:
    """Of six calls two enter, two list and two read."""
    return itertools.cycle(("create", "list", "read", "create", "read", "list"))


def work(
    side: Side,
    book: Book,
    is_over: Callable[[], bool],
    *,
    made: Callable[[str], None] = lambda number: None,
) -> None:
    """One client of a side, until the time is over.

    Args:
        made: told the number of each order entered.
    """
    wire = Wire(side.port, side.key, book)
    last = ""
    for turn in turns():
        if is_over():
            break
        try:
            if turn == "create":
                shown = wire.post(
                    "create", side.create_path, body_for(side), {201}
                ).body
                last = side.read(shown)
                made(str(shown["number"]))
            elif turn == "list":
                wire.get("list", side.list_path)
            elif last:
                wire.get("read", last)
        except Unexpected:
            continue
    wire.close()

"""First contact with Extend: how orders are listed, and the words they bear."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from vendors import reading
from vendors.contracts import Finding, Samples, Verdict
from vendors.extend.auth import path, utc
from vendors.extend.orders import read_order
from vendors.extend.paging import rows_of
from vendors.extend.words import Words
from vendors.http import VendorClient

LOOK_BACK = timedelta(days=30)


def check_paging(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    """How the list of orders turns its pages: asked in every style, two at a time."""
    names = client.mapping
    size, index = names["query.page_size"], names["query.page_index"]
    first = _order_numbers(client, {size: "2", index: "0"})
    if len(first) > 2:
        return (
            Finding(
                verdict=Verdict.DIFFERS,
                text=f"Two orders were asked for, and {len(first)} came.",
                mapping_keys=("query.page_size", "paging.orders"),
            ),
        )
    second = _order_numbers(client, {size: "2", index: "1"})
    numbered = _order_numbers(client, {size: "2", names["query.page_number"]: "2"})
    style, text = _style(first, second, numbered)
    if not style:
        return (Finding(verdict=Verdict.UNCLEAR, text=text),)
    is_as_set = style == names["paging.orders"]
    return (
        Finding(
            verdict=Verdict.AS_ASSUMED if is_as_set else Verdict.DIFFERS,
            text=f"{text} So paging.orders is {style}.",
            mapping_keys=("paging.orders",),
        ),
    )


def _style(first: list[str], second: list[str], numbered: list[str]) -> tuple[str, str]:
    """Return the style that explains three answers; empty if they tell none."""
    if len(first) < 2 or not (second or numbered):
        return "", "There are too few orders of late to see how pages are turned."
    if second and second[0] == first[1]:
        return "record", "The offset counts records."
    if second and second != first:
        return "index", "The offset counts pages."
    if second == first and numbered and numbered != first:
        return "number", "The offset is ignored; the page number is not."
    return "", "The same orders came in every style."


def _order_numbers(client: VendorClient, params: Mapping[str, str]) -> list[str]:
    rows = _orders(client, params)
    name = client.mapping["header.number"]
    return [reading.text(reading.member(row, name)) for row in rows]


def _orders(client: VendorClient, params: Mapping[str, str]) -> list[Any]:
    # Without a date the list does not answer in time.
    since = {client.mapping["query.changed_from"]: utc(datetime.now(UTC) - LOOK_BACK)}
    answer = client.ask(
        "GET",
        path(client, "path.orders"),
        purpose="checklist",
        params={**since, **params},
    )
    rows = rows_of(answer, "")
    if rows is None:
        raise client.unreadable("the answer holds no list of orders.")
    return rows


def check_words(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    """Which status words of recent orders nobody has explained."""
    words = Words(client.mapping)
    rows = _orders(client, {})
    for row in rows:
        words.order(reading.text(reading.member(row, client.mapping["header.status"])))
    unknown = dict.fromkeys(words.unknown)
    if samples.order_number:
        unknown |= dict.fromkeys(read_order(client, samples.order_number).unknown_words)
    if unknown:
        return (
            Finding(
                verdict=Verdict.DIFFERS,
                text=f"Ask what these words mean: {', '.join(unknown)}.",
                mapping_keys=tuple(unknown),
            ),
        )
    if not rows:
        text = "There are no orders of late whose words could be looked at."
        return (Finding(verdict=Verdict.UNCLEAR, text=text),)
    text = f"All status words of {len(rows)} recent orders are known."
    return (Finding(verdict=Verdict.AS_ASSUMED, text=text),)

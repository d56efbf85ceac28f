"""Trying the list of orders: its paging, its members, its words, our number."""

from collections.abc import Iterator
from typing import Any

from vendors.contracts import Finding, Samples, Verdict
from vendors.errors import Refused
from vendors.http import VendorClient
from vendors.kvik import names
from vendors.kvik.auth import zone
from vendors.kvik.entries import Entry, to_entry
from vendors.kvik.listing import entry_in, walk
from vendors.kvik.settings import AUTO
from vendors.kvik.status import Words, key_of

_MOST_WORDS = 20


def try_list(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    rows, style = walk(client, purpose="checklist")
    entries = _entries(client, rows)
    return tuple(_about_list(client, rows, entries, style))


def _entries(client: VendorClient, rows: list[Any]) -> list[Entry]:
    clock = zone(client)
    found = (to_entry(row, client.mapping, clock) for row in rows)
    return [entry for entry in found if entry is not None]


def _about_list(
    client: VendorClient, rows: list[Any], entries: list[Entry], style: str
) -> Iterator[Finding]:
    is_auto = client.option("paging") == AUTO
    yield Finding(
        verdict=Verdict.AS_ASSUMED,
        text=f"The list holds {len(rows)} orders; its paging looks like: {style}.",
        options=("paging",) if is_auto else (),
    )
    if not entries:
        yield Finding(
            verdict=Verdict.UNCLEAR,
            text="There is no order in it yet, so its members can't be compared.",
        )
        return
    is_there = {
        "order.number": any(entry.order.number for entry in entries),
        "order.created": any(entry.created_at for entry in entries),
        "order.processing": any(entry.order.raw_status for entry in entries),
        "order.payment": any(entry.order.payment_status for entry in entries),
        "order.lines": any(entry.items for entry in entries),
        "line.price": any(
            line.unit_price is not None
            for entry in entries
            for line in entry.order.lines
        ),
    }
    for key, there in is_there.items():
        if not there:
            yield Finding(
                verdict=Verdict.DIFFERS,
                text=f"No order shows {key}; the first has: {names.listed(rows[0])}.",
                mapping_keys=(key,),
            )


def try_words(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    rows, _ = walk(client, purpose="checklist")
    return tuple(_about_words(client, _entries(client, rows)))


def _about_words(client: VendorClient, entries: list[Entry]) -> Iterator[Finding]:
    table = Words(client.mapping)
    words = dict.fromkeys(entry.order.raw_status for entry in entries)
    meanings = [table.meaning(word) for word in words if word][:_MOST_WORDS]
    for meaning in meanings:
        if not meaning.is_known:
            yield Finding(
                verdict=Verdict.DIFFERS,
                text=f"The processing status “{meaning.raw}” is not in the table.",
                mapping_keys=(key_of(meaning.raw),),
            )
    known = [f"“{each.raw}”" for each in meanings if each.is_known]
    yield Finding(
        verdict=Verdict.AS_ASSUMED if known else Verdict.UNCLEAR,
        text=f"Processing words that are in the table: {', '.join(known) or 'none'}.",
    )
    paid = dict.fromkeys(entry.order.payment_status for entry in entries)
    shown = ", ".join(f"“{word}”" for word in list(paid)[:_MOST_WORDS] if word)
    yield Finding(
        verdict=Verdict.AS_ASSUMED if shown else Verdict.UNCLEAR,
        text=f"Payment words, which are shown and move nothing: {shown or 'none'}.",
    )


def try_reference(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    if not samples.order_number:
        return (
            Finding(
                verdict=Verdict.UNCLEAR,
                text="Give the shop's number of an order that carries our number.",
            ),
        )
    rows, _ = walk(client, purpose="checklist")
    for entry in _entries(client, rows):
        if entry.order.number == samples.order_number:
            return (_about_reference(entry),)
    return (
        Finding(
            verdict=Verdict.DIFFERS,
            text=f"The list does not hold the order {samples.order_number[:40]}.",
            mapping_keys=("order.number",),
        ),
    )


def _about_reference(entry: Entry) -> Finding:
    if entry.order.reference:
        return Finding(
            verdict=Verdict.AS_ASSUMED,
            text=f"Our number comes back: {entry.order.reference[:50]}.",
        )
    return Finding(
        verdict=Verdict.DIFFERS,
        text="Neither our number nor a note that begins with it comes back: a lost "
        "order could be told by its items alone.",
        mapping_keys=("order.reference", "order.note"),
    )


def try_single(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    number = samples.order_number
    if not number:
        return (
            Finding(
                verdict=Verdict.UNCLEAR, text="Give the shop's number of an order."
            ),
        )
    path = client.path("path.order", number=number)
    try:
        entry = entry_in(client.ask("GET", path, purpose="checklist"), client)
    except Refused:
        entry = None
    if entry is not None and entry.order.number == number:
        return (
            Finding(
                verdict=Verdict.AS_ASSUMED,
                text="A single order can be read; the option may be ticked.",
                options=("reads_single_orders",),
            ),
        )
    return (
        Finding(
            verdict=Verdict.UNCLEAR,
            text="A single order can't be read at this path; the list is used instead, "
            "which is how it is set unless the option was ticked.",
            mapping_keys=("path.order",),
            options=("reads_single_orders",),
        ),
    )

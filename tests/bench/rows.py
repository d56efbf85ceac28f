"""Rows of orders as the database itself makes them: one INSERT for each table.

The same numbers make the same rows. Orders are spread over three years, over all
suppliers, shops and buyers; of the older ones nearly all have ended, of the newest
tenth most are open, and the newest of all wait for approval.
"""

# ruff: noqa: S608 - every name in the statements is this module's own.

import time
from collections.abc import Iterator
from dataclasses import dataclass

LINES = 10
ITEMS = 50_000
YEARS_SECONDS = 3 * 365 * 86400
WAITING = 1_000
"""The newest orders wait for approval, so that there is something to approve."""


@dataclass(frozen=True)
class Keys:
    """Of the rows orders belong to; each a first id and how many follow one another."""

    suppliers: tuple[int, int]
    shops: tuple[int, int]
    customers: tuple[int, int]
    buyers: tuple[int, int]
    approver: int


@dataclass(frozen=True)
class Dialect:
    """How a database says what no standard has."""

    numbers: str
    moment: str
    day: str
    year: str
    padded: str
    repeated: str

    def series(self, count: int) -> str:
        return self.numbers.format(count=count)


POSTGRES = Dialect(
    numbers="generate_series(1, {count}) AS n(i)",
    moment="to_timestamp({seconds})",
    day="to_timestamp({seconds})::date",
    year="to_char(to_timestamp({seconds}), 'YYYY')",
    padded="lpad(({number})::text, greatest({width}, length(({number})::text)), '0')",
    repeated="repeat('5', 64)",
)
SQLITE = Dialect(
    numbers=(
        "(WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c"
        " WHERE i < {count}) SELECT i FROM c) AS n"
    ),
    moment="strftime('%Y-%m-%d %H:%M:%S', {seconds}, 'unixepoch')",
    day="date({seconds}, 'unixepoch')",
    year="strftime('%Y', {seconds}, 'unixepoch')",
    padded="printf('%0{width}d', {number})",
    repeated="replace(hex(zeroblob(32)), '0', '5')",
)


def statements(
    dialect: Dialect, orders: int, keys: Keys, all_open_at: int | None
) -> Iterator[str]:
    """INSERTs that fill the tables; every column is in one of them."""
    now = int(time.time())
    # In whole seconds, so that both databases hold the same moments.
    entered = f"({now} - {YEARS_SECONDS} + (i * {YEARS_SECONDS - 3600} / {orders}))"
    if dialect is POSTGRES:
        entered = entered.replace("(i *", "(i::bigint *")
    moment = dialect.moment.format(seconds=entered)
    later = dialect.moment.format(seconds=f"({entered} + 7200)")
    number = (
        f"'PO-' || {dialect.year.format(seconds=entered)} || '-' || "
        f"{dialect.padded.format(number='i', width=6)}"
    )
    is_waiting = f"i > {orders - min(WAITING, orders // 10)}"
    is_new = f"i > {orders - orders // 10}"
    life = _life(is_waiting, is_new)
    if all_open_at is not None:
        life = {**life, "approval": "'approved'", "transmission": "'sent'"}
        life |= {"fulfilment": "'confirmed'"}
    is_sent = f"({life['transmission']}) = 'sent'"
    is_approved = f"({life['approval']}) = 'approved'"
    promised = dialect.day.format(seconds=f"({entered} + 86400 * (3 + i % 40))")

    def one_of(span: tuple[int, int], factor: int) -> str:
        return f"{span[0]} + ({factor} * i + i / 7) % {span[1]}"

    supplier = one_of(keys.suppliers, 1) if all_open_at is None else f"{all_open_at}"
    buyer = one_of(keys.buyers, 3)
    order = {
        "id": "i",
        "number": number,
        "source": "CASE WHEN i % 2 = 0 THEN 'api:web shop' ELSE '' END",
        "external_reference": f"CASE WHEN i % 2 = 0 THEN 'WEB-' || "
        f"{dialect.padded.format(number='i', width=7)} ELSE '' END",
        "supplier_id": supplier,
        "shop_id": f"CASE WHEN i % 3 = 0 THEN NULL ELSE {one_of(keys.shops, 5)} END",
        "customer_id": f"CASE WHEN i % 4 = 0 THEN {one_of(keys.customers, 7)} END",
        "buyer_id": buyer,
        "currency": "CASE WHEN i % 5 = 0 THEN 'EUR' ELSE 'SEK' END",
        "requested_date": f"CASE WHEN i % 3 = 0 THEN {promised} END",
        "note": "CASE WHEN i % 6 = 0 THEN 'Ring before you deliver' ELSE '' END",
        "is_test": "(i % 50 = 0)",
        "delivery_name": "'Verkstad ' || (i % 900)",
        "delivery_street": "'Provgatan'",
        "delivery_street_number": "'' || (i % 90)",
        "delivery_entrance": "''",
        "delivery_zip_code": "'90320'",
        "delivery_city": "'Umea'",
        "delivery_country_code": "'SE'",
        "total": "2490 + i % 1000",
        "approval": life["approval"],
        "approved_hash": f"CASE WHEN {is_approved} THEN {dialect.repeated} ELSE '' END",
        "transmission": life["transmission"],
        "fulfilment": life["fulfilment"],
        "attention": f"CASE WHEN {is_new} AND i % 97 = 0 THEN"
        " 'The supplier confirmed another price.' ELSE '' END",
        "is_invoiced": f"(NOT ({is_new}))",
        "supplier_order_number": f"CASE WHEN {is_sent} THEN 'SO-' || (70000 + i)"
        " ELSE '' END",
        "supplier_status": f"CASE WHEN {is_sent} THEN 'Confirmed' ELSE '' END",
        "supplier_charges": "'[]'",
        "supplier_changed_at": f"CASE WHEN {is_sent} THEN {later} END",
        "supplier_fingerprint": "''",
        "payment_status": "''",
        "promised_date": f"CASE WHEN {is_sent} THEN {promised} END",
        "submitted_at": moment,
        "approved_at": f"CASE WHEN {is_approved} THEN {moment} END",
        "sent_at": f"CASE WHEN {is_sent} THEN {moment} END",
        "state_since": later,
        "created_by_id": buyer,
        "created_at": moment,
        "updated_at": later,
        "version": "CASE WHEN i % 9 = 0 THEN 7 ELSE 5 END",
    }
    if dialect is POSTGRES:
        order["supplier_charges"] = "'[]'::jsonb"
    yield _insert("orders_purchaseorder", order, dialect.series(orders))
    yield from _lines(dialect, orders, life)
    yield from _events(dialect, orders, moment)
    yield from _shipments(dialect, orders, life, later)


def _life(is_waiting: str, is_new: str) -> dict[str, str]:
    """The three axes by age: what is old has ended, what is new is on its way."""
    return {
        "approval": (
            f"CASE WHEN {is_waiting} THEN 'pending' WHEN i % 41 = 0 THEN 'rejected'"
            f" WHEN {is_new} AND i % 13 = 0 THEN 'draft' ELSE 'approved' END"
        ),
        "transmission": (
            f"CASE WHEN {is_waiting} OR i % 41 = 0 OR ({is_new} AND i % 13 = 0)"
            f" THEN 'none' WHEN {is_new} AND i % 17 = 0 THEN 'none' ELSE 'sent' END"
        ),
        "fulfilment": (
            f"CASE WHEN {is_waiting} OR i % 41 = 0 OR ({is_new} AND"
            " (i % 13 = 0 OR i % 17 = 0)) THEN 'none'"
            f" WHEN {is_new} THEN CASE i % 5 WHEN 0 THEN 'none' WHEN 1 THEN 'confirmed'"
            " WHEN 2 THEN 'picking' WHEN 3 THEN 'partially_shipped'"
            " ELSE 'shipped' END"
            " WHEN i % 33 = 0 THEN 'cancelled' ELSE 'delivered' END"
        ),
    }


def _lines(dialect: Dialect, orders: int, life: dict[str, str]) -> Iterator[str]:
    """Popular items are in many orders, most are in few."""
    item = (
        "CASE WHEN p = 1 THEN (i * 31) % 500"
        f" ELSE (i * {LINES} + p * 7919) % {ITEMS} END"
    )
    padded = dialect.padded.format(number=f"({item})", width=6)
    line = {
        "order_id": "i",
        "position": "p",
        "item_number": f"'SKU-' || {padded}",
        "brand": "CASE WHEN p % 3 = 0 THEN 'Bosch' ELSE '' END",
        "description": "'Filter ' || p",
        "quantity": "1 + (i + p) % 9",
        "unit": "'ST'",
        "unit_price": "41.5",
        "vat_percent": "25",
        "is_confirmed": f"({life['fulfilment']} <> 'none')",
        "quantity_picking": "0",
        "quantity_shipped": "0",
        "quantity_received": "0",
        "quantity_cancelled": "0",
        "fulfilment": life["fulfilment"],
        "supplier_status": "''",
        "promised_date": "NULL",
        "first_promised_date": "NULL",
    }
    if dialect is POSTGRES:
        line["promised_date"] = line["first_promised_date"] = "NULL::date"
    positions = dialect.series(LINES).replace("n(i)", "m(p)")
    if dialect is SQLITE:
        positions = f"(SELECT i AS p FROM {dialect.series(LINES)}) AS m"
    # One block of orders after another, so that an order's lines lie together.
    yield _insert(
        "orders_orderline", line, f"{dialect.series(orders)} CROSS JOIN {positions}"
    )


def _events(dialect: Dialect, orders: int, moment: str) -> Iterator[str]:
    for kind, actor in (("created", "buyer"), ("submitted", "buyer")):
        event = {
            "order_id": "i",
            "kind": f"'{kind}'",
            "at": moment,
            "actor_name": f"'{actor}'",
            "text": "''",
            "data": "'{}'",
            "status": "'draft'",
        }
        if dialect is POSTGRES:
            event["data"] = "'{}'::jsonb"
        yield _insert("orders_orderevent", event, dialect.series(orders))


def _shipments(
    dialect: Dialect, orders: int, life: dict[str, str], later: str
) -> Iterator[str]:
    is_shipped = f"({life['fulfilment']}) IN ('delivered', 'shipped')"
    shipment = {
        "id": "i",
        "order_id": "i",
        "number": "'SH-' || (500000 + i)",
        "shipped_at": later,
        "forwarder": "'DHL'",
        "evidence": "''",
        "document": "''",
        "created_at": later,
    }
    package = {"id": "i", "shipment_id": "i", "number": "'PKG-' || (900000000 + i)"}
    rows = f"{dialect.series(orders)} WHERE {is_shipped}"
    yield _insert("fulfilment_shipment", shipment, rows)
    yield _insert("fulfilment_package", package, rows)


def _insert(table: str, columns: dict[str, str], rows: str) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(columns.values())
    return f"INSERT INTO {table} ({names}) SELECT {values} FROM {rows}"

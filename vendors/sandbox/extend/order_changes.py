"""Changing an order with PUT: header members, quantities and prices, single rows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from vendors.sandbox.extend.answers import bad_request
from vendors.sandbox.extend.fields import Members
from vendors.sandbox.extend.order_forms import check_header, read_row
from vendors.sandbox.extend.orders import (
    ROW_STEP,
    CustomerOrder,
    Row,
    components_of,
    new_id,
)


def change_order(order: CustomerOrder, body: Members, now: datetime) -> str:
    """Carry out a change and say what was done.

    Rows the body doesn't name stay as they are.

    Raises:
        Refusal: the order is past changing, or the data won't do; nothing changed.
    """
    order.require_changeable()
    header = body.object("orderHeader")
    check_header(header)
    number, customer = header.text("orderNumber"), header.text("customerNumber")
    if number not in (None, order.number):
        raise bad_request(f"orderHeader.orderNumber must be {order.number}.")
    if customer not in (None, order.header["customerNumber"]):
        raise bad_request("orderHeader.customerNumber can't be changed.")
    changes = body.objects("orderRows")
    rows: Sequence[Row] = order.rows
    for members in changes:
        rows = _change_row(rows, members)
    order.rows = list(rows)
    order.header |= {
        name: value for name, value in header.sent.items() if value is not None
    }
    order.rows_changed(now)
    return f"{len(changes)} row(s) changed."


def _change_row(rows: Sequence[Row], members: Members) -> list[Row]:
    """Return the rows after one of them was cancelled, changed or added."""
    place = (
        members.whole_number("position") or 0,
        members.whole_number("subPosition") or 0,
    )
    row = next((each for each in rows if each.place == place), None)
    if row is not None and row.parent is not None:
        raise bad_request(f"{members.place('position')}: part of a bill of materials.")
    if members.text("rowOperation") == "Inactive":
        return _cancel_row(rows, row, members)
    changed = read_row(members, default_position=_next_position(rows))
    if row is None:
        return [*rows, changed, *components_of(changed)]
    return _replace_row(rows, row, replace(changed, id=row.id, rest_id=row.rest_id))


def _cancel_row(rows: Sequence[Row], row: Row | None, members: Members) -> list[Row]:
    if row is None:
        raise bad_request(f"{members.place('position')}: there is no such row.")
    if not members.has("warehouse"):
        # Documented oddity: without the warehouse the row is not recognised, and a
        # new, cancelled one is added while the old one stays.
        added = replace(row, id=new_id(), rest_id=new_id(), is_active=False)
        return [*rows, replace(added, position=_next_position(rows), sub_position=0)]
    if members.text("warehouse") != row.warehouse:
        raise bad_request(f"{members.place('warehouse')}: the row has another one.")
    return _replace_row(rows, row, replace(row, is_active=False))


def _replace_row(rows: Sequence[Row], old: Row, new: Row) -> list[Row]:
    """Put a row in the place of another, with the parts it is made of."""
    parts = [replace(part, is_active=new.is_active) for part in components_of(new)]
    changed: list[Row] = []
    for row in rows:
        if row is old:
            changed += [new, *parts]
        elif row.parent != old.position:
            changed.append(row)
    return changed


def _next_position(rows: Sequence[Row]) -> int:
    return max(row.position for row in rows) // ROW_STEP * ROW_STEP + ROW_STEP

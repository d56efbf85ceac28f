"""Changing an order with PUT: header members, quantities and prices, single rows."""

from datetime import datetime

from vendors.sandbox.extend.answers import bad_request
from vendors.sandbox.extend.fields import Members
from vendors.sandbox.extend.order_forms import check_header, read_row
from vendors.sandbox.extend.orders import ROW_STEP, CustomerOrder, Row, components_of


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
    changes = [_read_change(order, members) for members in body.objects("orderRows")]
    for row, replacement in changes:
        _carry_out(order, row, replacement)
    order.header |= {
        name: value for name, value in header.sent.items() if value is not None
    }
    order.rows_changed(now)
    return f"{len(changes)} row(s) changed."


def _read_change(order: CustomerOrder, members: Members) -> tuple[Row | None, Row]:
    """Return the row a change means, None for a new one, and what it becomes."""
    position = members.whole_number("position") or 0
    row = order.find_row((position, members.whole_number("subPosition") or 0))
    if members.text("rowOperation") == "Inactive":
        return _read_cancellation(order, row, members)
    replacement = read_row(members, default_position=_next_position(order))
    if row is not None:
        replacement.id, replacement.rest_id = row.id, row.rest_id
    return row, replacement


def _read_cancellation(
    order: CustomerOrder, row: Row | None, members: Members
) -> tuple[Row | None, Row]:
    if row is None:
        raise bad_request(f"{members.place('position')}: there is no such row.")
    cancelled = Row(
        position=row.position,
        product_number=row.product_number,
        product_name=row.product_name,
        quantity=row.quantity,
        unit=row.unit,
        unit_price=row.unit_price,
        vat_percent=row.vat_percent,
        currency=row.currency,
        warehouse=row.warehouse,
        supply_mode=row.supply_mode,
        is_active=False,
        sent=row.sent or members.sent,
    )
    if not members.has("warehouse"):
        # Documented oddity: without the warehouse the row is not recognised, and a
        # new, cancelled one is added while the old one stays.
        cancelled.position = _next_position(order)
        return None, cancelled
    if members.text("warehouse") != row.warehouse:
        raise bad_request(f"{members.place('warehouse')}: the row has another one.")
    cancelled.id, cancelled.rest_id = row.id, row.rest_id
    return row, cancelled


def _carry_out(order: CustomerOrder, row: Row | None, replacement: Row) -> None:
    parts = components_of(replacement)
    for part in parts:
        part.is_active = replacement.is_active
    if row is None:
        order.rows += [replacement, *parts]
        return
    old_parts = [part for part in order.rows if part.parent == row.position]
    kept = [other for other in order.rows if other not in old_parts]
    at = kept.index(row)
    order.rows = [*kept[:at], replacement, *parts, *kept[at + 1 :]]


def _next_position(order: CustomerOrder) -> int:
    return max(row.position for row in order.rows) // ROW_STEP * ROW_STEP + ROW_STEP

"""How other screens show that something needs a person."""

from django.contrib.auth.models import User

from procurement.orders.models import PurchaseOrder
from procurement.troubles import queries
from procurement.troubles.buttons import buttons
from procurement.troubles.rows import COLUMNS, Row, read_rows


def troubles_of(order: PurchaseOrder, user: User) -> list[Row]:
    """What is in trouble about one order, with its buttons, for the order's page."""
    found = list(queries.of_order(order).only(*COLUMNS))
    shown = read_rows(found, user) if found else []
    for row in shown:
        row.buttons = buttons(row, user)
    return shown

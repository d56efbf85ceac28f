"""The columns a table of orders or of lines may have."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from procurement.money import round_amount
from procurement.orders.states import Approval, Fulfilment, Sending, Status

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

Value = str | int | Decimal | date | datetime | bool | None
Row = Mapping[str, Any]


class What(TextChoices):
    ORDERS = "orders", _("Orders, one in a row")
    LINES = "lines", _("Lines of orders, one in a row")


@dataclass(frozen=True)
class Column:
    """One column; `source` is a column of the database, named from its row."""

    name: str
    label: "str | _StrPromise"
    source: str
    value: Callable[[Row], Value] | None = None

    def of(self, row: Row) -> Value:
        found: Value = row[self.source] if self.value is None else self.value(row)
        return found


def _labelled(choices: type[TextChoices], source: str) -> Callable[[Row], Value]:
    labels = {value: str(label) for value, label in choices.choices}
    return lambda row: labels.get(row[source], row[source])


def _total(prefix: str) -> Callable[[Row], Value]:
    return lambda row: round_amount(row[f"{prefix}total"], row[f"{prefix}currency"])


def _amount(row: Row) -> Value:
    return round_amount(row["quantity"] * row["unit_price"], row["order__currency"])


def _order_columns(prefix: str = "") -> tuple[Column, ...]:
    """The order's own columns, read from it or from one of its lines."""
    status, approval = f"{prefix}headline", f"{prefix}approval"
    sending, fulfilment = f"{prefix}transmission", f"{prefix}fulfilment"
    return (
        Column("number", _("Order"), f"{prefix}number"),
        Column("external_reference", _("Reference"), f"{prefix}external_reference"),
        Column("source", _("Entered by system"), f"{prefix}source"),
        Column("supplier", _("Supplier"), f"{prefix}supplier__name"),
        Column(
            "supplier_order_number",
            _("Supplier's number"),
            f"{prefix}supplier_order_number",
        ),
        Column("status", _("Status"), status, _labelled(Status, status)),
        Column("approval", _("Approval"), approval, _labelled(Approval, approval)),
        Column("transmission", _("Sending"), sending, _labelled(Sending, sending)),
        Column(
            "fulfilment",
            _("Fulfilment"),
            fulfilment,
            _labelled(Fulfilment, fulfilment),
        ),
        Column("attention", _("Needs attention"), f"{prefix}attention"),
        Column("shop", _("Shop"), f"{prefix}shop__name"),
        Column("customer", _("Customer"), f"{prefix}customer__name"),
        Column("buyer", _("Buyer"), f"{prefix}buyer__username"),
        Column("currency", _("Currency"), f"{prefix}currency"),
        Column("total", _("Total without VAT"), f"{prefix}total", _total(prefix)),
        Column("is_test", _("Test"), f"{prefix}is_test"),
        Column("is_invoiced", _("Invoiced"), f"{prefix}is_invoiced"),
        Column("requested_date", _("Wanted on"), f"{prefix}requested_date"),
        Column("promised_date", _("Promised for"), f"{prefix}promised_date"),
        Column("created_at", _("Entered at"), f"{prefix}created_at"),
        Column("approved_at", _("Approved at"), f"{prefix}approved_at"),
        Column("sent_at", _("Sent at"), f"{prefix}sent_at"),
        Column("delivery_name", _("Deliver to"), f"{prefix}delivery_name"),
        Column("delivery_zip_code", _("Postcode"), f"{prefix}delivery_zip_code"),
        Column("delivery_city", _("Town"), f"{prefix}delivery_city"),
        Column("delivery_country_code", _("Country"), f"{prefix}delivery_country_code"),
        Column("note", _("Note to the supplier"), f"{prefix}note"),
    )


_LINE_COLUMNS = (
    Column("position", _("Position"), "position"),
    Column("item_number", _("Item number"), "item_number"),
    Column("brand", _("Brand"), "brand"),
    Column("description", _("Description"), "description"),
    Column("quantity", _("Quantity"), "quantity"),
    Column("unit", _("Unit"), "unit"),
    Column("unit_price", _("Price without VAT"), "unit_price"),
    Column("vat_percent", _("VAT %"), "vat_percent"),
    Column("amount", _("Amount without VAT"), "quantity", _amount),
    Column("quantity_shipped", _("Shipped"), "quantity_shipped"),
    Column("quantity_received", _("Received"), "quantity_received"),
    Column("quantity_cancelled", _("Cancelled"), "quantity_cancelled"),
    Column(
        "line_fulfilment",
        _("Fulfilment of the line"),
        "fulfilment",
        _labelled(Fulfilment, "fulfilment"),
    ),
    Column("line_promised_date", _("Line promised for"), "promised_date"),
)
COLUMNS: Mapping[What, Sequence[Column]] = {
    What.ORDERS: _order_columns(),
    What.LINES: (*_order_columns("order__"), *_LINE_COLUMNS),
}
ALWAYS_READ = {
    What.ORDERS: {"pk", "currency"},
    What.LINES: {"order_id", "order__currency", "unit_price"},
}
CHOSEN_AT_FIRST = {
    What.ORDERS: (
        *("number", "external_reference", "supplier", "supplier_order_number"),
        *("status", "shop", "customer", "buyer", "currency", "total", "is_test"),
        *("requested_date", "promised_date", "created_at", "sent_at"),
    ),
    What.LINES: (
        *("number", "supplier", "supplier_order_number", "status", "shop", "buyer"),
        *("currency", "is_test", "position", "item_number", "description"),
        *("quantity", "unit", "unit_price", "vat_percent", "amount"),
        *("quantity_shipped", "quantity_received", "line_promised_date"),
    ),
}


def chosen_columns(what: What, names: Sequence[str]) -> list[Column]:
    """The columns of these names, in the order of the table."""
    return [column for column in COLUMNS[what] if column.name in set(names)]

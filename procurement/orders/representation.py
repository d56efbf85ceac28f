"""Orders as JSON, in two queries however many they are."""

from collections import defaultdict, namedtuple
from collections.abc import Callable, Iterable
from functools import cache, lru_cache
from operator import attrgetter
from typing import Any

from django.db.models import F, QuerySet

from procurement.access.fields import day_text, utc_text
from procurement.access.sparse import Selection
from procurement.addresses import FIELDS as ADDRESS_FIELDS
from procurement.money import plain, price_text, round_amount
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.prepared import PreparedRead

LINE_COLUMNS = (
    "position",
    "item_number",
    "brand",
    "description",
    "quantity",
    "unit",
    "unit_price",
    "vat_percent",
    "is_confirmed",
    "quantity_picking",
    "quantity_shipped",
    "quantity_received",
    "quantity_cancelled",
    "fulfilment",
    "supplier_status",
    "promised_date",
    "first_promised_date",
)
QUANTITIES = tuple(name for name in LINE_COLUMNS if name.startswith("quantity"))
DAYS = ("promised_date", "first_promised_date")
ORDER_COLUMNS = (
    "pk",
    "number",
    "external_reference",
    "customer_id",
    "currency",
    "requested_date",
    "note",
    "is_test",
    *(f"delivery_{name}" for name in ADDRESS_FIELDS),
    "total",
    "headline",
    "approval",
    "transmission",
    "fulfilment",
    "attention",
    "supplier_order_number",
    "version",
    "source",
    "is_invoiced",
    "supplier_status",
    "payment_status",
    "supplier_charges",
    "promised_date",
    "created_at",
    "updated_at",
    "submitted_at",
    "approved_at",
    "sent_at",
)
NEIGHBOURS = {
    "supplier_slug": F("supplier__slug"),
    "shop_slug": F("shop__slug"),
    "buyer_name": F("buyer__username"),
}
_number_text = lru_cache(maxsize=4096)(plain)
_price_text = lru_cache(maxsize=4096)(price_text)
"""A page has hundreds of numbers, and few that differ."""


def shown_orders() -> QuerySet[PurchaseOrder, Any]:
    """Orders as rows, with what is shown of their neighbours; their lines come apart.

    Rows instead of objects: making and keeping up an object costs more than reading
    it, and a page has fifty orders of ten lines.
    """
    return _order_rows().all()


@cache
def _order_rows() -> QuerySet[PurchaseOrder, Any]:
    """Unread, to be copied: resolving forty names costs more than the query itself."""
    return PurchaseOrder.objects.annotate(**NEIGHBOURS).values_list(
        *ORDER_COLUMNS, *NEIGHBOURS, named=True
    )


_OrderRow = namedtuple("_OrderRow", (*ORDER_COLUMNS, *NEIGHBOURS))  # type: ignore[misc]
_one_order = PreparedRead(lambda pk: _order_rows().filter(pk=pk), 1_999_999_973)
"""Every answer to a call on an order has it."""


@cache
def _line_rows() -> QuerySet[OrderLine, Any]:
    rows = OrderLine.objects.order_by("order", "position")
    return rows.values_list("order_id", *LINE_COLUMNS)


def shown_order(order_id: int, *, read: object = None) -> dict[str, Any]:
    """One order as it stands now.

    Args:
        read: the same order with its lines, if they were just read under its lock and
            nothing has been written to them since.
    """
    (row,) = _one_order(order_id)
    order = _OrderRow(*row)
    if (lines := _lines_read(read)) is None:
        return orders_json([order])[0]
    return order_json(order, lines)


def selected_order(
    order_id: int, selection: Selection | None
) -> tuple[dict[str, Any], int]:
    """What is selected of an order as it stands now, and its version."""
    (row,) = _one_order(order_id)
    order: Any = _OrderRow(*row)
    (shown,) = orders_json([order], selection)
    return shown, order.version


def _lines_read(order: object) -> list[tuple[Any, ...]] | None:
    prefetched = getattr(order, "_prefetched_objects_cache", {})
    if not isinstance(order, PurchaseOrder) or "lines" not in prefetched:
        return None
    return [_line_columns(line) for line in order.lines.all()]


_line_columns = attrgetter(*LINE_COLUMNS)


def orders_json(
    orders: Iterable[Any], selection: Selection | None = None
) -> list[dict[str, Any]]:
    """The JSON of some of `shown_orders`, in their order.

    Args:
        selection: the members that are shown, if not all of them are; lines that are
            not shown are not read.
    """
    orders = list(orders)
    if selection is None:
        lines = _lines_of(orders)
        return [order_json(order, lines[order.pk]) for order in orders]
    makers = {name: make for name, make in _MEMBERS.items() if name in selection}
    shown = [{name: make(order) for name, make in makers.items()} for order in orders]
    if "lines" in selection:
        part, lines = selection.of("lines"), _lines_of(orders)
        for order, one in zip(orders, shown, strict=True):
            made = [line_json(line, order.currency) for line in lines[order.pk]]
            one["lines"] = part.cut(made) if part else made
    for name in _NESTED & makers.keys():
        if part := selection.of(name):
            for one in shown:
                one[name] = part.cut(one[name])
    return shown


def _lines_of(orders: list[Any]) -> dict[int, list[tuple[Any, ...]]]:
    lines: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for order_id, *line in _line_rows().filter(order__in=[o.pk for o in orders]):
        lines[order_id].append(tuple(line))
    return lines


def order_json(order: Any, lines: list[tuple[Any, ...]]) -> dict[str, Any]:
    """One of `shown_orders`, with the `LINE_COLUMNS` of each of its lines."""
    shown = {name: make(order) for name, make in _MEMBERS.items()}
    shown["lines"] = [line_json(line, order.currency) for line in lines]
    return shown


def _address(order: Any) -> dict[str, str]:
    return {name: getattr(order, f"delivery_{name}") for name in ADDRESS_FIELDS}


def _total(order: Any) -> str:
    currency = order.currency
    return price_text(round_amount(order.total, currency), currency)


def _day(column: str) -> Callable[[Any], str | None]:
    read = attrgetter(column)
    return lambda order: day_text(read(order))


def _moment(column: str) -> Callable[[Any], str | None]:
    read = attrgetter(column)
    return lambda order: utc_text(read(order))


_MEMBERS: dict[str, Callable[[Any], Any]] = {
    "number": attrgetter("number"),
    "external_reference": attrgetter("external_reference"),
    "supplier": attrgetter("supplier_slug"),
    "shop": attrgetter("shop_slug"),
    "customer": attrgetter("customer_id"),
    "currency": attrgetter("currency"),
    "requested_date": _day("requested_date"),
    "note": attrgetter("note"),
    "test": attrgetter("is_test"),
    "delivery_address": _address,
    # Lines have their place here and are filled in by whoever has read them.
    "lines": lambda order: (),
    "total": _total,
    "status": attrgetter("headline"),
    "approval": attrgetter("approval"),
    "transmission": attrgetter("transmission"),
    "fulfilment": attrgetter("fulfilment"),
    "attention": attrgetter("attention"),
    "supplier_order_number": attrgetter("supplier_order_number"),
    "version": attrgetter("version"),
    "source": attrgetter("source"),
    "buyer": attrgetter("buyer_name"),
    "invoiced": attrgetter("is_invoiced"),
    "supplier_status": attrgetter("supplier_status"),
    "payment_status": attrgetter("payment_status"),
    "supplier_charges": attrgetter("supplier_charges"),
    "promised_date": _day("promised_date"),
    "created_at": _moment("created_at"),
    "updated_at": _moment("updated_at"),
    "submitted_at": _moment("submitted_at"),
    "approved_at": _moment("approved_at"),
    "sent_at": _moment("sent_at"),
}
"""How each member is made; most of them without a call of a Python function."""
_NESTED = frozenset({"delivery_address", "supplier_charges"})


def line_json(line: tuple[Any, ...], currency: str) -> dict[str, Any]:
    """`LINE_COLUMNS` by their names, as plain JSON values."""
    shown = dict(zip(LINE_COLUMNS, line, strict=True))
    for name in QUANTITIES:
        shown[name] = _number_text(shown[name])
    shown["unit_price"] = _price_text(shown["unit_price"], currency)
    if shown["vat_percent"] is not None:
        shown["vat_percent"] = _number_text(shown["vat_percent"])
    for name in DAYS:
        if shown[name] is not None:
            shown[name] = day_text(shown[name])
    return shown

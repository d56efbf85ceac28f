"""Many orders at once: copies of one, made by the database itself."""

from collections.abc import Mapping

from django.db import connection, models
from django.utils import timezone

from procurement.orders.models import OrderEvent, OrderLine, PurchaseOrder
from procurement.suppliers.models import Supplier
from tests.factories import make_approved_order

SERIES = (
    "WITH RECURSIVE series(i) AS "
    "(SELECT 1 UNION ALL SELECT i + 1 FROM series WHERE i < %s)"
)


def make_open_orders(
    supplier: Supplier, count: int, *, minutes_apart: int = 1, prefix: str = "SO-"
) -> PurchaseOrder:
    """Make so many sent and confirmed orders of one line; return the newest.

    Their numbers at the supplier are SO-1 (the newest) to SO-`count` (the oldest),
    their references PO-2031-1000001 and on. All have been read before.
    """
    template = make_approved_order(supplier)
    now = timezone.now()
    PurchaseOrder.objects.filter(pk=template.pk).update(
        transmission="sent",
        fulfilment="confirmed",
        sent_at=now,
        supplier_changed_at=now,
        supplier_order_number=f"{prefix}0",
        supplier_status="Incoming",
    )
    OrderLine.objects.filter(order=template).update(
        is_confirmed=True, fulfilment="confirmed"
    )
    copy_order(
        template,
        count,
        {
            "number": "'PO-2031-' || CAST(1000000 + i AS text)",
            "supplier_order_number": f"'{prefix}' || CAST(i AS text)",
            "sent_at": _minutes_before("sent_at", minutes_apart),
            "supplier_changed_at": _minutes_before(
                "supplier_changed_at", minutes_apart
            ),
        },
    )
    return PurchaseOrder.objects.get(supplier_order_number=f"{prefix}1")


def copy_order(template: PurchaseOrder, count: int, changes: Mapping[str, str]) -> None:
    """Copy an order with its lines and events.

    Args:
        changes: SQL for columns that differ; `i` counts the copies from 1, and the
            template's own columns are `t.NAME`.
    """
    last = PurchaseOrder.objects.order_by("pk").last()
    assert last is not None
    with connection.cursor() as cursor:
        names, values = _columns(PurchaseOrder, changes)
        cursor.execute(
            f"{SERIES} INSERT INTO orders_purchaseorder ({names}) "  # noqa: S608
            f"SELECT {values} FROM orders_purchaseorder t, series WHERE t.id = %s"
            if connection.vendor == "postgresql"
            else f"INSERT INTO orders_purchaseorder ({names}) {SERIES} "  # noqa: S608
            f"SELECT {values} FROM orders_purchaseorder t, series WHERE t.id = %s",
            [count, template.pk],
        )
        for model in (OrderLine, OrderEvent):
            names, values = _columns(model, {"order_id": "o.id"})
            table = model._meta.db_table
            cursor.execute(
                f"INSERT INTO {table} ({names}) SELECT {values} "  # noqa: S608
                f"FROM {table} t, orders_purchaseorder o "
                "WHERE t.order_id = %s AND o.id > %s",
                [template.pk, last.pk],
            )
        if connection.vendor == "postgresql":
            cursor.execute(
                "ANALYZE orders_purchaseorder, orders_orderline, orders_orderevent"
            )
        else:
            cursor.execute("ANALYZE")


def _columns(model: type[models.Model], changes: Mapping[str, str]) -> tuple[str, str]:
    """Return the columns to fill and the SQL that fills them."""
    names = [
        field.column
        for field in model._meta.concrete_fields
        if not field.primary_key and not field.generated
    ]
    return ", ".join(names), ", ".join(changes.get(n, f"t.{n}") for n in names)


def _minutes_before(column: str, minutes: int) -> str:
    if connection.vendor == "postgresql":
        return f"t.{column} - i * interval '{minutes} minutes'"
    shift = f"'-' || (i * {minutes}) || ' minutes'"
    return f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', t.{column}, {shift})"

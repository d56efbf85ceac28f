"""Reads everything around orders that wait, for many at once.

The number of queries is the same for one order and for a page of them, and each goes
by an index. Test orders are compared with test orders, real ones with real ones.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db.models import (
    Case,
    Exists,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    When,
    prefetch_related_objects,
)
from django.db.models.lookups import Exact
from django.utils import timezone

from procurement import clock
from procurement.approvals.changes import approved_before
from procurement.approving.facts import (
    ApprovedBefore,
    LineFacts,
    OrderFacts,
    Paid,
    Thresholds,
    total_of_content,
)
from procurement.approving.twins import twins_of
from procurement.catalogue.matching import pick
from procurement.catalogue.queries import with_present_offers
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.suppliers.models import SupplierItem

MOST_LINES_BEFORE = 200
"""So many of the newest lines of an item are looked through for its last purchase."""

Items = Mapping[tuple[int, str], Sequence[SupplierItem]]


def facts_of(orders: Sequence[PurchaseOrder], user: User) -> dict[int, OrderFacts]:
    """What is known around each order, by its key.

    Args:
        orders: with their suppliers, without the credentials.
        user: who looks; nothing is said of orders they may not see.
    """
    _read_lines(orders)
    items = _items(orders)
    paid = _last_paid((line for each in orders for line in each.lines.all()), user)
    standings = _standings(orders)
    approved = _approved_before(orders)
    thresholds = Thresholds.from_settings()
    twins = twins_of(orders, user, days=thresholds.duplicate_days)
    today = clock.today()
    return {
        order.pk: OrderFacts(
            order=order,
            today=today,
            thresholds=thresholds,
            lines=tuple(
                _line_facts(order, line, items, paid) for line in order.lines.all()
            ),
            twins=twins[order.pk],
            is_first_at_supplier=not standings[order.pk]["is_known_supplier"],
            is_known_address=standings[order.pk]["is_known_address"],
            largest_before=standings[order.pk]["largest_before"],
            approved_before=approved.get(order.pk),
            options=order.supplier.options,
        )
        for order in orders
    }


def _line_facts(
    order: PurchaseOrder, line: Any, items: Items, paid: Mapping[int, Paid]
) -> LineFacts:
    item = pick(items.get((order.supplier_id, line.item_number), []), line.brand)
    offers: Sequence[Any] = item.present_offers if item else ()  # type: ignore[attr-defined]
    return LineFacts(
        line=line,
        currency=order.currency,
        item=item,
        offer=offers[0] if offers else None,
        paid=paid.get(line.last_line),
    )


# --- lines, and what they cost before ---------------------------------------------


def _read_lines(orders: Sequence[PurchaseOrder]) -> None:
    """Give every order its lines, each with the key of the last one bought."""
    lines = OrderLine.objects.annotate(last_line=Subquery(_bought_before()))
    prefetch_related_objects(orders, Prefetch("lines", queryset=lines))


def _bought_before() -> QuerySet[Any]:
    """The newest line of a sent order for the same item at the same supplier.

    The newest lines of the item are found first, by its index, and only these are
    asked about their orders, one by one: joined, orders would lead a database to begin
    with all those of the supplier.
    """
    newest = (
        OrderLine.objects.filter(item_number=OuterRef(OuterRef("item_number")))
        .order_by("-order_id")
        .values("pk")[:MOST_LINES_BEFORE]
    )
    same = Q(brand=OuterRef("brand")) | Q(brand="") | Q(Exact(OuterRef("brand"), ""))
    columns = ("supplier", "currency", "is_test")
    order = PurchaseOrder.objects.filter(
        pk=OuterRef("order_id"),
        **{name: OuterRef(OuterRef(f"order__{name}")) for name in columns},
    )
    lines = OrderLine.objects.filter(same, pk__in=newest).alias(
        was_sent_at=Subquery(order.order_by().values("sent_at"))
    )
    sent = lines.filter(was_sent_at__isnull=False)
    return sent.order_by("-order_id").values("pk")[:1]


def _last_paid(lines: Iterable[Any], user: User) -> dict[int, Paid]:
    """What was paid, in orders the person may see, by the key of the line."""
    keys = {line.last_line for line in lines if line.last_line is not None}
    visible = PurchaseOrder.objects.visible_to(user)
    rows = OrderLine.objects.filter(pk__in=keys, order__in=visible).values_list(
        "pk", "unit_price", "order_id", "order__number", "order__sent_at"
    )
    return {
        pk: Paid(price=price, order_id=order_id, number=number, sent_at=sent_at)
        for pk, price, order_id, number, sent_at in rows.order_by()
    }


def _items(orders: Sequence[PurchaseOrder]) -> Items:
    """The suppliers' items, with their present offers."""
    numbers = OrderLine.objects.filter(order__in=orders).values("item_number")
    rows = SupplierItem.objects.filter(
        supplier__in={order.supplier_id for order in orders}, item_number__in=numbers
    )
    found = defaultdict(list)
    for item in with_present_offers(rows.order_by("pk")):
        found[item.supplier_id, item.item_number].append(item)
    return found


# --- what was before --------------------------------------------------------------


def _standings(orders: Sequence[PurchaseOrder]) -> dict[int, Any]:
    """Whether supplier and address are known, and the buyer's largest order."""
    sent = PurchaseOrder.objects.filter(
        sent_at__isnull=False, is_test=OuterRef("is_test")
    ).order_by()
    there = sent.filter(
        **{
            name: OuterRef(name)
            for name in (
                "delivery_zip_code",
                "delivery_street",
                "delivery_street_number",
                "delivery_city",
                "delivery_country_code",
            )
        }
    )
    largest = sent.filter(buyer=OuterRef("buyer"), currency=OuterRef("currency"))
    keys = [order.pk for order in orders]
    rows = (
        PurchaseOrder.objects.filter(pk__in=keys)
        .order_by()
        .values(
            "pk",
            is_known_supplier=Exists(sent.filter(supplier=OuterRef("supplier"))),
            is_known_address=Case(
                When(
                    customer__isnull=False,
                    then=Exists(there.filter(customer=OuterRef("customer"))),
                ),
                When(
                    shop__isnull=False,
                    then=Exists(there.filter(shop=OuterRef("shop"))),
                ),
                default=Exists(there.filter(shop=None)),
            ),
            largest_before=Subquery(largest.order_by("-total").values("total")[:1]),
        )
    )
    return {row["pk"]: row for row in rows}


def _approved_before(orders: Sequence[PurchaseOrder]) -> dict[int, ApprovedBefore]:
    """The last approval of each order whose content is not the same any more."""
    return {
        order_id: ApprovedBefore(
            at=timezone.localtime(decision.decided_at),
            by=decision.who,
            total=total_of_content(decision.content),
            changes=tuple(changes),
        )
        for order_id, (decision, changes) in approved_before(orders).items()
        if changes
    }


def first_asked_total(order: PurchaseOrder) -> Decimal | None:
    """What the order came to when approval was asked for first, if that was noted."""
    asked = order.events.filter(kind="submitted").order_by("pk").values_list("data")
    (data,) = asked.first() or ({},)
    is_comparable = data.get("currency") == order.currency
    return Decimal(data["total"]) if is_comparable else None

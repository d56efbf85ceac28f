"""What is in trouble as screens show it: rows, gathered by cause and supplier.

A page reads a window of rows and what they are about in a fixed number of queries.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.safestring import SafeString

from procurement.adminshow import amount, badge
from procurement.customers.models import CustomerLink
from procurement.orders.models import PurchaseOrder
from procurement.shops.models import ShopRegistration
from procurement.suppliers.models import Supplier
from procurement.texts import Text
from procurement.transmissions.models import Operation, State, Transmission
from procurement.troubles import causes
from procurement.troubles.causes import ADVICE, Advice, Cause, Reaction
from procurement.troubles.models import TroubleOwner
from procurement.troubles.queries import OF_ORDERS, OF_SHOPS

COLUMNS = (
    "supplier",
    "operation",
    "subject",
    "reference",
    "is_test",
    "state",
    "attempt_count",
    "next_attempt_at",
    "kind",
    "text",
    "vendor_text",
    "look_up_count",
    "next_look_up_at",
    "created_at",
    "ended_at",
)


@dataclass
class Row:
    """One transmission in trouble, with what it is about and who looks after it."""

    transmission: Transmission
    order: PurchaseOrder | None = None
    party: Any = None
    """How a shop or a customer stands at the supplier."""
    owned: TroubleOwner | None = None
    buttons: Sequence[Any] = ()

    @property
    def cause(self) -> Cause:
        return causes.cause_of(self.transmission.kind)

    @property
    def reaction(self) -> Reaction:
        return causes.reaction_to(self.transmission.state, self.transmission.kind)

    @property
    def advice(self) -> Advice:
        return ADVICE[self.reaction]

    @property
    def now(self) -> Text:
        """What to do now, by whether the system still tries by itself."""
        return self.advice.waiting if self.next_at else self.advice.now

    @property
    def badge(self) -> SafeString:
        return badge(self.advice.label, self.advice.tone)

    @property
    def step(self) -> Text:
        return causes.step_of(self.transmission.operation, self.transmission.kind)

    @property
    def name(self) -> str:
        if self.party is not None:
            return str(self.party)
        return self.transmission.subject

    @property
    def url(self) -> str:
        """The page of what it is about."""
        if self.order is not None:
            return reverse("admin:orders_purchaseorder_change", args=[self.order.pk])
        if isinstance(self.party, ShopRegistration):
            return reverse("admin:shops_shop_change", args=[self.party.shop_id])
        if isinstance(self.party, CustomerLink):
            return reverse(
                "admin:customers_customer_change", args=[self.party.customer_id]
            )
        return ""

    @property
    def own_url(self) -> str:
        return reverse("troubles:one", args=[self.transmission.pk])

    @property
    def money(self) -> str:
        if self.order is None:
            return ""
        return amount(self.order.total, self.order.currency)

    @property
    def next_at(self) -> datetime | None:
        """When the system itself does something about it; None: a person must."""
        if self.transmission.state == State.QUEUED:
            return self.transmission.next_attempt_at
        return self.transmission.next_look_up_at

    @property
    def since(self) -> datetime:
        return self.transmission.ended_at or self.transmission.created_at


@dataclass
class Group:
    """Rows of one cause at one supplier, and what is at stake in them together."""

    supplier: Supplier
    state: str
    kind: str
    rows: list[Row] = field(default_factory=list)
    shown: list[Row] = field(default_factory=list)

    @property
    def first(self) -> Row:
        return self.rows[0]

    @property
    def key(self) -> str:
        return f"{self.state}-{self.kind}"

    @property
    def money(self) -> list[str]:
        return money_of(row.order for row in self.rows)

    @property
    def oldest(self) -> datetime:
        return min(row.since for row in self.rows)

    @property
    def next_at(self) -> datetime | None:
        moments = [row.next_at for row in self.rows if row.next_at]
        return min(moments, default=None)

    @property
    def left_out(self) -> int:
        return len(self.rows) - len(self.shown)

    @property
    def in_a_row(self) -> int:
        """Calls to the supplier that failed one after another, the last one too."""
        failures: int = self.supplier.health.failures_in_a_row
        return failures if failures > 1 else 0


def money_of(orders: Iterable[PurchaseOrder | None]) -> list[str]:
    """What some orders are worth together, by currency."""
    return [amount(total, currency) for currency, total in sums_of(orders)]


def sums_of(orders: Iterable[PurchaseOrder | None]) -> list[tuple[str, Decimal]]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for order in orders:
        if order is not None:
            sums[order.currency] += order.total
    return sorted(sums.items())


def read_rows(transmissions: Sequence[Transmission], user: User) -> list[Row]:
    """Rows with all that a list shows, whatever their number in the same queries.

    An order the person may not see leaves its row out.
    """
    suppliers = _suppliers(each.supplier_id for each in transmissions)
    orders = orders_of(
        (each.subject for each in transmissions if each.operation in OF_ORDERS), user
    )
    parties = _parties(transmissions)
    _read_requests(transmissions)
    owned = {
        each.transmission_id: each
        for each in TroubleOwner.objects.filter(
            transmission__in=[each.pk for each in transmissions]
        ).select_related("owner", "assigned_by")
    }
    rows = []
    for each in transmissions:
        each.supplier = suppliers[each.supplier_id]
        order = orders.get(each.subject)
        if order is None and each.operation in OF_ORDERS:
            continue
        if order is not None:
            order.supplier = suppliers.get(order.supplier_id, each.supplier)
        party = parties.get(each.subject.partition("#")[0])
        if party is not None:
            party.supplier = each.supplier
        rows.append(Row(each, order, party, owned.get(each.pk)))
    return rows


def orders_of(numbers: Iterable[str], user: User) -> dict[str, PurchaseOrder]:
    """Orders by number, of those a person may see, each with its buyer."""
    rows = PurchaseOrder.objects.visible_to(user).filter(number__in=set(numbers))
    return {order.number: order for order in rows.select_related("buyer")}


def _suppliers(ids: Iterable[int]) -> dict[int, Supplier]:
    rows = Supplier.objects.select_related("health").defer("credentials", "mapping")
    return rows.in_bulk(set(ids))


def _parties(transmissions: Iterable[Transmission]) -> dict[str, Any]:
    """Registrations and links by their subject."""
    shops = {
        each.subject.partition("#")[0]
        for each in transmissions
        if each.operation in OF_SHOPS
    }
    customers = {
        each.subject
        for each in transmissions
        if each.operation not in (*OF_ORDERS, *OF_SHOPS)
    }
    found: dict[str, Any] = {}
    for each in ShopRegistration.objects.filter(subject__in=shops).select_related(
        "shop"
    ):
        found[each.subject] = each
    for link in CustomerLink.objects.filter(subject__in=customers).select_related(
        "customer"
    ):
        found[link.subject] = link
    return found


def _read_requests(transmissions: Iterable[Transmission]) -> None:
    """Read what a look-up of a customer goes by; the other requests are not needed."""
    unknown = {
        each.pk: each
        for each in transmissions
        if each.operation == Operation.CREATE_CUSTOMER and each.state == State.UNKNOWN
    }
    rows = Transmission.objects.filter(pk__in=unknown)
    for pk, request in rows.values_list("pk", "request"):
        unknown[pk].request = request


def group(rows: Iterable[Row], *, most: int) -> list[Group]:
    """Rows by cause and supplier, in the order in which the first of each comes.

    Args:
        most: how many rows of a group are shown; the others count.
    """
    groups: dict[tuple[Any, ...], Group] = {}
    for row in rows:
        each = row.transmission
        key = (each.supplier_id, each.state, each.kind)
        if key not in groups:
            groups[key] = Group(each.supplier, each.state, each.kind)
        groups[key].rows.append(row)
    for found in groups.values():
        found.shown = found.rows[:most]
    return list(groups.values())

"""Suppliers whose account is in trouble: one card each, however much waits for it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse

from procurement.orders.models import PurchaseOrder
from procurement.suppliers.models import Supplier
from procurement.transmissions.models import Transmission
from procurement.troubles import causes, queries
from procurement.troubles.causes import Cause
from procurement.troubles.rows import money_of, orders_of

MOST_SUPPLIERS = 20
MOST_READ = 500


@dataclass
class AccountCard:
    """What waits for one account, the oldest first; `is_capped`: there may be more."""

    supplier: Supplier
    waiting: list[Transmission] = field(default_factory=list)
    orders: list[PurchaseOrder] = field(default_factory=list)
    is_capped: bool = False
    change_url: str = ""
    check_url: str = ""

    @property
    def cause(self) -> Cause:
        return causes.cause_of(self.supplier.health.last_failure_kind)

    @property
    def count(self) -> str:
        return f"{len(self.waiting)}{'+' if self.is_capped else ''}"

    @property
    def oldest(self) -> datetime | None:
        return self.waiting[0].created_at if self.waiting else None

    @property
    def money(self) -> list[str]:
        return money_of(self.orders)


def account_cards(user: User) -> list[AccountCard]:
    """One for each supplier whose account was refused since its last good call."""
    suppliers = (
        Supplier.objects.filter(health__blocked_until__isnull=False)
        .select_related("health")
        .defer("credentials", "mapping", "options")
    )
    cards = {
        each.pk: AccountCard(each, **_links(each, user))
        for each in suppliers[:MOST_SUPPLIERS]
    }
    if not cards:
        return []
    columns = ("supplier", "subject", "operation", "created_at")
    rows = list(queries.held_by_the_account(user).only(*columns)[: MOST_READ + 1])
    is_capped = len(rows) > MOST_READ
    orders = orders_of((each.subject for each in rows[:MOST_READ]), user)
    for each in rows[:MOST_READ]:
        if card := cards.get(each.supplier_id):
            card.waiting.append(each)
            card.is_capped = is_capped
            if order := orders.get(each.subject):
                card.orders.append(order)
    return list(cards.values())


def _links(supplier: Supplier, user: User) -> dict[str, Any]:
    """Where it is mended, for whoever may."""
    links = {}
    if user.has_perm("suppliers.change_supplier"):
        links["change_url"] = reverse(
            "admin:suppliers_supplier_change", args=[supplier.pk]
        )
    if user.has_perm("suppliers.check_supplier"):
        links["check_url"] = reverse(
            "admin:suppliers_supplier_action", args=[supplier.pk, "check"]
        )
    return links

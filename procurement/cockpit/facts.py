"""What there is to know of suppliers, read for all of them at once.

Six queries and one question to the store of budgets, however many suppliers there
are; no page calls a vendor, and none reads exchanges.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone

from procurement.alarms.findings import Group, gathered, group_of
from procurement.fulfilment.models import PollState
from procurement.inbound.models import HookState
from procurement.orders.models import PurchaseOrder
from procurement.scoping import scoped
from procurement.suppliers.hours import Hour, last_day
from procurement.suppliers.models import Supplier, SupplierToken
from procurement.suppliers.standing import Standing, standings_of
from procurement.transmissions.models import State, Transmission

MOST = 200
"""More suppliers than that are not on one page."""


@dataclass(frozen=True)
class Login:
    """The access token we hold at a supplier."""

    obtained_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class Facts:
    """One supplier. What is None is not there, or not known."""

    supplier: Supplier
    hours: list[Hour]
    budgets: list[Standing]
    login: Login | None
    waiting: Group | None
    unknown: Group | None
    oldest_order: tuple[str, int] | None
    """Number and key of the longest waiting order, if the person may see it."""
    poll: PollState | None
    hook: HookState | None


def suppliers(user: User) -> QuerySet[Supplier]:
    """Suppliers with what waits for them and how they were polled, in one query.

    What waits is counted as far as the person may see it, as in the lists it leads to.
    """
    transmissions = scoped(Transmission.objects.all(), user)
    queued = transmissions.filter(state=State.QUEUED)
    unknown = transmissions.filter(state=State.UNKNOWN)
    return (
        Supplier.objects.select_related(
            "health", "paused_by", "poll_state", "hook_state"
        )
        .defer("credentials", "mapping")
        .annotate(
            queued=gathered(queued, moment="created_at", label="subject"),
            unknown=gathered(unknown, moment="created_at", label="subject"),
        )
    )


def facts_of(found: Sequence[Supplier], user: User) -> list[Facts]:
    """The facts of suppliers read by `suppliers(user)`, in the same order."""
    rows: list[Any] = list(found)
    keys = [each.pk for each in rows]
    hours = last_day(keys, timezone.now())
    budgets = standings_of(rows)
    logins = _logins()
    queued = {each.pk: group_of(each.queued) for each in rows}
    orders = _orders(user, [each.labels[0] for each in queued.values() if each])
    return [
        Facts(
            supplier=each,
            hours=hours[each.pk],
            budgets=budgets[each.pk],
            login=logins.get(each.slug),
            waiting=waiting,
            unknown=group_of(each.unknown),
            oldest_order=orders.get(waiting.labels[0]) if waiting else None,
            poll=getattr(each, "poll_state", None),
            hook=getattr(each, "hook_state", None),
        )
        for each in rows
        for waiting in [queued[each.pk]]
    ]


def _logins() -> dict[str, Login]:
    """The latest token by slug; keys begin with the vendor and the slug."""
    found: dict[str, Login] = {}
    rows = SupplierToken.objects.order_by("obtained_at")
    for key, *moments in rows.values_list("key", "obtained_at", "expires_at"):
        _vendor, _, rest = key.partition(":")
        found[rest.partition(":")[0]] = Login(*moments)
    return found


def _orders(user: User, numbers: list[str]) -> dict[str, tuple[str, int]]:
    """Numbers that are orders the person may see, with their keys."""
    rows = PurchaseOrder.objects.visible_to(user).filter(number__in=numbers)
    pairs = rows.order_by().values_list("number", "pk")
    return {number: (number, pk) for number, pk in pairs}

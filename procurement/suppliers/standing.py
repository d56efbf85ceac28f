"""How far a supplier's call budget is used, for pages and other systems."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import prefetch_related_objects
from django.utils import timezone

from procurement.suppliers.buckets import Key
from procurement.suppliers.budgets import Allowance, limits_of
from procurement.suppliers.models import Supplier
from procurement.suppliers.redis_buckets import shared_buckets
from vendors.contracts.limits import CALLS_PER_MINUTE

SET_HERE = "set for this supplier"


@dataclass(frozen=True)
class Standing:
    """The budget of one group of calls at a supplier.

    Attributes:
        group: the vendor's own name for it; empty for what is in no other.
        calls_per_minute: None = no limit.
        source: `documented`, `inferred`, or that it was set for the supplier.
        left: calls that could be made at once now; None = as many as wanted.
        closed_until: the vendor wants no calls before; None if it is open.
        closed_why: what it said, in plain words.
    """

    group: str
    calls_per_minute: int | None
    source: str
    left: int | None
    closed_until: datetime | None
    closed_why: str


def standings(supplier: Supplier) -> list[Standing]:
    """The budgets of a supplier, that of all other calls first."""
    return standings_of([supplier])[supplier.pk]


def standings_of(suppliers: Sequence[Supplier]) -> dict[int, list[Standing]]:
    """The same of many, with one question to the store for all of them."""
    prefetch_related_objects(suppliers, "budgets")
    allowed = {each.pk: _allowances(each) for each in suppliers}
    left = shared_buckets().left_of(
        {
            Key(pk, group): Allowance.of(per_minute).rate
            for pk, groups in allowed.items()
            for group, per_minute in groups.items()
            if per_minute is not None
        }
    )
    now = timezone.now()
    return {
        each.pk: [
            _standing(each, group, per_minute, left.get(Key(each.pk, group)), now)
            for group, per_minute in allowed[each.pk].items()
        ]
        for each in suppliers
    }


def _allowances(supplier: Supplier) -> dict[str, int | None]:
    """Calls a minute by group of calls."""
    limits = limits_of(supplier)
    return {group: limits.rate(group) for group in ("", *limits.groups)}


def _standing(
    supplier: Supplier,
    group: str,
    per_minute: int | None,
    left: int | None,
    now: datetime,
) -> Standing:
    is_own = supplier.options.get(CALLS_PER_MINUTE) not in (None, "")
    row = next((each for each in supplier.budgets.all() if each.group == group), None)
    is_closed = bool(row and row.closed_until and row.closed_until > now)
    return Standing(
        group=group,
        calls_per_minute=per_minute,
        source=SET_HERE if is_own else str(limits_of(supplier).grade),
        left=0 if is_closed else left,
        closed_until=row.closed_until if row and is_closed else None,
        closed_why=row.closed_why if row and is_closed else "",
    )

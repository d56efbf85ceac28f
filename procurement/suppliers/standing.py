"""How far a supplier's call budget is used, for pages and other systems."""

from dataclasses import dataclass
from datetime import datetime

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
    """The budgets of a supplier; asks the store once for each that has a rate."""
    limits, now = limits_of(supplier), timezone.now()
    is_own = supplier.options.get(CALLS_PER_MINUTE) not in (None, "")
    source = SET_HERE if is_own else str(limits.grade)
    rows = {row.group: row for row in supplier.budgets.all()}
    found = []
    for group in ("", *limits.groups):
        row, rate = rows.get(group), limits.rate(group)
        is_closed = bool(row and row.closed_until and row.closed_until > now)
        left = None
        if rate is not None:
            key = Key(supplier.pk, group)
            left = shared_buckets().left(key, Allowance.of(rate).rate)
        found.append(
            Standing(
                group=group,
                calls_per_minute=rate,
                source=source,
                left=0 if is_closed else left,
                closed_until=row.closed_until if row and is_closed else None,
                closed_why=row.closed_why if row and is_closed else "",
            )
        )
    return found

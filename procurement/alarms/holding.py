"""Which suppliers nothing is sent to for now; the one place here that knows."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from procurement.suppliers.models import Breaker, Supplier

HOLDING = (
    "is_paused",
    "paused_at",
    "pause_reason",
    "health__breaker",
    "health__last_success_at",
)
"""The columns of a supplier that the functions here read."""


def held_at(now: datetime, prefix: str = "") -> Q:
    """Paused by a person, or held after failures until it is found to work again.

    Args:
        prefix: the way to the supplier, such as `supplier__`.
    """
    return (
        Q(**{f"{prefix}is_paused": True})
        | Q(**{f"{prefix}health__blocked_until__gt": now})
        | Q(**{f"{prefix}health__breaker__in": [Breaker.OPEN, Breaker.HALF_OPEN]})
    )


def held_since(supplier: Supplier) -> datetime | None:
    """Since when nothing gets through; None if nobody knows.

    A breaker opens anew after each failed try, so it is the last good call that counts.
    """
    if supplier.is_paused:
        return supplier.paused_at
    return supplier.health.last_success_at


def why_held(supplier: Supplier) -> str:
    if supplier.is_paused:
        reason = f": {supplier.pause_reason}" if supplier.pause_reason else ""
        return f"A person has paused this supplier{reason}".rstrip(".") + "."
    return _("Calls to this supplier fail, so nothing is sent to it for now.")

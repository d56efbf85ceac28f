"""What holds work for a supplier back: pause, account trouble, breaker, budget."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from procurement.coordination.operations import lease
from procurement.suppliers import breaker, conversations
from procurement.suppliers.buckets import Key
from procurement.suppliers.budgets import Allowance, gate_of, limits_of
from procurement.suppliers.models import Breaker, Supplier, SupplierHealth
from procurement.suppliers.redis_buckets import shared_buckets
from vendors.contracts import Capability
from vendors.errors import HeldBack, Refused, VendorError
from vendors.http import VendorClient

__all__ = ["MOST_AT_ONCE", "callable_now", "due_probes", "gate_of", "probe", "room"]

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 1000
"""Jobs under way at a supplier for which no limit is set."""
AHEAD_SECONDS = 1.0
"""A job is begun if its first call is due so soon; the gate waits twice as long."""
PROBE_SECONDS = 300
"""The longest a try may take before another machine may make one."""


def room(supplier: Supplier, *, under_way: int) -> int:
    """How many more jobs may be begun at this supplier right now.

    Args:
        supplier: with its `health`, read just before.
        under_way: jobs at this supplier now, on all machines.
    """
    if not is_callable(supplier, timezone.now()):
        return 0
    limits = limits_of(supplier)
    most = limits.at_once or MOST_AT_ONCE
    if _is_on_trial(supplier):
        most = 1
    free = max(0, most - under_way)
    if not free or limits.per_minute is None:
        return free
    allowance = Allowance.of(limits.per_minute)
    due = shared_buckets().left(Key(supplier.pk), allowance.rate, ahead=AHEAD_SECONDS)
    return min(free, due)


def is_callable(supplier: Supplier, now: datetime) -> bool:
    """Whether anything may go to a supplier, budget or not; needs its `health`."""
    health = supplier.health
    holds = (health.blocked_until, health.throttled_until)
    return not (
        supplier.is_paused
        or health.breaker == Breaker.OPEN
        or any(until is not None and until > now for until in holds)
    )


def callable_now(now: datetime, prefix: str = "") -> Q:
    """The same as `is_callable`, as a condition for queries.

    Args:
        prefix: leads from the model asked to its supplier, such as `supplier__`.
    """
    health = f"{prefix}health__"
    free = Q(**{f"{prefix}is_paused": False})
    for name in ("blocked_until", "throttled_until"):
        free &= Q(**{f"{health}{name}": None}) | Q(**{f"{health}{name}__lte": now})
    return free & ~Q(**{f"{health}breaker": Breaker.OPEN})


def _is_on_trial(supplier: Supplier) -> bool:
    """Whether one job has to show first that the supplier works again.

    That holds after trouble with the account, too: many tries with a password that is
    still wrong could lock it.
    """
    health = supplier.health
    return health.breaker == Breaker.HALF_OPEN or health.blocked_until is not None


# --- trying an open breaker -------------------------------------------------------


def due_probes() -> list[int]:
    """Suppliers whose breaker is open and whose wait is over, by their ids."""
    now = timezone.now()
    due = SupplierHealth.objects.filter(
        Q(blocked_until=None) | Q(blocked_until__lte=now),
        Q(throttled_until=None) | Q(throttled_until__lte=now),
        breaker=Breaker.OPEN,
        breaker_until__lte=now,
        supplier__is_paused=False,
    )
    return list(due.order_by("breaker_until").values_list("supplier_id", flat=True))


def probe(*, supplier_id: int) -> None:
    """Try with a harmless call whether a supplier works again.

    One machine does so at a time. A good call makes the breaker half open, a failure
    opens it for longer.
    """
    with lease(f"probe:{supplier_id}", seconds=PROBE_SECONDS) as held:
        if held and supplier_id in due_probes():
            _probe(Supplier.objects.select_related("health").get(pk=supplier_id))


def _check_of(supplier: Supplier) -> Callable[[VendorClient], str]:
    return supplier.api.check_connection  # type: ignore[return-value]


def _probe(supplier: Supplier) -> None:
    if not supplier.api.offers(Capability.CHECK_CONNECTION):
        breaker.half_open(supplier)
        return
    subject = f"probe {supplier.slug}"
    try:
        with conversations.conversation(supplier, subject=subject) as talk:
            _check_of(supplier)(talk.client)
    except HeldBack as error:
        breaker.postpone(supplier, error.retry_after or 1)
    except Refused:
        pass  # It answered: `conversation` has noted a success.
    except VendorError as error:
        logger.warning("%s still fails: %s", supplier, error.text)
        # Kinds that move no breaker leave it due, and would be tried without end.
        if supplier.pk in due_probes():
            breaker.postpone(supplier, breaker.FIRST_WAIT_SECONDS)
    except Exception:
        logger.exception("Trying %s failed in our own code", supplier)
        breaker.postpone(supplier, breaker.LONGEST_WAIT_SECONDS)

"""What waits to be carried, and how much of it may begin now."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from itertools import islice

from django.db import connection
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils import timezone

from procurement.suppliers import gates
from procurement.suppliers.models import Supplier, SupplierHealth
from procurement.transmissions.models import State, Transmission


def due(now: datetime) -> QuerySet[Transmission]:
    return Transmission.objects.filter(state=State.QUEUED, next_attempt_at__lte=now)


def suppliers_waited_for(now: datetime) -> list[int]:
    """Suppliers that may be called and have something due, by their ids."""
    theirs = due(now).filter(supplier=OuterRef("pk"))
    rows = Supplier.objects.filter(gates.callable_now(now), Exists(theirs))
    return list(rows.order_by("pk").values_list("pk", flat=True))


def is_anything_ready() -> bool:
    """Whether something is due at a supplier that may be called now."""
    now = timezone.now()
    rows = Supplier.objects.select_related("health").filter(
        pk__in=suppliers_waited_for(now)
    )
    busy = under_way()
    return any(gates.room(each, under_way=busy[each.pk]) for each in rows)


def under_way() -> Counter[int]:
    """Calls now being made at each supplier, on all machines.

    A claim of a worker that died counts until its lease runs out: the supplier may
    still be at work on it.
    """
    rows = Transmission.objects.filter(
        state=State.SENDING, lease_until__gt=timezone.now()
    )
    counted = rows.order_by().values_list("supplier").annotate(Count("pk"))
    return Counter(dict(counted))


def next_ids(
    supplier_ids: Collection[int],
    limit: int,
    *,
    here: Counter[int],
    elsewhere: Counter[int],
) -> list[int]:
    """Due transmissions that may begin now, by urgency and then age.

    Runs in the transaction that claims them and holds the suppliers meanwhile, so
    that two carriers don't both use the room there is; a supplier that is held by
    another is left out.

    Args:
        limit: how many at most, over all suppliers, each of which gets its share.
        here: transmissions of each supplier that the caller is at work on.
        elsewhere: calls under way at each supplier that are no transmissions.
    """
    held = SupplierHealth.objects.select_for_update(
        of=("self",), skip_locked=connection.features.has_select_for_update_skip_locked
    )
    rows = list(
        held.select_related("supplier").filter(supplier__in=supplier_ids).order_by("pk")
    )
    now = timezone.now()
    busy = under_way() + elsewhere
    queues = []
    for health in rows:
        supplier = health.supplier
        room = gates.room(supplier, under_way=busy[supplier.pk])
        room = min(room, _share(limit, here[supplier.pk]))
        if room > 0:
            theirs = due(now).filter(supplier=supplier)
            theirs = theirs.order_by("urgency", "next_attempt_at", "pk")
            ids = theirs.values_list("pk", flat=True)
            queues.append(list(ids[:room]))
    return _in_turn(queues, limit)


def _share(free: int, taken: int) -> int:
    """How many more of a carrier's places one supplier may take.

    Three quarters of what the others leave: a supplier that hangs holds its places
    for minutes, and the others' orders have to go out meanwhile.
    """
    return max(0 if taken else 1, (free + taken) * 3 // 4 - taken)


def _in_turn(queues: list[list[int]], limit: int) -> list[int]:
    """One of each queue, then the second of each, and so on."""
    longest = max(map(len, queues), default=0)
    turns = (queue[n] for n in range(longest) for queue in queues if n < len(queue))
    return list(islice(turns, limit))

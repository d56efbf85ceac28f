"""Deleting rows that are kept no longer: some at a time, each time committed.

A table of millions is never locked for long, and what was deleted stays deleted when
the process is stopped half-way.
"""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

AT_ONCE = 2000


def purge(rows: QuerySet[Any], *, at_once: int = AT_ONCE) -> int:
    """Delete the rows, oldest keys first; return how many.

    Not to be called within a transaction, which would make one long one of all.
    """
    purged = 0
    keys_of_rows = rows.order_by("pk").values_list("pk", flat=True)
    while keys := list(keys_of_rows[:at_once]):
        with transaction.atomic():
            # The condition once more: a row may have come to be needed meanwhile.
            gone = rows.model._default_manager.filter(pk__in=keys)
            still = list(rows.filter(pk__in=keys).values_list("pk", flat=True))
            gone.filter(pk__in=still).delete()
        purged += len(still)
        if not still:
            break
    return purged

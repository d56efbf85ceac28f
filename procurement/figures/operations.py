"""Writes of this app: counting what is new."""

import logging
from typing import Any

from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import Max
from django.utils import timezone

from procurement.figures.models import Mark
from procurement.figures.sources import SOURCES, Source
from procurement.figures.totals import Tally, add

logger = logging.getLogger(__name__)

AT_A_TIME = 20_000
"""So many keys are counted in one transaction."""
MOST_TURNS = 50
MOST_OPEN = 5_000
"""Rows that have not come to their end are a few hundred calls under way."""

_replacements = Tally()


def count_new() -> int:
    """Count what is new in every table; return how many rows that was."""
    return sum(_count(source) for source in SOURCES)


def _count(source: Source) -> int:
    _mark, is_new = Mark.objects.get_or_create(
        name=source.name,
        # What was there before is not counted: a counter may begin at any time.
        defaults={"counted_to": _newest(source), "seen_to": _newest(source)},
    )
    counted = 0
    for _turn in range(MOST_TURNS):
        found, has_more = _count_some(source)
        counted += found
        if not has_more:
            break
    if not is_new:
        Mark.objects.filter(name=source.name).update(seen_to=_newest(source))
    return counted


@transaction.atomic
def _count_some(source: Source) -> tuple[int, bool]:
    now = timezone.now()
    mark = Mark.objects.select_for_update().get(name=source.name)
    # Keys may jump far: after a restore, or where many were made and taken back.
    end = min(mark.seen_to, _before_next(source, mark) + AT_A_TIME)
    new = source.model._default_manager.filter(pk__gt=mark.counted_to, pk__lte=end)
    # Looked for first: one that ends meanwhile is counted in the next round.
    still_open: list[int] = []
    if source.is_open is not None:
        is_open = source.is_open(now)
        before = source.model._default_manager.filter(is_open, pk__in=mark.open_rows)
        still_open = [
            *before.order_by().values_list("pk", flat=True),
            *new.filter(is_open)
            .order_by("pk")
            .values_list("pk", flat=True)[:MOST_OPEN],
        ]
    ended = [pk for pk in mark.open_rows if pk not in set(still_open)]
    counts: dict[Any, int] = {}
    for rows in (
        new.exclude(pk__in=still_open) if end > mark.counted_to else None,
        source.model._default_manager.filter(pk__in=ended) if ended else None,
    ):
        if rows is not None:
            for key, value in source.counts(rows.order_by()):
                counts[key] = counts.get(key, 0) + value
    add(counts)
    mark.counted_to = max(end, mark.counted_to)
    mark.open_rows = still_open[-MOST_OPEN:]
    mark.counted_at = now
    mark.save(update_fields=["counted_to", "open_rows", "counted_at"])
    return sum(
        value for (series, _), value in counts.items() if series == source.name
    ), (mark.counted_to < mark.seen_to)


def _before_next(source: Source, mark: Mark) -> int:
    rows = source.model._default_manager.filter(pk__gt=mark.counted_to)
    first: int | None = rows.order_by("pk").values_list("pk", flat=True).first()
    return mark.seen_to if first is None else first - 1


def _newest(source: Source) -> int:
    rows = source.model._default_manager.aggregate(newest=Max("pk"))
    return rows["newest"] or 0


def note_replacement(sender: object, cluster: str, **kwargs: Any) -> None:
    """Count a cluster that its supervisor had to replace.

    The supervisor must not stand still for it: what can't be written now is written
    with the next one.
    """
    _replacements.note(("replacements", (cluster,), 1))
    try:
        _replacements.add_to_totals()
    except (DatabaseError, InterfaceError) as error:
        logger.warning("A replacement is counted later: %s", type(error).__name__)

"""What was counted since counting began: the totals, in one query."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db.models import Min
from prometheus_client.core import Metric

from procurement.figures import families, totals
from procurement.figures.families import Family
from procurement.figures.models import Mark
from procurement.figures.orders import age
from procurement.figures.work import KINDS_OF_CLUSTERS
from procurement.transmissions.models import Outcome

Of = Mapping[tuple[str, ...], int]

COUNTERS: Mapping[str, Family] = {
    "events": families.ORDER_EVENTS,
    "attempts": families.ATTEMPTS,
    "accepted_twice": families.ACCEPTED_TWICE,
    "calls": families.CALLS,
    "webhooks": families.WEBHOOKS,
    "runs": families.RUNS,
    "replacements": families.REPLACEMENTS,
    "http": families.REQUESTS,
}
TIMES: Mapping[str, Family] = {
    "call_seconds": families.CALL_TIMES,
    "http_seconds": families.REQUEST_TIMES,
}
FROM_ZERO: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "accepted_twice": ((),),
    "events": (("duplicate",), ("unknown",)),
    "replacements": tuple((kind,) for kind in KINDS_OF_CLUSTERS),
    "webhooks": tuple((word,) for word in ("taken", "refused", "no_answer")),
}
"""There from the beginning: of a counter that only appears with its first count, no
rate tells that it was counted."""
ENDED = tuple(outcome.value for outcome in Outcome if outcome != Outcome.RUNNING)


def _totals(now: datetime) -> Iterator[Metric]:
    found = totals.read()
    for series, family in COUNTERS.items():
        values = {
            **dict.fromkeys(FROM_ZERO.get(series, ()), 0),
            **found.get(series, {}),
        }
        if series == "attempts":
            values = {**_other_endings(values), **values}
        yield family.of(sorted(values.items()))
    for series, family in TIMES.items():
        yield family.times(found.get(series, {}), found.get(f"{series}_sum", {}))


def _other_endings(attempts: Of) -> dict[tuple[str, ...], int]:
    """The endings a supplier's tries have not had yet."""
    return {(*labels[:-1], ending): 0 for labels in attempts for ending in ENDED}


def _age(now: datetime) -> Iterator[Metric]:
    oldest = Mark.objects.aggregate(at=Min("counted_at"))["at"]
    if oldest is not None:
        yield families.COUNTED_AGE.one(age(now, oldest) or 0)


PARTS = (_totals, _age)

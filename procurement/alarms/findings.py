"""What a look for silence brings home, and how rows are gathered for it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import F, JSONField, OuterRef, QuerySet, Subquery
from django.utils import timezone

from procurement import clock
from procurement.alarms.models import MOST_COUNTED, Kind

SAMPLE = 10
"""So many of what an alarm is about are named on it."""


@dataclass(frozen=True)
class Finding:
    """One silence that is there now.

    Args:
        since: when the thing that has been silent longest should have spoken last.
        count: how many there are; one more than `MOST_COUNTED` means "or more".
        sample: names of some of them, the longest silent first.
    """

    kind: Kind
    supplier_id: int | None
    since: datetime
    text: str
    count: int = 1
    sample: list[str] = field(default_factory=list)


Look = Callable[[datetime], list[Finding]]


class _Gathered(Subquery):
    """Rows of a subquery as one value: how many, the first moment, the names.

    It stands in the row of a supplier, so that one query looks at all of them, and
    reads for each no more rows than the subquery's limit.
    """

    output_field = JSONField()
    template = (
        "(SELECT jsonb_build_array(COUNT(*), MIN(moment), jsonb_agg(label))"
        " FROM (%(subquery)s) gathered)"
    )

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        template = (
            "(SELECT json_array(COUNT(*), MIN(moment), json_group_array(label))"
            " FROM (%(subquery)s) gathered)"
        )
        return self.as_sql(compiler, connection, template=template, **extra)


@dataclass(frozen=True)
class Group:
    """What was gathered of one supplier; `first` is a moment or a day as text."""

    count: int
    first: str
    labels: list[str]

    @property
    def moment(self) -> datetime:
        found = datetime.fromisoformat(self.first)
        return found if found.tzinfo else timezone.make_aware(found, UTC)

    @property
    def end_of_day(self) -> datetime:
        """The end of the day it names, here."""
        day = datetime.fromisoformat(self.first).date()
        return clock.midnight(day + timedelta(days=1))


def gathered(rows: QuerySet[Any], *, moment: Any, label: str) -> _Gathered:
    """Gather the first rows by `moment`; `supplier` is matched with the outer row."""
    narrowed = (
        rows.filter(supplier=OuterRef("pk"))
        .annotate(moment=F(moment) if isinstance(moment, str) else moment)
        .annotate(label=F(label))
        .order_by("moment")
        .values("moment", "label")[: MOST_COUNTED + 1]
    )
    return _Gathered(narrowed)


def group_of(value: Any) -> Group | None:
    """Read what `gathered` brought; None if there was nothing."""
    count, first, labels = value
    return Group(count, first, list(labels)[:SAMPLE]) if count else None

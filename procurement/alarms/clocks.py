"""How long each thing may be silent: by settings, or by a rule for one supplier."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db.models import Case, DateField, DateTimeField, Q, QuerySet, Value, When

from procurement.alarms.models import AlarmRule, Kind
from procurement.clock import day_of
from procurement.fulfilment.polling import poll_interval
from procurement.suppliers.models import Supplier


def default_clock(kind: Kind) -> timedelta:
    """What holds where no rule says otherwise."""
    setting, unit = _SETTINGS[kind]
    return timedelta(**{unit: getattr(settings, setting)})


_SETTINGS = {
    Kind.NOT_GONE_OUT: ("ALARM_NOT_GONE_OUT_MINUTES", "minutes"),
    Kind.NOBODY_SENDS: ("ALARM_NOBODY_SENDS_DAYS", "days"),
    Kind.UNCONFIRMED: ("ALARM_UNCONFIRMED_HOURS", "hours"),
    Kind.PROMISE_PASSED: ("ALARM_PROMISE_PASSED_DAYS", "days"),
    Kind.REQUEST_PASSED: ("ALARM_REQUEST_PASSED_DAYS", "days"),
    Kind.UNKNOWN: ("ALARM_UNKNOWN_MINUTES", "minutes"),
    Kind.SUPPLIER_HELD: ("ALARM_SUPPLIER_HELD_MINUTES", "minutes"),
    Kind.QUEUE_STANDS: ("ALARM_QUEUE_MINUTES", "minutes"),
    Kind.MESSAGES_WAIT: ("ALARM_MESSAGES_MINUTES", "minutes"),
    Kind.SCHEDULER_ASLEEP: ("ALARM_JOB_LATE_MINUTES", "minutes"),
    Kind.JOB_LATE: ("ALARM_JOB_LATE_MINUTES", "minutes"),
}


def by_hand_clock() -> timedelta:
    """For confirmations that no program can read."""
    return timedelta(days=settings.ALARM_UNCONFIRMED_BY_HAND_DAYS)


def poll_clock(supplier: Supplier) -> timedelta:
    """So many times the time between two polls of a supplier."""
    clock: timedelta = poll_interval(supplier) * settings.ALARM_POLL_INTERVALS
    return clock


@dataclass(frozen=True)
class Clocks:
    """The clocks of one kind: the usual one, and those that rules set."""

    usual: timedelta
    by_rule: dict[int, timedelta]
    off: list[int]

    @classmethod
    def of(cls, kind: Kind, rules: list[AlarmRule], usual: timedelta) -> Self:
        ours = [rule for rule in rules if rule.kind == kind]
        return cls(
            usual,
            {rule.supplier_id: rule.clock for rule in ours if rule.is_on},
            [rule.supplier_id for rule in ours if not rule.is_on],
        )

    def suppliers(self) -> QuerySet[Supplier]:
        """Those for whom the alarm is on."""
        return Supplier.objects.exclude(pk__in=self.off).order_by()

    def for_supplier(self, supplier_id: int) -> timedelta:
        return self.by_rule.get(supplier_id, self.usual)

    def limit(self, now: datetime, *others: tuple[Q, timedelta]) -> Case:
        """The moment at which silence begins to count, as a column of suppliers.

        Args:
            others: usual clocks of some suppliers; a rule goes before them.
        """
        return self._case(lambda clock: now - clock, DateTimeField(), others)

    def day_limit(self, now: datetime) -> Case:
        """The last day whose passing is long enough ago, as a column of suppliers."""

        def last_day(clock: timedelta) -> date:
            return day_of(now - clock) - timedelta(days=1)

        return self._case(last_day, DateField(), ())

    def _case(
        self,
        limit_of: Callable[[timedelta], date],
        field: Any,
        others: tuple[tuple[Q, timedelta], ...],
    ) -> Case:
        ruled = tuple((Q(pk=pk), clock) for pk, clock in self.by_rule.items())
        return Case(
            *(
                When(condition, then=Value(limit_of(clock), output_field=field))
                for condition, clock in (*ruled, *others)
            ),
            default=Value(limit_of(self.usual), output_field=field),
            output_field=field,
        )

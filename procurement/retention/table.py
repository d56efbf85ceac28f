"""The table: every kind of record that goes by itself after a while."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django_q.models import Failure, OrmQ

from procurement.access.models import IdempotencyRecord
from procurement.alarms.models import Alarm
from procurement.coordination.models import Heartbeat
from procurement.coordination.operations import PRIVATE
from procurement.inbound.models import DueRead, WebhookDelivery
from procurement.logins.models import LoginEvent
from procurement.notices.models import Notice
from procurement.notices.operations import purge_notices
from procurement.purging import purge
from procurement.runs.models import Run, RunFilePart
from procurement.runs.operations import purge_files, purge_runs
from procurement.suppliers.hour_models import SupplierHour
from procurement.suppliers.models import Exchange
from procurement.transmissions.models import LIVE, Attempt
from procurement.webhooks.models import Delivery
from procurement.webhooks.operations import old_deliveries, purge_deliveries

Rows = Callable[[datetime], QuerySet[Any]]
"""What goes, if what is older than the moment may go."""


Purge = Callable[[timedelta], int]


def _plainly(rows: Rows) -> Purge:
    return lambda older_than: purge(rows(timezone.now() - older_than))


@dataclass(frozen=True)
class Kept:
    """A kind of record and how long it is kept.

    Attributes:
        moment: the column that says how old a row is.
        time: how long rows are kept.
        setting: the setting that says so, in days; empty where it is fixed.
        rows: which rows go.
        stays: which of the old ones stay nevertheless.
        job: the recurring job that deletes them.
        purge: deletes what `rows` gives.
    """

    what: str
    model: type[Model]
    moment: str
    job: str
    rows: Rows
    purge: Purge
    setting: str = ""
    fixed: timedelta = timedelta()
    stays: str = ""

    @property
    def time(self) -> timedelta:
        if self.setting:
            return timedelta(days=getattr(settings, self.setting))
        return self.fixed

    @property
    def time_text(self) -> str:
        """For people: the setting with its value, or the time itself."""
        if self.setting:
            return f"{self.setting} ({getattr(settings, self.setting)} days)"
        return f"{self.fixed.days} days" if self.fixed else "until they run out"


# --- which rows -------------------------------------------------------------------


def _in_doubt() -> Q:
    """Exchanges somebody may need yet to find out what became of a call."""
    live = Attempt.objects.filter(transmission__state__in=LIVE)
    alarmed = Alarm.objects.filter(cleared_at=None, supplier__isnull=False)
    return Q(conversation__in=live.values("conversation")) | Q(
        supplier__in=alarmed.values("supplier")
    )


def _exchanges(moment: datetime) -> QuerySet[Any]:
    return Exchange.objects.filter(started_at__lt=moment).exclude(_in_doubt())


def _hours(moment: datetime) -> QuerySet[Any]:
    return SupplierHour.objects.filter(hour__lt=moment)


def _taken_in(moment: datetime) -> QuerySet[Any]:
    rows = WebhookDelivery.objects.filter(received_at__lt=moment)
    return rows.exclude(supplier__in=DueRead.objects.values("supplier"))


def _renewals(moment: datetime) -> QuerySet[Any]:
    return LoginEvent.objects.filter(kind="renewed", at__lt=moment)


def _notices(moment: datetime) -> QuerySet[Any]:
    return Notice.objects.filter(created_at__lt=moment)


def _runs(moment: datetime) -> QuerySet[Any]:
    return Run.objects.filter(ended_at__lt=moment)


def _run_files(moment: datetime) -> QuerySet[Any]:
    return RunFilePart.objects.filter(run__ended_at__lt=moment)


def _repeats(moment: datetime) -> QuerySet[Any]:
    rows = IdempotencyRecord.objects.filter(created_at__lt=moment)
    return rows.filter(key__startswith="key:")


def _sessions(moment: datetime) -> QuerySet[Any]:
    return Session.objects.filter(expire_date__lt=moment)


def _heartbeats(moment: datetime) -> QuerySet[Any]:
    return Heartbeat.objects.filter(at__lt=moment)


def _messages(moment: datetime) -> QuerySet[Any]:
    rows: QuerySet[Any] = OrmQ.objects.filter(key__startswith=PRIVATE, lock__lt=moment)
    return rows


def _failures(moment: datetime) -> QuerySet[Any]:
    rows: QuerySet[Any] = Failure.objects.filter(stopped__lt=moment)
    return rows


EXCHANGES = "EXCHANGE_RETENTION_DAYS"

KEPT = (
    Kept(
        what="Exchanges with suppliers",
        model=Exchange,
        moment="started_at",
        setting=EXCHANGES,
        job="Purge exchanges",
        rows=_exchanges,
        purge=_plainly(_exchanges),
        stays="of what is on its way or unknown, and of suppliers under an open alarm",
    ),
    Kept(
        what="Calls to suppliers by the hour",
        model=SupplierHour,
        moment="hour",
        setting=EXCHANGES,
        job="Purge exchanges",
        rows=_hours,
        purge=_plainly(_hours),
    ),
    Kept(
        what="Webhooks taken in from suppliers",
        model=WebhookDelivery,
        moment="received_at",
        setting=EXCHANGES,
        job="Purge webhooks",
        rows=_taken_in,
        purge=_plainly(_taken_in),
        stays="while something a supplier told of is still to be read",
    ),
    Kept(
        what="Notes of good renewals of shop logins",
        model=LoginEvent,
        moment="at",
        setting=EXCHANGES,
        job="Purge renewals",
        rows=_renewals,
        purge=_plainly(_renewals),
    ),
    Kept(
        what="Outgoing webhooks with their attempts",
        model=Delivery,
        moment="created_at",
        setting="WEBHOOK_RETENTION_DAYS",
        job="Purge outgoing webhooks",
        rows=old_deliveries,
        purge=lambda time: purge_deliveries(older_than=time),
        stays="that wait, while their endpoint is in use",
    ),
    Kept(
        what="Notices",
        model=Notice,
        moment="created_at",
        setting="NOTICE_RETENTION_DAYS",
        job="Purge notices",
        rows=_notices,
        purge=lambda time: purge_notices(older_than=time),
    ),
    Kept(
        what="Files made by background runs",
        model=RunFilePart,
        moment="run__ended_at",
        setting="RUN_FILE_RETENTION_DAYS",
        job="Purge runs",
        rows=_run_files,
        purge=lambda time: purge_files(older_than=time),
        stays="of runs that have not ended",
    ),
    Kept(
        what="Background runs with their results",
        model=Run,
        moment="ended_at",
        setting="RUN_RETENTION_DAYS",
        job="Purge runs",
        rows=_runs,
        purge=lambda time: purge_runs(older_than=time, files_older_than=time),
        stays="that have not ended",
    ),
    Kept(
        what="Answers to calls with an Idempotency-Key",
        model=IdempotencyRecord,
        moment="created_at",
        fixed=timedelta(days=30),
        job="Purge repeats",
        rows=_repeats,
        purge=_plainly(_repeats),
        stays="that belong to an external reference",
    ),
    Kept(
        what="Sessions of people",
        model=Session,
        moment="expire_date",
        job="Purge sessions",
        rows=_sessions,
        purge=_plainly(_sessions),
    ),
    Kept(
        what="Signs of life of workers",
        model=Heartbeat,
        moment="at",
        fixed=timedelta(days=7),
        job="Purge heartbeats",
        rows=_heartbeats,
        purge=_plainly(_heartbeats),
    ),
    Kept(
        what="Messages to workers that are gone",
        model=OrmQ,
        moment="lock",
        fixed=timedelta(days=1),
        job="Purge heartbeats",
        rows=_messages,
        purge=_plainly(_messages),
    ),
    Kept(
        what="The queue's notes of failed tasks",
        model=Failure,
        moment="stopped",
        fixed=timedelta(days=30),
        job="Purge heartbeats",
        rows=_failures,
        purge=_plainly(_failures),
    ),
)
"""Whatever is not here is kept for good: orders, what was decided and sent, events."""

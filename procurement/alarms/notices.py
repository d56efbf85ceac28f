"""Telling people: one mail for all that a round has to say, and a line of log for each.

A notice counts as given once the mail server has taken it. Until then every round
tries again, so one that is away delays a notice and loses none.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from procurement.alarms.models import Alarm
from procurement.alarms.words import about
from procurement.suppliers.models import Supplier

logger = logging.getLogger("procurement.alarms")

MOST_IN_A_MAIL = 100
"""What does not fit goes out with the next round."""


@dataclass(frozen=True)
class News:
    """Open alarms never told of, those to be repeated, and those that are over."""

    new: list[Alarm]
    going_on: list[Alarm]
    over: list[Alarm]

    def __bool__(self) -> bool:
        return bool(self.new or self.going_on or self.over)


def tell(now: datetime) -> bool:
    """Tell of what has to be told now; say whether nothing is left untold."""
    news = _news(now)
    if not news:
        return True
    # Without anybody to write to, the log has told it already.
    if settings.ALARM_EMAILS and not _mail(news, now):
        return False
    pks = [alarm.pk for alarm in (*news.new, *news.going_on)]
    Alarm.objects.filter(pk__in=pks).update(noticed_at=now)
    Alarm.objects.filter(pk__in=[alarm.pk for alarm in news.over]).update(
        clearance_noticed_at=now
    )
    _log([("goes_on", alarm) for alarm in news.going_on])
    return True


def log_round(raised: Iterable[Alarm], cleared: Iterable[Alarm]) -> None:
    """Write a line for each alarm that has come or gone.

    The shape stays as it is: other programs read it.
    """
    told = [("raised", alarm) for alarm in raised]
    told += [("cleared", alarm) for alarm in cleared]
    _log(told)


def _log(told: list[tuple[str, Alarm]]) -> None:
    if not told:
        return
    known = Supplier.objects.filter(pk__in={alarm.supplier_id for _, alarm in told})
    slugs = dict(known.order_by().values_list("pk", "slug"))
    for event, alarm in told:
        _log_line(event, alarm, slugs.get(alarm.supplier_id or 0, "-"))


def _log_line(event: str, alarm: Alarm, slug: str) -> None:
    logger.warning(
        "alarm %s kind=%s supplier=%s count=%s since=%s oldest=%s",
        event,
        alarm.kind,
        slug,
        alarm.count_text,
        alarm.since.astimezone(UTC).isoformat(timespec="seconds"),
        alarm.sample[0] if alarm.sample else "-",
    )


def _news(now: datetime) -> News:
    again = now - timedelta(hours=settings.ALARM_REPEAT_HOURS)
    quiet = Q(acknowledged_at__isnull=False) & (
        Q(acknowledged_until=None) | Q(acknowledged_until__gt=now)
    )
    to_tell = Q(noticed_at=None) | Q(noticed_at__lte=again) & ~quiet
    alarms = Alarm.objects.select_related("supplier", "acknowledged_by").defer(
        "supplier__credentials"
    )
    opened = list(
        alarms.filter(to_tell, cleared_at=None).order_by("raised_at")[:MOST_IN_A_MAIL]
    )
    over = alarms.filter(cleared_at__isnull=False, clearance_noticed_at=None)
    return News(
        [alarm for alarm in opened if alarm.noticed_at is None],
        [alarm for alarm in opened if alarm.noticed_at is not None],
        list(over.order_by("cleared_at")[:MOST_IN_A_MAIL]),
    )


# --- the mail ---------------------------------------------------------------------


def _mail(news: News, now: datetime) -> bool:
    message = EmailMessage(_subject(news), _body(news, now), to=settings.ALARM_EMAILS)
    try:
        message.send()
    except Exception as error:
        # Whatever it is, the round goes on. Its text may name hosts and addresses.
        logger.error(
            "The mail about alarms did not go out and is tried again: %s",
            type(error).__name__,
        )
        return False
    return True


def _subject(news: News) -> str:
    counts = (
        (len(news.new), "new"),
        (len(news.going_on), "going on"),
        (len(news.over), "over"),
    )
    told = ", ".join(f"{count} {word}" for count, word in counts if count)
    return f"[Procurement] Alarms: {told}"


def _body(news: News, now: datetime) -> str:
    parts = [
        *_section("New", (_open_lines(alarm, now) for alarm in news.new)),
        *_section("Going on", (_open_lines(alarm, now) for alarm in news.going_on)),
        *_section("Over", (_over_lines(alarm) for alarm in news.over)),
    ]
    if settings.PUBLIC_URL:
        parts.append(f"All alarms: {_link(reverse('admin:alarms_alarm_changelist'))}")
    return "\n\n".join(parts) + "\n"


def _section(title: str, entries: Iterable[list[str]]) -> list[str]:
    texts = ["\n  ".join(lines) for lines in entries]
    return [title.upper(), *texts] if texts else []


def _open_lines(alarm: Alarm, now: datetime) -> list[str]:
    lines = [
        str(alarm),
        alarm.text,
        f"Silent since {_stamp(alarm.since)}, for {about(now - alarm.since)}.",
    ]
    if alarm.sample:
        lines.append(f"{alarm.count_text}: {_names(alarm)}")
    if alarm.acknowledged_by:
        who = alarm.acknowledged_by.get_username()
        lines.append(f"{who} looks after it: {alarm.comment}")
    return [*lines, *_page(alarm)]


def _over_lines(alarm: Alarm) -> list[str]:
    over_at = alarm.cleared_at or alarm.seen_at
    return [
        str(alarm),
        f"From {_stamp(alarm.raised_at)} to {_stamp(over_at)}.",
        *_page(alarm),
    ]


def _names(alarm: Alarm) -> str:
    more = ", ..." if alarm.count > len(alarm.sample) else ""
    return ", ".join(alarm.sample) + more


def _page(alarm: Alarm) -> list[str]:
    if not settings.PUBLIC_URL:
        return []
    return [_link(reverse("admin:alarms_alarm_change", args=[alarm.pk]))]


def _link(path: str) -> str:
    base: str = settings.PUBLIC_URL
    return f"{base.rstrip('/')}{path}"


def _stamp(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M %Z}"

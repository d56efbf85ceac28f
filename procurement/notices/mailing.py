"""Sending the mails of notices.

A mail is claimed by one worker, sent, and marked. Where nobody can say whether the
server took it, it counts as perhaps sent and is not sent again: the notice is in the
person's list, and twenty equal mails help nobody.
"""

import logging
import smtplib
import time
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.mail import get_connection
from django.db.models import F, Q

from procurement.notices.clearing import is_over_of
from procurement.notices.gathering import progress_row
from procurement.notices.kinds import By, Kind, MailState
from procurement.notices.letters import letter
from procurement.notices.models import Notice, NoticeProgress
from procurement.notices.wishes import wishes_of
from procurement.orders.models import PurchaseOrder

logger = logging.getLogger("procurement.notices")

AT_ONCE = 300
"""So many mails are looked at in one round."""
MOST_IN_A_DIGEST = 50
LONGEST_SECONDS = 40
CLAIM_HOLDS = timedelta(minutes=15)
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720))
"""Before each further try of a mail that the server would not take."""
SERVER_WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 15))
"""Before the server is asked again that could not be reached."""


def send_mails(now: datetime) -> int:
    """Send what is due; return how many mails the server took."""
    _give_up_claims(now)
    if not settings.NOTICE_MAILS:
        return 0
    progress = progress_row(now)
    if progress.mail_not_before is not None and progress.mail_not_before > now:
        return 0
    if not (due := _due(now)):
        return 0
    server = get_connection()
    if not _reach(server, progress, now):
        return 0
    sent, until = 0, time.monotonic() + LONGEST_SECONDS
    try:
        for keys in _mails_of(due):
            if time.monotonic() > until:
                break
            sent += _deliver(server, keys, now)
    finally:
        server.close()
    return sent


def remind(now: datetime) -> int:
    """Ask for one more mail about what was mailed, and still waits after a while.

    There is one reminder for a notice, since its occasion is that notice.
    """
    if not settings.NOTICE_REMIND_HOURS:
        return 0
    rows = Notice.objects.filter(
        kind=Kind.APPROVAL_ASKED,
        is_reminder=False,
        over_at__isnull=True,
        reminded_at__isnull=True,
        mailed_at__lte=now - timedelta(hours=settings.NOTICE_REMIND_HOURS),
    )
    notices = list(rows.select_related("order").order_by("mailed_at")[:AT_ONCE])
    over = set(is_over_of(notices))
    reminders = [_reminder(each, now) for each in notices if each.pk not in over]
    Notice.objects.bulk_create(reminders, ignore_conflicts=True)
    rows.filter(pk__in=[each.pk for each in notices]).update(reminded_at=now)
    return len(reminders)


def _reminder(notice: Notice, now: datetime) -> Notice:
    return Notice(
        recipient_id=notice.recipient_id,
        kind=notice.kind,
        occasion=f"reminder of {notice.pk}",
        order_id=notice.order_id,
        detail=notice.detail,
        data=notice.data,
        created_at=now,
        is_shown=False,
        is_reminder=True,
        mail=MailState.DUE,
        mail_due_at=now,
    )


# --- what is due ------------------------------------------------------------------


def _due(now: datetime) -> list[Notice]:
    rows = Notice.objects.filter(mail=MailState.DUE, mail_due_at__lte=now)
    columns = ("pk", "recipient_id", "is_digest")
    return list(rows.order_by("mail_due_at", "pk").only(*columns)[:AT_ONCE])


def _mails_of(due: Sequence[Notice]) -> Iterator[list[int]]:
    """The keys for each mail: one notice, or what a person's digest has room for."""
    digests: dict[int, list[int]] = {}
    for notice in due:
        if notice.is_digest:
            digests.setdefault(notice.recipient_id, []).append(notice.pk)
        else:
            yield [notice.pk]
    for keys in digests.values():
        for start in range(0, len(keys), MOST_IN_A_DIGEST):
            yield keys[start : start + MOST_IN_A_DIGEST]


def _apt(notices: Sequence[Notice], person: User) -> list[Notice]:
    """Those a mail still makes sense of: wanted, to be seen, and not over."""
    if not (person.is_active and person.email):
        return []
    over = set(is_over_of(notices))
    wishes = wishes_of([person])[person.pk]
    orders = PurchaseOrder.objects.visible_to(person)
    seen = set(
        orders.filter(pk__in={each.order_id for each in notices}).values_list(
            "pk", flat=True
        )
    )
    return [
        each
        for each in notices
        if each.pk not in over
        and each.over_at is None
        and (each.order_id is None or each.order_id in seen)
        and wishes.of(each.kind).mail != By.NEVER
        # Who has read it in the list needs no mail about it.
        and each.read_at is None
    ]


# --- one mail ---------------------------------------------------------------------


def _give_up_claims(now: datetime) -> None:
    """Whoever claimed these died at it, before or after the server took them."""
    stale = Notice.objects.filter(
        mail=MailState.CLAIMED, claimed_at__lte=now - CLAIM_HOLDS
    )
    stale.update(mail=MailState.MAYBE, mailed_at=F("claimed_at"))


def _reach(server: Any, progress: NoticeProgress, now: datetime) -> bool:
    """Connect; a server that is away is left alone for a growing while."""
    try:
        server.open()
    except Exception as error:
        wait = SERVER_WAITS[min(progress.mail_failures, len(SERVER_WAITS) - 1)]
        NoticeProgress.objects.filter(pk=progress.pk).update(
            mail_failures=F("mail_failures") + 1, mail_not_before=now + wait
        )
        logger.error("The mail server is not there: %s", type(error).__name__)
        return False
    known = NoticeProgress.objects.filter(Q(mail_failures__gt=0), pk=progress.pk)
    known.update(mail_failures=0, mail_not_before=None)
    return True


def _deliver(server: Any, keys: list[int], now: datetime) -> bool:
    """Claim, write, send and mark one mail; False if it was not sent for sure."""
    claim = uuid.uuid4()
    Notice.objects.filter(pk__in=keys, mail=MailState.DUE).update(
        mail=MailState.CLAIMED, claim=claim, claimed_at=now
    )
    claimed = Notice.objects.filter(pk__in=keys, claim=claim)
    rows = list(
        claimed.select_related("recipient", "order__supplier", "order__buyer")
        .defer("order__supplier__credentials")
        .order_by("pk")
    )
    if not rows:
        return False
    person = rows[0].recipient
    apt = _apt(rows, person)
    ours = claimed.filter(mail=MailState.CLAIMED)
    ours.exclude(pk__in=[each.pk for each in apt]).update(mail=MailState.MOOT)
    if not apt:
        return False
    outcome, error = _send(server, person, apt)
    if outcome == MailState.DUE:
        _try_later(ours, apt, now)
    else:
        ours.update(mail=outcome, mailed_at=now)
    if error is not None:
        # Its text may name hosts and addresses.
        logger.warning(
            "A mail to user %s: %s (%s)", person.pk, outcome, type(error).__name__
        )
    return outcome == MailState.SENT


def _send(
    server: Any, person: User, notices: Sequence[Notice]
) -> tuple[MailState, Exception | None]:
    """Send; `DUE` if the server has not taken it, `MAYBE` if nobody can say."""
    try:
        message = letter(person, notices)
        server.send_messages([message])
    except smtplib.SMTPServerDisconnected as error:
        server.close()
        return MailState.MAYBE, error
    except smtplib.SMTPException as error:
        return MailState.DUE, error
    except OSError as error:
        server.close()
        return MailState.MAYBE, error
    except Exception as error:
        # It could not be written, or the address is none.
        return MailState.DUE, error
    return MailState.SENT, None


def _try_later(ours: Any, notices: Sequence[Notice], now: datetime) -> None:
    tries = max(each.mail_tries for each in notices)
    if tries >= len(WAITS):
        ours.update(mail=MailState.FAILED)
    else:
        ours.update(
            mail=MailState.DUE, mail_tries=tries + 1, mail_due_at=now + WAITS[tries]
        )

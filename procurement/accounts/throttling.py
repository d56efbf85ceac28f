"""Counting failed logins, so that nobody tries out passwords or codes.

A try is counted before its password is looked at and taken back if it was right, so
any number of processes at a time let no more through than one would. The counts are in
the database: they hold for all machines, and no cleared cache forgets them. A name that
nobody has is counted as any other is, so a lock tells nothing of who is here.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_network

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from procurement.access.callers import client_address
from procurement.accounts.models import FailedLogins

ACCOUNT, ADDRESS = "account:", "address:"


class LockedOut(Exception):
    """Too many tries have failed; nothing was looked at.

    Attributes:
        until: when the next try is taken.
        text: how long that is, for a person.
    """

    def __init__(self, until: datetime) -> None:
        self.until = until
        seconds = (until - timezone.now()).total_seconds()
        minutes = max(1, -int(-seconds // 60))
        wait = ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
        self.text = _(
            "Too many logins have failed. Try again in %(wait)s, or ask an "
            "administrator to let you in."
        ) % {"wait": wait}
        super().__init__(self.text)


def subjects_of(request: HttpRequest | None, username: str) -> list[str]:
    """What a try counts for: the name that was typed, and where it came from."""
    found = [account_subject(username)]
    address = client_address(request) if request is not None else None
    if isinstance(address, IPv6Address):
        found.append(f"{ADDRESS}{ip_network((address, 64), strict=False)}")
    elif address is not None:
        found.append(f"{ADDRESS}{address}")
    return found


def account_subject(username: str) -> str:
    name = unicodedata.normalize("NFKC", username).strip().casefold()
    digest = salted_hmac("accounts.throttling", name, algorithm="sha256").hexdigest()
    return f"{ACCOUNT}{digest}"


@transaction.atomic
def charge(subjects: Sequence[str]) -> None:
    """Count a try.

    Raises:
        LockedOut: one of the subjects has failed too often; none was counted.
    """
    now = timezone.now()
    # Always in one order, so that no two processes wait for each other.
    for subject in sorted(subjects):
        limit = _limit(subject)
        if not limit:
            continue
        FailedLogins.objects.get_or_create(subject=subject, defaults={"last_at": now})
        row = FailedLogins.objects.select_for_update().get(subject=subject)
        until = row.last_at + _lock()
        if until <= now:
            row.failures = 0
        if row.failures >= limit:
            raise LockedOut(until)
        row.failures += 1
        row.last_at = now
        row.save()


def take_back(subjects: Iterable[str]) -> None:
    """Uncount a try that was right; earlier ones go on counting."""
    counted = FailedLogins.objects.filter(subject__in=list(subjects), failures__gt=0)
    counted.update(failures=F("failures") - 1)


def forget_account(user: User) -> int:
    """Let an account in again; return how many failures were counted."""
    rows = FailedLogins.objects.filter(subject=account_subject(user.get_username()))
    counted = sum(rows.values_list("failures", flat=True))
    rows.delete()
    return counted


def locked_until(user: User) -> datetime | None:
    """Until when an account is locked; None if it is not."""
    limit = settings.LOGIN_FAILURES_PER_ACCOUNT
    row = FailedLogins.objects.filter(
        subject=account_subject(user.get_username())
    ).first()
    if row is None or not limit or row.failures < limit:
        return None
    until: datetime = row.last_at + _lock()
    return until if until > timezone.now() else None


def purge_failures() -> int:
    """Forget what counts no more."""
    return FailedLogins.objects.filter(last_at__lt=timezone.now() - _lock()).delete()[0]


def _lock() -> timedelta:
    return timedelta(minutes=settings.LOGIN_LOCK_MINUTES)


def _limit(subject: str) -> int:
    limit: int = (
        settings.LOGIN_FAILURES_PER_ACCOUNT
        if subject.startswith(ACCOUNT)
        else settings.LOGIN_FAILURES_PER_ADDRESS
    )
    return limit if settings.LOGIN_LOCK_MINUTES else 0

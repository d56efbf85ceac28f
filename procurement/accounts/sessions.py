"""Where people are logged in, and the ends of it.

What a session needs to be judged stands in it, so a page costs no query; the table is
for people to look at, and to end sessions by. To end one is to delete it: a request
that is under way with it can't bring it back.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from procurement.access.callers import client_address
from procurement.accounts import signals
from procurement.accounts.factors import has_factor, is_break_glass
from procurement.accounts.models import AGENT_LENGTH, LoginSession, Means
from procurement.errors import OperationNotAllowed
from procurement.texts import gettext_lazy as _

KEPT_AS = "login"
SEEN_EVERY = 60
"""Seconds between two notes that a session is used."""
WHY_ENDED = "login_ended"


@dataclass
class Stamp:
    """What a session knows of its own login.

    Args:
        key: of the session it was made for; a session that got a new key is noted anew.
        started, seen: seconds since the epoch.
        has_factor: its person had a second factor when last looked at.
        is_break_glass: they must have one, whatever their roles.
    """

    key: str
    started: int
    seen: int
    means: str
    has_factor: bool
    is_break_glass: bool

    @classmethod
    def of(cls, request: HttpRequest) -> "Stamp | None":
        try:
            return cls(**request.session.get(KEPT_AS, {}))
        except TypeError:
            return None

    def keep(self, request: HttpRequest) -> None:
        request.session[KEPT_AS] = asdict(self)


def begin(request: HttpRequest, user: User) -> Stamp:
    """Note that a person is logged in here: after a login, or at first sight."""
    if request.session.session_key is None:
        request.session.save()
    now = int(time.time())
    stamp = Stamp(
        key=request.session.session_key or "",
        started=now,
        seen=now,
        means=_means(request, user),
        has_factor=has_factor(user),
        is_break_glass=is_break_glass(user),
    )
    stamp.keep(request)
    _write(request, user, stamp)
    return stamp


def touch(request: HttpRequest, user: User) -> Stamp:
    """Note that a session is used; return what it knows of itself."""
    stamp = Stamp.of(request)
    if stamp is None:
        return begin(request, user)
    key, now = request.session.session_key or "", int(time.time())
    if stamp.key != key or not 0 <= now - stamp.seen < SEEN_EVERY:
        stamp.key, stamp.seen = key, now
        stamp.keep(request)
        _write(request, user, stamp)
    return stamp


def why_ended(request: HttpRequest) -> str:
    """Why a session has come to its end: `idle`, `hours`; empty if it has not."""
    stamp, now = Stamp.of(request), time.time()
    if stamp is None:
        return ""
    idle, hours = settings.SESSION_IDLE_MINUTES, settings.SESSION_HOURS
    if idle and now - stamp.seen > idle * 60:
        return "idle"
    if hours and now - stamp.started > hours * 3600:
        return "hours"
    return ""


def login_age(request: HttpRequest) -> float:
    """Seconds since the login of this session."""
    stamp = Stamp.of(request)
    return time.time() - stamp.started if stamp else float("inf")


def _means(request: HttpRequest, user: User) -> Means:
    methods = {each["method"] for each in get_authentication_records(request, user)}
    if "socialaccount" in methods:
        return Means.SINGLE_SIGN_ON
    return Means.WITH_FACTOR if "mfa" in methods else Means.PASSWORD


def _write(request: HttpRequest, user: User, stamp: Stamp) -> None:
    started = datetime.fromtimestamp(stamp.started, tz=timezone.get_default_timezone())
    address = client_address(request)
    now = {
        "seen_at": timezone.now(),
        "address": str(address) if address else None,
        "agent": request.META.get("HTTP_USER_AGENT", "")[:AGENT_LENGTH],
    }
    changed = LoginSession.objects.filter(session_key=stamp.key).update(**now)
    if not changed:
        LoginSession.objects.update_or_create(
            session_key=stamp.key,
            defaults={
                "user": user,
                "means": stamp.means,
                "started_at": started,
                **now,
            },
        )


# --- looking and ending -----------------------------------------------------------


def sessions_of(user: User) -> "QuerySet[LoginSession]":
    """Where a person is logged in now, the latest used first."""
    rows = LoginSession.objects.filter(user=user)
    now = timezone.now()
    if settings.SESSION_IDLE_MINUTES:
        idle = timedelta(minutes=settings.SESSION_IDLE_MINUTES)
        rows = rows.filter(seen_at__gt=now - idle)
    if settings.SESSION_HOURS:
        hours = timedelta(hours=settings.SESSION_HOURS)
        rows = rows.filter(started_at__gt=now - hours)
    return rows


@transaction.atomic
def end_session(*, session_id: int, actor: User) -> None:
    """End one of the actor's own sessions.

    Raises:
        OperationNotAllowed: the actor has no such session, or not any more.
    """
    row = LoginSession.objects.filter(pk=session_id, user=actor).first()
    if row is None:
        raise OperationNotAllowed(
            str(_("That session has ended already.")), code="not_found"
        )
    _delete([row.session_key])
    _tell(actor, actor, "ended by the person", 1)


@transaction.atomic
def end_sessions(
    *, user: User, actor: User | None, reason: str, but: str | None = None
) -> int:
    """End a person's sessions; return how many there were.

    Args:
        but: the key of one that lives on.
    """
    rows = LoginSession.objects.filter(user=user)
    if but is not None:
        rows = rows.exclude(session_key=but)
    keys = list(rows.values_list("session_key", flat=True))
    if keys:
        _delete(keys)
        _tell(user, actor, reason, len(keys))
    return len(keys)


def forget(session_key: str | None) -> None:
    """A session was left; its row goes too."""
    if session_key:
        LoginSession.objects.filter(session_key=session_key).delete()


def purge_sessions() -> int:
    """Delete sessions that have come to their end; return of how many rows are gone."""
    _store().clear_expired()
    oldest = timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return LoginSession.objects.filter(seen_at__lt=oldest).delete()[0]


def _delete(keys: Sequence[str]) -> None:
    for key in keys:
        _store()(key).delete(key)
    LoginSession.objects.filter(session_key__in=keys).delete()


def _store() -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore


def _tell(user: User, actor: User | None, reason: str, count: int) -> None:
    signals.sessions_ended.send(
        sender=LoginSession, user=user, actor=actor, reason=reason, count=count
    )

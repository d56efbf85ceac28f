"""Liveness and readiness, pages that answer without a login or a key."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.exceptions import RedisError

from procurement.alarms import machine, workings
from procurement.alarms.findings import Finding
from procurement.alarms.models import MACHINE, Alarm, Kind
from procurement.bounded import Bounded, Hangs
from procurement.coordination.redis_connection import connect
from procurement.figures import installation

MOST_WARNINGS = 500
"""Open alarms read to be told of: more than kinds times a great many suppliers."""

ANSWER_SECONDS = 4.0
"""Whoever asks has an answer by then, whatever hangs."""
FULL_BYTES = 50_000_000
"""With less, nothing can be written for long."""
NEARLY_FULL_BYTES = 1_000_000_000
NEARLY_FULL_PERCENT = 5
CLOCKS_APART = timedelta(seconds=2)
AWAY = "The database does not answer."

WHOLE, WEB = "", "web"


@require_safe
@never_cache
def alive(request: HttpRequest) -> JsonResponse:
    """The process answers; nothing else is looked at."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 if work that is asked for will be done, 503 with the reasons if not.

    `?for=web` asks less: whether this machine can answer requests. A proxy asks that,
    since taking the web away because no worker lives would only add to the damage.

    `checks` decide. `cautions` are of this machine: it works, and somebody should look
    at it. `silences` are those of this installation, looked for now. `warnings` are of
    orders and suppliers as the last round left them: a person has to do something, but
    the product does its work. Nothing here names a supplier, since nobody has to log
    in to read this.
    """
    wanted = request.GET.get("for", WHOLE)
    look = _LOOKS.get(wanted)
    if look is None:
        return JsonResponse(
            {"status": "unknown", "text": "`for` may be `web`, or be left out."},
            status=400,
        )
    try:
        told = look()
    except Hangs:
        told = {"checks": {"database": {"ok": False, "text": AWAY}}}
    is_ready = all(check["ok"] for check in told["checks"].values())
    return JsonResponse(
        {"status": "ok" if is_ready else "failing", **told},
        status=200 if is_ready else 503,
    )


def _look_at_all() -> dict[str, Any]:
    now = timezone.now()
    return {
        "checks": _run_all(_CHECKS, now),
        "cautions": [each.told() for each in _cautions(_CAUTIONS)],
        "silences": _tell(_silences, now),
        "warnings": _tell(_warnings, now),
    }


def _look_at_web() -> dict[str, Any]:
    return {
        "checks": _run_all(_WEB_CHECKS, timezone.now()),
        "cautions": [each.told() for each in _cautions(_WEB_CAUTIONS)],
    }


_LOOKS = {
    WHOLE: Bounded(_look_at_all, seconds=ANSWER_SECONDS),
    WEB: Bounded(_look_at_web, seconds=ANSWER_SECONDS),
}

Check = Callable[[datetime], dict[str, Any]]


def _run_all(checks: dict[str, Check], now: datetime) -> dict[str, dict[str, Any]]:
    return {name: _run(check, now) for name, check in checks.items()}


def _run(check: Check, now: datetime) -> dict[str, Any]:
    try:
        return check(now)
    except (DatabaseError, InterfaceError):
        # The text of the error may name hosts and users.
        return {"ok": False, "text": AWAY}


def _tell(
    look: Callable[[datetime], list[dict[str, Any]]], now: datetime
) -> list[dict[str, Any]]:
    """What can't be read is left out: the checks say that the database is away."""
    try:
        return look(now)
    except (DatabaseError, InterfaceError):
        return []


# --- what decides -----------------------------------------------------------------


def _database(now: datetime) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"ok": True, "text": ""}


def _migrations(now: datetime) -> dict[str, Any]:
    lacking = installation.unapplied_migrations()
    return {
        "ok": not lacking,
        "text": f"Not applied: {lacking}. Run `migrate`." if lacking else "",
    }


def _disk(now: datetime) -> dict[str, Any]:
    free, _size = installation.disk()
    is_fine = free >= FULL_BYTES
    return {"ok": is_fine, "text": "" if is_fine else "The disk is full."}


def _cache(now: datetime) -> dict[str, Any]:
    """Never a reason to answer nobody: where Redis is away, the database counts."""
    if not settings.REDIS_URL:
        return {"ok": True, "text": ""}
    try:
        connect(settings.REDIS_URL).ping()
    except (RedisError, OSError):
        text = "Redis does not answer; the database stands in for it."
        return {"ok": True, "text": text}
    return {"ok": True, "text": ""}


def _queue(now: datetime) -> dict[str, Any]:
    """Due transmissions of suppliers that are neither paused nor in trouble."""
    waiting = workings.due_work(now)
    waited = now - waiting.since if waiting.since else timedelta()
    is_fine = waited <= machine.clock_of(Kind.QUEUE_STANDS)
    return {
        "ok": is_fine,
        "text": "" if is_fine else "What is due is not being sent.",
        "oldest_due_seconds": int(waited.total_seconds()),
    }


def _scheduler(now: datetime) -> dict[str, Any]:
    asleep = machine.scheduler_asleep(now)
    return {
        "ok": not asleep,
        "text": "Recurring jobs are not being started." if asleep else "",
    }


def _worker(now: datetime) -> dict[str, Any]:
    latest = workings.newest_heartbeat()
    if latest is None:
        return {"ok": False, "text": "No worker has run yet.", "age_seconds": None}
    age = now - latest
    is_fine = age <= machine.heartbeat_clock()
    return {
        "ok": is_fine,
        "text": "" if is_fine else "No worker gives a sign of life.",
        "age_seconds": int(age.total_seconds()),
    }


_CHECKS: dict[str, Check] = {
    "database": _database,
    "migrations": _migrations,
    "disk": _disk,
    "cache": _cache,
    "queue": _queue,
    "scheduler": _scheduler,
    "worker": _worker,
}
_WEB_CHECKS: dict[str, Check] = {
    name: _CHECKS[name] for name in ("database", "migrations", "disk", "cache")
}


# --- what somebody should look at -------------------------------------------------


@dataclass(frozen=True)
class Caution:
    """Something about this machine that still works, with what to do about it."""

    name: str
    text: str

    def told(self) -> dict[str, str]:
        return {"name": self.name, "text": self.text}


def _little_room() -> Caution | None:
    free, size = installation.disk()
    if free * 100 >= size * NEARLY_FULL_PERCENT or free >= NEARLY_FULL_BYTES:
        return None
    return Caution("disk", f"Free: {free // 1_000_000} MB. Make room.")


def _clocks_apart() -> Caution | None:
    offset = installation.clock_offset()
    if abs(offset) <= CLOCKS_APART:
        return None
    return Caution(
        "clock",
        f"This machine's clock is {offset.total_seconds():+.1f} s from the database's. "
        "Have both follow the same time server.",
    )


def _lost_keys() -> Caution | None:
    count = installation.unreadable_secrets()
    if not count:
        return None
    return Caution(
        "credentials",
        f"Stored secrets that none of the keys in use opens: {count}. See "
        "`manage.py rotate_credentials --check`.",
    )


Look = Callable[[], Caution | None]
_CAUTIONS: tuple[Look, ...] = (_little_room, _clocks_apart, _lost_keys)
_WEB_CAUTIONS: tuple[Look, ...] = (_little_room, _clocks_apart)


def _cautions(looks: tuple[Look, ...]) -> list[Caution]:
    found = []
    for look in looks:
        try:
            caution = look()
        except (DatabaseError, InterfaceError):
            continue
        if caution is not None:
            found.append(caution)
    return found


# --- what is told -----------------------------------------------------------------


def _silences(now: datetime) -> list[dict[str, Any]]:
    found: list[Finding] = []
    for look in machine.LOOKS.values():
        found += look(now)
    return [
        {
            "kind": finding.kind.value,
            "silent_seconds": int((now - finding.since).total_seconds()),
            "limit_seconds": int(machine.clock_of(finding.kind).total_seconds()),
            "count": finding.count,
        }
        for finding in found
    ]


def _warnings(now: datetime) -> list[dict[str, Any]]:
    """One entry for each kind, over all suppliers."""
    rows = Alarm.objects.filter(cleared_at=None).exclude(kind__in=MACHINE)
    told: dict[str, dict[str, Any]] = {}
    columns = rows.order_by("since").values_list("kind", "since", "count")
    for kind, since, count in columns[:MOST_WARNINGS]:
        entry = told.setdefault(
            kind,
            {
                "kind": kind,
                "silent_seconds": int((now - since).total_seconds()),
                "suppliers": 0,
                "count": 0,
            },
        )
        entry["suppliers"] += 1
        entry["count"] += count
    return list(told.values())

"""Liveness and readiness, pages that answer without a login or a key."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from procurement import rotating
from procurement.alarms import machine, workings
from procurement.alarms.findings import Finding
from procurement.alarms.models import MACHINE, Alarm, Kind

MOST_WARNINGS = 500
"""Open alarms read to be told of: more than kinds times a great many suppliers."""

_is_migrated = False


@require_safe
@never_cache
def alive(request: HttpRequest) -> JsonResponse:
    """The process answers; nothing else is looked at."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 if work that is asked for will be done, 503 with the reasons if not.

    `checks` decide. `silences` are those of this installation, looked for now.
    `warnings` are of orders and suppliers as the last round left them: a person has
    to do something, but the product does its work. They name no supplier, since
    nobody has to log in to read this. `secrets` says whether the keys in use open what
    is stored; what they don't open stops one supplier, not the others.
    """
    now = timezone.now()
    checks = {name: _run(check, now) for name, check in _CHECKS.items()}
    is_ready = all(check["ok"] for check in checks.values())
    return JsonResponse(
        {
            "status": "ok" if is_ready else "failing",
            "checks": checks,
            "silences": _tell(_silences, now),
            "warnings": _tell(_warnings, now),
            "secrets": _secrets(),
        },
        status=200 if is_ready else 503,
    )


Check = Callable[[datetime], dict[str, Any]]


def _run(check: Check, now: datetime) -> dict[str, Any]:
    try:
        return check(now)
    except DatabaseError:
        # The text of the error may name hosts and users.
        return {"ok": False, "text": "The database does not answer."}


def _tell(
    look: Callable[[datetime], list[dict[str, Any]]], now: datetime
) -> list[dict[str, Any]]:
    """What can't be read is left out: the checks say that the database is away."""
    try:
        return look(now)
    except DatabaseError:
        return []


# --- what decides -----------------------------------------------------------------


def _database(now: datetime) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"ok": True, "text": ""}


def _migrations(now: datetime) -> dict[str, Any]:
    """Once applied they stay so for this code; they are looked up until then."""
    global _is_migrated
    if not _is_migrated:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            return {"ok": False, "text": f"Not applied: {len(plan)}. Run `migrate`."}
        _is_migrated = True
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
    "queue": _queue,
    "scheduler": _scheduler,
    "worker": _worker,
}


# --- keys and what is under them --------------------------------------------------

_LOOKED_AGAIN_AFTER = 300.0
_MOST_LOOKED_AT = 500
"""Rows of each place: a lost key shows in the first of them."""
_unreadable: tuple[float, int] | None = None


def _secrets() -> dict[str, Any]:
    """Looked at each few minutes: opening secrets costs, and anybody may ask."""
    global _unreadable
    now = time.monotonic()
    if _unreadable is None or now - _unreadable[0] > _LOOKED_AGAIN_AFTER:
        try:
            places = rotating.look(most=_MOST_LOOKED_AT)
        except (DatabaseError, ImproperlyConfigured):
            return {"ok": False, "text": "It can't be looked at.", "unreadable": None}
        _unreadable = now, sum(place.unreadable_count for place in places)
    count = _unreadable[1]
    return {
        "ok": not count,
        "text": (
            "Stored secrets can't be opened with the keys in use. See "
            "`manage.py rotate_credentials --check`."
            if count
            else ""
        ),
        "unreadable": count,
    }


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

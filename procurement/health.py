"""Liveness and readiness, the only pages that answer without a login or a key."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max, Min, Q
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from procurement.coordination.models import Heartbeat
from procurement.transmissions.models import State, Transmission

QUEUE_LIMIT = timedelta(minutes=5)
"""Longer than that no due transmission waits while workers work."""

_is_migrated = False


@require_safe
@never_cache
def alive(request: HttpRequest) -> JsonResponse:
    """The process answers; nothing else is looked at."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 if work that is asked for will be done, 503 with the reasons if not."""
    checks = {name: _run(check) for name, check in _CHECKS.items()}
    is_ready = all(check["ok"] for check in checks.values())
    return JsonResponse(
        {"status": "ok" if is_ready else "failing", "checks": checks},
        status=200 if is_ready else 503,
    )


def _run(check: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return check()
    except DatabaseError:
        # The text of the error may name hosts and users.
        return {"ok": False, "text": "The database does not answer."}


def _database() -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"ok": True, "text": ""}


def _migrations() -> dict[str, Any]:
    """Once applied they stay so for this code; they are looked up until then."""
    global _is_migrated
    if not _is_migrated:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            return {"ok": False, "text": f"Not applied: {len(plan)}. Run `migrate`."}
        _is_migrated = True
    return {"ok": True, "text": ""}


def _queue() -> dict[str, Any]:
    """Due transmissions of suppliers that are neither paused nor in trouble."""
    now = timezone.now()
    oldest = Transmission.objects.filter(
        Q(supplier__health__blocked_until=None)
        | Q(supplier__health__blocked_until__lte=now),
        state=State.QUEUED,
        next_attempt_at__lte=now,
        supplier__is_paused=False,
    ).aggregate(at=Min("next_attempt_at"))["at"]
    waited = now - oldest if oldest else timedelta()
    is_fine = waited <= QUEUE_LIMIT
    return {
        "ok": is_fine,
        "text": "" if is_fine else "What is due is not being sent.",
        "oldest_due_seconds": int(waited.total_seconds()),
    }


def _worker() -> dict[str, Any]:
    latest = Heartbeat.objects.aggregate(at=Max("at"))["at"]
    if latest is None:
        return {"ok": False, "text": "No worker has run yet.", "age_seconds": None}
    age = int((timezone.now() - latest).total_seconds())
    is_fine = age <= settings.HEARTBEAT_LIMIT_SECONDS
    return {
        "ok": is_fine,
        "text": "" if is_fine else "No worker gives a sign of life.",
        "age_seconds": age,
    }


_CHECKS = {
    "database": _database,
    "migrations": _migrations,
    "queue": _queue,
    "worker": _worker,
}

"""Who works, and what recurs.

The queue's own tables are no screen: they hold hints, and changing one does no good.
What waits, and what went wrong, stands with the transmissions and suppliers.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django_q.models import Failure, OrmQ, Schedule, Success
from redis.exceptions import RedisError

from procurement import rotating
from procurement.adminbase import ReadOnlyAdmin
from procurement.adminshow import age, badge
from procurement.coordination import queries
from procurement.coordination.models import Heartbeat
from procurement.secrets import keys_in_use
from procurement.texts import gettext_lazy

for model in (Failure, OrmQ, Schedule, Success):
    if admin.site.is_registered(model):
        admin.site.unregister(model)

TASKS_OF = {
    "carriers": gettext_lazy("Calls to suppliers"),
    "couriers": gettext_lazy("Webhooks to other systems"),
    "general": gettext_lazy("Schedules, files, everything else"),
}


@admin.register(Heartbeat)
class WorkerAdmin(ReadOnlyAdmin):
    list_display = ["machine", "does", "state", "last_sign", "since", "name"]
    list_display_links = None
    ordering = ("worker",)
    sortable_by = ()
    change_list_template = "admin/coordination/workers.html"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        now = timezone.now()
        context = {
            "title": _("Workers"),
            "jobs": [job_row(job, now) for job in queries.jobs(now)],
            "queues": queue_rows(),
            "keys": key_rows(),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    @admin.display(description=gettext_lazy("Does"))
    def does(self, worker: Heartbeat) -> str:
        return TASKS_OF.get(worker.cluster, worker.cluster or "–")

    @admin.display(description=gettext_lazy("State"))
    def state(self, worker: Heartbeat) -> SafeString:
        limit = timedelta(seconds=settings.HEARTBEAT_LIMIT_SECONDS)
        if worker.is_leaving:
            return badge(_("Finishing"), "blue", _("Takes nothing new"))
        if timezone.now() - worker.at > limit:
            return badge(_("Silent"), "red", _("It gives no sign of life"))
        return badge(_("Works"), "green")

    @admin.display(description=gettext_lazy("Last sign of life"))
    def last_sign(self, worker: Heartbeat) -> SafeString:
        return format_html("{} ago", age(worker.at))

    @admin.display(description=gettext_lazy("Runs for"))
    def since(self, worker: Heartbeat) -> SafeString | str:
        return age(worker.started_at)

    @admin.display(description=gettext_lazy("Name in the log"))
    def name(self, worker: Heartbeat) -> SafeString:
        return format_html('<span class="small quiet">{}</span>', worker.worker)


def job_row(job: queries.Job, now: datetime) -> dict[str, Any]:
    """What the page says of a recurring job."""
    took = (
        job.ended_at - job.began_at
        if job.began_at and job.ended_at and job.ended_at >= job.began_at
        else None
    )
    return {
        "name": job.name,
        "every": in_words(job.every),
        "state": job_state(job, now),
        "ended": format_html("{} ago", age(job.ended_at)) if job.ended_at else "never",
        "took": f"{took.total_seconds():.1f} s" if took is not None else "–",
        "error": job.error,
    }


def job_state(job: queries.Job, now: datetime) -> SafeString:
    if job.is_late(now):
        return badge(
            _("Late"),
            "red",
            _("Due since %(due_since)s UTC")
            % {"due_since": f"{job.due_since():%Y-%m-%d %H:%M}"},
        )
    if job.error:
        return badge(_("Failed last time"), "amber")
    if job.is_running:
        return badge(_("Runs now"), "blue")
    if job.ended_at is None:
        return badge(_("Not run yet"), "grey")
    return badge(_("In time"), "green")


def in_words(interval: timedelta) -> str:
    """`minute`, `15 minutes`, `day`: what stands behind "every"."""
    minutes = max(1, round(interval.total_seconds() / 60))
    for unit, length in (("day", 1440), ("hour", 60), ("minute", 1)):
        if minutes % length == 0:
            count = minutes // length
            return unit if count == 1 else f"{count} {unit}s"
    raise AssertionError("every number of minutes is one of minutes")


def queue_rows() -> list[tuple[str, str]]:
    """For each queue: whose it is, and what waits in it."""
    try:
        depths = queries.queue_depth()
    except RedisError:
        return [(_("All"), _("Redis does not answer, so what waits can't be seen."))]
    labels = {
        settings.CARRIERS: TASKS_OF["carriers"],
        settings.COURIERS: TASKS_OF["couriers"],
        settings.Q_CLUSTER["name"]: TASKS_OF["general"],
    }
    return [
        (labels.get(queue, queue), waiting_in_words(depth))
        for queue, depth in depths.items()
    ]


MOST_SECRETS = 1000
"""Rows of each place that the page looks at; the command looks at all."""


def key_rows() -> list[dict[str, Any]]:
    """The keys of stored secrets, newest first, and what is under each."""
    if not settings.CREDENTIAL_KEYS:
        return []
    found = rotating.look(most=MOST_SECRETS)
    more = "" if all(place.is_whole for place in found) else "+"
    rows = []
    for at, key in enumerate(keys_in_use()):
        places = {place.place: place.under[key.fingerprint] for place in found}
        count = sum(places.values())
        if not at:
            state = badge(_("Newest"), "green", _("It encrypts what is written now"))
        elif count:
            state = badge(_("Still needed"), "amber", _("Run rotate_credentials"))
        else:
            state = badge(_("Not needed"), "grey", _("It can be taken away"))
        rows.append(_key_row(key.fingerprint, state, places, more))
    unreadable = {place.place: place.unreadable_count for place in found}
    if any(unreadable.values()):
        state = badge(_("Unreadable"), "red", _("No key in CREDENTIAL_KEYS opens it"))
        rows.append(_key_row("–", state, unreadable, more))
    return rows


def _key_row(
    fingerprint: str, state: SafeString, places: dict[str, int], more: str
) -> dict[str, Any]:
    return {
        "fingerprint": fingerprint,
        "state": state,
        "count": f"{sum(places.values())}{more}",
        "places": [f"{name}: {count}" for name, count in places.items() if count],
    }


def waiting_in_words(depth: queries.QueueDepth) -> str | SafeString:
    if not depth.waiting:
        return "nothing"
    if depth.oldest_at is None:
        return str(depth.waiting)
    return format_html("{}, the oldest for {}", depth.waiting, age(depth.oldest_at))

"""Sending many deliveries of an endpoint again, in the background."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from procurement.access.fields import utc_text
from procurement.errors import InvalidInput
from procurement.runs.kinds import RunKind
from procurement.runs.models import Run
from procurement.runs.operations import ask_for_run
from procurement.runs.progress import Progress
from procurement.texts import gettext_lazy
from procurement.webhooks.models import Delivery, DeliveryState, Endpoint
from procurement.webhooks.operations import put_back, require_active

CHANGE = "webhooks.change_endpoint"
BATCH = 200


def redeliver_all(
    *,
    endpoint_id: int,
    actor: User,
    since: datetime | None = None,
    until: datetime | None = None,
    only_failed: bool = True,
    token: str = "",
) -> Run:
    """Have deliveries of a span of time sent again, oldest first.

    Args:
        since, until: when they were put in; open where left out.
        only_failed: off for those that were delivered, too.
        token: of the form that asks; the same token is the same run.

    Raises:
        InvalidInput: the span ends before it begins.
        OperationNotAllowed: the endpoint is disabled, or the actor has too many runs.
    """
    if since and until and until < since:
        raise InvalidInput({"until": _("It is before `since`.")})
    endpoint = Endpoint.objects.get(pk=endpoint_id)
    require_active(endpoint)
    return ask_for_run(
        kind=KIND.name,
        actor=actor,
        title=_("Send again to %(endpoint)s") % {"endpoint": endpoint},
        parameters={
            "endpoint": endpoint_id,
            "since": utc_text(since),
            "until": utc_text(until),
            "only_failed": only_failed,
        },
        token=token,
    )


def _may(user: User, run: Run) -> bool:
    endpoints = Endpoint.objects.visible_to(user)
    is_theirs = endpoints.filter(pk=run.parameters["endpoint"]).exists()
    return user.has_perm(CHANGE) and is_theirs


def _work(run: Run, progress: Progress) -> None:
    rows = _asked_for(run)
    if run.total is None:
        progress.set_total(rows.count())
    after = progress.cursor.get("pk", 0)
    keys = rows.order_by("pk").values_list("pk", flat=True)
    while batch := list(keys.filter(pk__gt=after)[:BATCH]):
        progress.go_on()
        put_back(Q(pk__in=batch))
        after = batch[-1]
        progress.keep(cursor={"pk": after}, done=len(batch))


def _asked_for(run: Run) -> QuerySet[Delivery]:
    """Those there were when it was asked for; what it sends comes not again."""
    asked = run.parameters
    rows = Delivery.objects.filter(
        endpoint=asked["endpoint"], created_at__lte=run.asked_at
    ).exclude(state__in=(DeliveryState.WITHHELD, DeliveryState.WAITING))
    if asked["only_failed"]:
        rows = rows.filter(state=DeliveryState.FAILED)
    if asked["since"]:
        rows = rows.filter(created_at__gte=datetime.fromisoformat(asked["since"]))
    if asked["until"]:
        rows = rows.filter(created_at__lte=datetime.fromisoformat(asked["until"]))
    return rows


KIND = RunKind(
    name="webhooks_again",
    label=gettext_lazy("Webhooks sent again"),
    may=_may,
    work=_work,
)

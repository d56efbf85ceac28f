"""Every write of what people and systems ask for about endpoints and deliveries."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from procurement import trail
from procurement.access.codes import Code
from procurement.access.fields import utc_text
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.events import feed
from procurement.events.types import require_types
from procurement.scoping import scoped, sight_of
from procurement.shops.models import Shop
from procurement.webhooks import receivers
from procurement.webhooks.models import Delivery, DeliveryState, Endpoint
from procurement.webhooks.queries import TEST_TYPE
from procurement.webhooks.signing import make_secret

FIELDS = ("url", "description", "types", "shop")
MOST_ENDPOINTS = 50
"""Of one owner: each is a queue of its own."""
DEFAULT_OVERLAP = timedelta(hours=24)
LONGEST_OVERLAP = timedelta(days=7)


@transaction.atomic
def create_endpoint(
    *,
    actor: User,
    data: Mapping[str, Any],
    system: str = "",
    after: str = "",
    since: datetime | None = None,
) -> Endpoint:
    """Have an address told of events from now on, or from an earlier point.

    Its `secret` can be read off what is returned, and is told nobody afterwards.

    Args:
        data: `url`, and `description`, `types`, `shop` where wanted.
        system: the source of the key that asks for it; empty for a person.
        after: a cursor of the feed of events, to begin after it.
        since: a moment, to begin with what happened from it on.

    Raises:
        InvalidInput: something of it won't do.
        OperationNotAllowed: the owner has as many as they may.
    """
    values = _checked(actor, data)
    if "url" not in values:
        raise InvalidInput({"url": "This is needed."})
    theirs = Endpoint.objects.filter(owner=actor, deleted_at=None)
    if theirs.count() >= MOST_ENDPOINTS:
        raise OperationNotAllowed(
            f"{actor.get_username()} has {MOST_ENDPOINTS} webhook endpoints, which is "
            "as many as one may have.",
            code=Code.TOO_MANY,
        )
    if "shop" not in values and (shop_id := getattr(actor, "key_shop_id", None)):
        values["shop"] = Shop.objects.get(pk=shop_id)
    endpoint = Endpoint.objects.create(
        owner=actor,
        system=system,
        secret=make_secret(),
        cursor=_beginning(after, since),
        **values,
    )
    _to_trail("webhook.made", endpoint, actor)
    return endpoint


def _beginning(after: str, since: datetime | None) -> str:
    if after and since is not None:
        raise InvalidInput({"after": "Give this or `since`, not both."})
    if since is not None:
        return feed.cursor_at(since)
    if after:
        feed.parse_cursor(after)
        return after
    return feed.newest(None)


@transaction.atomic
def change_endpoint(
    *,
    endpoint_id: int,
    actor: User,
    data: Mapping[str, Any],
    version: int | None = None,
    is_active: bool | None = None,
) -> Endpoint:
    """Change the given fields; deliveries that wait go to the new address.

    Args:
        is_active: enables or disables it along with the rest; None leaves it.

    Raises:
        InvalidInput: something of it won't do.
        OperationNotAllowed: it is gone, or not at the version given any more.
    """
    endpoint = _locked(endpoint_id)
    old_url = endpoint.url
    if version is not None and endpoint.version != version:
        raise OperationNotAllowed(
            f"The endpoint was changed meanwhile; it is at version {endpoint.version}.",
            code=Code.VERSION_CONFLICT,
        )
    for name, value in _checked(actor, data).items():
        setattr(endpoint, name, value)
    if "url" in data:
        _forget_failures(endpoint)
    if endpoint.url != old_url:
        _to_trail("webhook.changed", endpoint, actor, before=_host(old_url))
    if is_active is False and endpoint.is_active:
        disable(endpoint, f"Disabled by {actor.get_username()}.", actor=actor)
    elif is_active and not endpoint.is_active:
        _enable(endpoint)
    return _saved(endpoint)


@transaction.atomic
def enable_endpoint(*, endpoint_id: int, actor: User, skip: bool = False) -> Endpoint:
    """Send again, going on where it stopped.

    Args:
        skip: leave out what happened meanwhile, and what waits.

    Raises:
        OperationNotAllowed: it is enabled already, or gone.
    """
    endpoint = _locked(endpoint_id)
    if endpoint.is_active:
        raise OperationNotAllowed("The endpoint is enabled.", code=Code.NOT_NOW)
    _enable(endpoint)
    if skip:
        endpoint.cursor = feed.newest(None)
        waiting = endpoint.deliveries.filter(state=DeliveryState.WAITING)
        waiting.update(
            state=DeliveryState.WITHHELD,
            next_attempt_at=None,
            text=f"Left out by {actor.get_username()}.",
        )
    return _saved(endpoint)


@transaction.atomic
def disable_endpoint(*, endpoint_id: int, actor: User) -> Endpoint:
    """Send nothing more; what waits goes on waiting.

    Raises:
        OperationNotAllowed: it is disabled already, or gone.
    """
    endpoint = _locked(endpoint_id)
    if not endpoint.is_active:
        raise OperationNotAllowed("The endpoint is disabled.", code=Code.NOT_NOW)
    disable(endpoint, f"Disabled by {actor.get_username()}.", actor=actor)
    return _saved(endpoint)


def disable(endpoint: Endpoint, reason: str, *, actor: User | None = None) -> None:
    """Mark a locked endpoint as disabled; the caller saves it.

    Args:
        actor: None where the program does it by itself.
    """
    endpoint.is_active = False
    endpoint.disabled_at = timezone.now()
    endpoint.disabled_by = actor
    endpoint.disabled_reason = reason


@transaction.atomic
def delete_endpoint(*, endpoint_id: int, actor: User) -> None:
    """Send nothing more for good; what was sent stays on record for its time."""
    endpoint = _locked(endpoint_id)
    if endpoint.is_active:
        disable(endpoint, "", actor=actor)
    endpoint.disabled_reason = f"Deleted by {actor.get_username()}."
    endpoint.deleted_at = timezone.now()
    endpoint.secret, endpoint.old_secret = make_secret(), ""
    _saved(endpoint)
    _to_trail("webhook.deleted", endpoint, actor)


@transaction.atomic
def rotate_secret(
    *, endpoint_id: int, actor: User, overlap: timedelta = DEFAULT_OVERLAP
) -> Endpoint:
    """Make a new secret; for the overlap messages are signed with the old one too.

    The new one can be read off what is returned, and is told nobody afterwards. Of the
    old ones only the last is kept.

    Raises:
        InvalidInput: the overlap is negative or too long.
        OperationNotAllowed: the endpoint is gone.
    """
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        hours = LONGEST_OVERLAP // timedelta(hours=1)
        raise InvalidInput({"overlap_hours": f"Give 0 to {hours} hours."})
    endpoint = _locked(endpoint_id)
    endpoint.old_secret = endpoint.secret if overlap else ""
    endpoint.old_secret_until = timezone.now() + overlap if overlap else None
    endpoint.secret = make_secret()
    _to_trail("webhook.rotated", endpoint, actor, old_one_works_on=str(overlap))
    return _saved(endpoint)


@transaction.atomic
def send_test(*, endpoint_id: int, actor: User) -> Delivery:
    """Have a message of the type `webhook.test` sent.

    Raises:
        OperationNotAllowed: the endpoint is disabled, or gone.
    """
    endpoint = _locked(endpoint_id)
    require_active(endpoint)
    now = timezone.now()
    message_id = f"test-{uuid.uuid4().hex}"
    data = {"id": message_id, "asked_by": actor.get_username()}
    return Delivery.objects.create(
        endpoint=endpoint,
        message_id=message_id,
        type=TEST_TYPE,
        event_at=now,
        body=receivers.as_body(TEST_TYPE, utc_text(now) or "", data),
        next_attempt_at=now,
    )


@transaction.atomic
def redeliver(*, delivery_id: int, actor: User) -> Delivery:
    """Have one delivery sent again, at once and with all its tries before it.

    Raises:
        OperationNotAllowed: the endpoint is disabled, or gone.
    """
    found = Delivery.objects.filter(pk=delivery_id).values_list("endpoint_id")
    endpoint = _locked(found.get()[0])
    require_active(endpoint)
    put_back(Q(pk=delivery_id))
    return Delivery.objects.get(pk=delivery_id)


def put_back(condition: Q) -> int:
    """Have deliveries wait anew; return how many that were.

    One that is being sent now is left to whoever sends it.
    """
    now = timezone.now()
    rows = Delivery.objects.filter(condition)
    is_with_worker = Q(
        state=DeliveryState.WAITING,
        next_attempt_at__gt=now,
        endpoint__leased_until__gt=now,
    )
    keys = list(rows.exclude(is_with_worker).values_list("pk", flat=True))
    endpoints = Endpoint.objects.filter(deliveries__in=keys).distinct()
    ids = list(endpoints.values_list("pk", flat=True))
    changed = Delivery.objects.filter(pk__in=keys).update(
        state=DeliveryState.WAITING, tries=0, next_attempt_at=now, delivered_at=None
    )
    # Whoever asks for it expects it now, not after the pause of a failing endpoint.
    Endpoint.objects.filter(pk__in=ids).update(not_before=None)
    return changed


def old_deliveries(moment: datetime) -> QuerySet[Delivery]:
    """Those made before the moment that may go."""
    return Delivery.objects.filter(created_at__lt=moment).exclude(
        state=DeliveryState.WAITING, endpoint__is_active=True
    )


def purge_deliveries(*, older_than: timedelta, batch: int = 2000) -> int:
    """Delete deliveries past their retention; those that still wait are kept, unless
    their endpoint is not in use. Returns how many.
    """
    old = old_deliveries(timezone.now() - older_than)
    purged = 0
    while keys := list(old.order_by("created_at").values_list("pk", flat=True)[:batch]):
        Delivery.objects.filter(pk__in=keys).delete()
        purged += len(keys)
    return purged


def _to_trail(kind: str, endpoint: Endpoint, actor: User, **details: Any) -> None:
    """By the host alone: what follows it in an address may be a secret of theirs."""
    trail.record(
        kind,
        actor=actor,
        subject=endpoint,
        subject_text=_host(endpoint.url),
        details={"owner": endpoint.owner.get_username(), **details},
    )


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _enable(endpoint: Endpoint) -> None:
    endpoint.is_active, endpoint.disabled_at = True, None
    endpoint.disabled_by, endpoint.disabled_reason = None, ""
    _forget_failures(endpoint)


def _forget_failures(endpoint: Endpoint) -> None:
    """What stood against an address says nothing about a new one, or a mended one."""
    endpoint.failing_since = endpoint.not_before = None
    endpoint.failures = 0


def require_active(endpoint: Endpoint) -> None:
    """Raises:
    OperationNotAllowed: the endpoint is disabled.
    """
    if not endpoint.is_active:
        raise OperationNotAllowed(
            "The endpoint is disabled; enable it first.", code=Code.NOT_NOW
        )


# --- the steps of it --------------------------------------------------------------


def _locked(endpoint_id: int) -> Endpoint:
    """The endpoint, for the rest of the transaction.

    Raises:
        OperationNotAllowed: there is none any more.
    """
    rows = Endpoint.objects.select_for_update(of=("self",)).select_related("owner")
    endpoint = rows.filter(pk=endpoint_id, deleted_at=None).first()
    if endpoint is None:
        raise OperationNotAllowed("The endpoint was deleted.", code=Code.NOT_NOW)
    return endpoint


def _saved(endpoint: Endpoint) -> Endpoint:
    endpoint.version = F("version") + 1
    endpoint.updated_at = timezone.now()
    endpoint.save()
    endpoint.refresh_from_db(fields=["version"])
    return endpoint


def _checked(actor: User, data: Mapping[str, Any]) -> dict[str, Any]:
    """The given values as they are stored.

    Raises:
        InvalidInput: one or more won't do.
    """
    values = {name: data[name] for name in FIELDS if name in data}
    errors: dict[str, str] = {}
    if "url" in values:
        try:
            receivers.checked_url(values["url"])
        except InvalidInput as refusal:
            errors |= refusal.errors
    if "types" in values:
        try:
            values["types"] = list(require_types(values["types"]))
        except InvalidInput as refusal:
            errors |= refusal.errors
    if "shop" in values:
        errors |= _objection_to_shop(actor, values["shop"])
    if errors:
        raise InvalidInput(errors)
    return values


def _objection_to_shop(actor: User, shop: Shop | None) -> dict[str, str]:
    if shop is not None:
        seen = scoped(Shop.objects.filter(pk=shop.pk), actor).exists()
        return {} if seen else {"shop": "There is no such shop that you may see."}
    sight = sight_of(actor)
    if sight is not None and sight.key_shop_id is not None:
        return {"shop": "The key is bound to a shop, so its endpoints are too."}
    return {}

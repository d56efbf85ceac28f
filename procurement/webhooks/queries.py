"""What is asked about endpoints and deliveries."""

from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet

from procurement.access.permissions import is_permitted
from procurement.events import feed
from procurement.events.streams import STREAMS
from procurement.scoping import scoped
from procurement.webhooks.models import Delivery, DeliveryState, Endpoint

COUNTED_AT_MOST = 1000
TEST_TYPE = "webhook.test"


def reader_of(endpoint: Endpoint) -> User:
    """The owner, seeing no more than a key bound to the endpoint's shop would."""
    owner = User.objects.get(pk=endpoint.owner_id)
    owner.key_shop_id = endpoint.shop_id  # type: ignore[attr-defined]
    return owner


def is_seen(delivery: Delivery, reader: User) -> bool:
    """Whether what a delivery tells is (still) the reader's to see."""
    if delivery.type == TEST_TYPE:
        return True
    name, _, number = delivery.message_id.partition("-")
    for stream in STREAMS.values():
        if stream.name == name and number.isdigit():
            may = all(is_permitted(reader, each) for each in stream.permissions)
            rows = stream.rows(int(number) - 1, int(number))
            return may and scoped(rows, reader).exists()
    return False


def due(now: datetime) -> QuerySet[Delivery]:
    return Delivery.objects.filter(
        state=DeliveryState.WAITING, next_attempt_at__lte=now
    )


def endpoints_to_serve(now: datetime) -> QuerySet[Endpoint]:
    """Those that nobody is at work on and that have something to read or to send.

    An owner who was made inactive pauses their endpoints.
    """
    theirs = due(now).filter(endpoint=OuterRef("pk"))
    may_be_called = Q(not_before=None) | Q(not_before__lte=now)
    may_read = Q(is_full=False) & ~Q(cursor=feed.newest(None))
    return Endpoint.objects.filter(
        may_read | (may_be_called & Exists(theirs)),
        is_active=True,
        owner__is_active=True,
        leased_until__lte=now,
    )


def is_anything_to_serve(now: datetime) -> bool:
    """Whether a worker is needed now."""
    # Most installations have none, and the rest of the question is for those who do.
    in_use = Endpoint.objects.filter(is_active=True)
    return in_use.exists() and endpoints_to_serve(now).exists()


def waiting_count(endpoint: Endpoint) -> int:
    """How many deliveries wait, counted no further than `COUNTED_AT_MOST` + 1."""
    return _counted(endpoint, DeliveryState.WAITING)


def failed_count(endpoint: Endpoint) -> int:
    """How many were given up, counted no further than `COUNTED_AT_MOST` + 1."""
    return _counted(endpoint, DeliveryState.FAILED)


def _counted(endpoint: Endpoint, state: DeliveryState) -> int:
    rows = Delivery.objects.filter(endpoint=endpoint, state=state).order_by()
    return len(rows.values_list("pk", flat=True)[: COUNTED_AT_MOST + 1])


def health(endpoint: Endpoint) -> str:
    """One word: ok, failing, paused (its owner is inactive), or disabled."""
    if not endpoint.is_active:
        return "disabled"
    if not endpoint.owner.is_active:
        return "paused"
    return "failing" if endpoint.failing_since else "ok"

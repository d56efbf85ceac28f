"""REST: reading on in everything that happened."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from procurement.access.authentication import user_of
from procurement.access.cursors import PAGE_SIZE
from procurement.access.fields import UtcDateTimeField
from procurement.access.pagination import MAX_PAGE_NUMBER, read_page_size
from procurement.access.permissions import Needs
from procurement.access.views import ApiView
from procurement.events import feed, waiting
from procurement.events.streams import STREAMS
from procurement.events.types import CHOICES, WILDCARDS, parse_types
from procurement.orders.models import OrderEvent
from procurement.orders.states import Status

NEWEST = "newest"
SUBJECTS = tuple(stream.name for stream in STREAMS.values())


class SubjectSerializer(serializers.Serializer[Any]):
    type = serializers.ChoiceField(choices=SUBJECTS)
    id = serializers.CharField(
        help_text="As in addresses: the number of an order, the slug of a supplier, "
        "the id of a shop or customer; `customer/supplier` of a login."
    )
    external_reference = serializers.CharField(
        help_text="What the system that entered an order or a customer calls it; the "
        "slug of a shop. Empty where there is none."
    )
    url = serializers.CharField(
        help_text="Its address from the root of this host; the customer's of a login."
    )


class FeedEventSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(
        help_text="The same for good, and of no other event. Go by it if you may "
        "read an event twice."
    )
    type = serializers.ChoiceField(
        choices=CHOICES, help_text="Types are added; none changes its meaning."
    )
    at = UtcDateTimeField()
    subject = SubjectSerializer()
    order = serializers.CharField(
        allow_null=True, help_text="The number, of an event of an order."
    )
    supplier = serializers.CharField(
        allow_null=True, help_text="The slug, where it happened at a supplier."
    )
    kind = serializers.CharField(help_text="The second half of `type`.")
    actor = serializers.CharField(help_text="A person, a system, or the supplier.")
    text = serializers.CharField(help_text="In words, for people to read.")
    data = serializers.DictField(  # type: ignore[assignment]
        help_text="What there is to it, by type. Of a change of anything but an order "
        "it names what was `changed`; read the subject for what it is now."
    )
    status = serializers.ChoiceField(
        choices=Status.choices,
        allow_null=True,
        help_text="The order's after it, of an event of an order.",
    )


class EventFeedSerializer(serializers.Serializer[Any]):
    results = FeedEventSerializer(many=True)
    cursor = serializers.CharField(help_text="Where to go on: `?after=`.")
    next = serializers.URLField(allow_null=True, help_text="There while there is more.")


@dataclass(frozen=True)
class Asked:
    """What a call asks for.

    Attributes:
        wait: seconds; 0 for an answer at once.
    """

    after: str
    limit: int
    user: User
    types: tuple[str, ...]
    subject: str
    wait: int

    @classmethod
    def of(cls, request: Request) -> "Asked":
        given = request.query_params
        if unknown := set(given) - set(PARAMETERS):
            text = f"There is no such parameter; there are {', '.join(PARAMETERS)}."
            raise ValidationError(dict.fromkeys(sorted(unknown), text))
        user, after = user_of(request), given.get("after", "")
        subject = _subject(given)
        if subject and not feed.is_there(subject, user):
            name = "order" if given.get("order") else "subject"
            text = "There is none that you may see of this type and id."
            raise ValidationError({name: text})
        return cls(
            after=feed.newest(user) if after == NEWEST else after,
            limit=read_page_size(request),
            user=user,
            types=parse_types(given.get("types", "")),
            subject=subject,
            wait=_seconds(given.get("wait", "0")),
        )

    def read(self, after: str) -> feed.Page:
        return feed.read_events(
            after=after,
            limit=self.limit,
            user=self.user,
            types=self.types,
            subject=self.subject,
        )


def _subject(given: Mapping[str, str]) -> str:
    """One subject, however it was named."""
    order, subject = given.get("order", ""), given.get("subject", "")
    if order and subject:
        raise ValidationError({"order": "Give `subject` or `order`, not both."})
    return f"order:{order}" if order else subject


def _seconds(text: str) -> int:
    is_short = text.isascii() and text.isdigit() and len(text) <= 2
    if is_short and int(text) <= waiting.LONGEST_SECONDS:
        return int(text)
    raise ValidationError(
        {"wait": f"Give whole seconds, from 0 to {waiting.LONGEST_SECONDS}."}
    )


_DESCRIBED = [
    OpenApiParameter(
        "after",
        str,
        description="`cursor` of the page read last. Without it the feed begins with "
        f"the first event; `{NEWEST}` begins with what happens from now on.",
    ),
    OpenApiParameter(
        "types",
        str,
        description="Only these types, with commas between them; all types of one "
        f"subject are {', '.join(f'`{name}`' for name in WILDCARDS)}.",
    ),
    OpenApiParameter("order", str, description="Only the order with this number."),
    OpenApiParameter(
        "subject",
        str,
        description="Only this subject, by type and id: `order:PO-2031-000042`, "
        "`shop:4`, `customer:7`, `supplier:extend-nord`, `login:7/extend-nord`.",
    ),
    OpenApiParameter(
        "wait",
        {"type": "integer", "minimum": 0, "maximum": waiting.LONGEST_SECONDS},
        description="Seconds to wait for an event if there is none. Few may wait at a "
        "time; others are answered at once, with `Retry-After`.",
    ),
    OpenApiParameter(
        PAGE_SIZE,
        {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_NUMBER},
    ),
]
PARAMETERS = tuple(parameter.name for parameter in _DESCRIBED)


class Events(ApiView):
    """Everything that happened, in order, to be read again at will."""

    queryset = OrderEvent.objects.none()
    needs = {
        "get": Needs(
            "events:read", ("orders.view_purchaseorder", "orders.view_orderevent")
        )
    }
    filter_backends = []
    pagination_class = None
    parameters = PARAMETERS

    @extend_schema(responses=EventFeedSerializer, parameters=_DESCRIBED)
    def get(self, request: Request) -> Response:
        """Read on from `cursor`.

        Events of one subject come in the order in which they happened, those of
        several by time. `next` is there while there is more. A page with no `next`
        still has the `cursor` to come back with later; it goes on past what filters
        leave out, so keep to the same filters with it. The same cursor gives the
        same events again. Of shops, customers, suppliers and logins there is what the
        key's user may see of them.
        """
        asked = Asked.of(request)
        page = asked.read(asked.after)
        headers: dict[str, str] = {}
        if asked.wait and not page.events and not page.has_more:
            page, headers = _wait(asked, page, request.META)
        return Response(_shown(page, request), headers=headers)


def _wait(
    asked: Asked, page: feed.Page, environ: Mapping[str, Any]
) -> tuple[feed.Page, dict[str, str]]:
    """The first page with an event, or the last without, when waiting is over."""
    with waiting.place() as has_place:
        if not has_place:
            return page, {"Retry-After": str(waiting.COME_BACK_SECONDS)}
        for _ in waiting.looks(asked.wait, environ):
            if feed.is_news(page.cursor):
                page = asked.read(page.cursor)
                if page.events:
                    break
    return page, {}


def _shown(page: feed.Page, request: Request) -> dict[str, Any]:
    url = replace_query_param(request.build_absolute_uri(), "after", page.cursor)
    return {
        "results": [event.json() for event in page.events],
        "cursor": page.cursor,
        "next": url if page.has_more else None,
    }

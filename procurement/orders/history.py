"""What happened to an order, as other systems read it."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import F, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from procurement.access.fields import ReadSerializer
from procurement.access.permissions import is_permitted
from procurement.orders.models import OrderEvent
from procurement.scoping import scoped
from procurement.suppliers.models import Exchange
from procurement.texts import gettext_lazy
from procurement.transmissions.models import Attempt, Transmission


class EventSerializer(ReadSerializer):
    order = serializers.CharField(source="order_number")
    actor = serializers.CharField(
        source="actor_name",
        help_text=gettext_lazy("A person, a system, or the supplier."),
    )
    data = serializers.DictField()  # type: ignore[assignment]

    class Meta:
        model = OrderEvent
        fields = ["id", "order", "kind", "at", "actor", "text", "data", "status"]


def shown_events() -> QuerySet[OrderEvent]:
    """Events with the number of their order."""
    return OrderEvent.objects.annotate(order_number=F("order__number")).order_by("pk")


class ExchangeSerializer(ReadSerializer):
    """One HTTP request with its answer; secrets were masked before it was stored."""

    class Meta:
        model = Exchange
        fields = [
            "purpose",
            "method",
            "url",
            "request_headers",
            "request_body",
            "status",
            "response_headers",
            "response_body",
            "error",
            "started_at",
            "duration_ms",
        ]


class TransmissionSerializer(ReadSerializer):
    test = serializers.BooleanField(source="is_test")

    class Meta:
        model = Transmission
        fields = [
            "operation",
            "reference",
            "test",
            "state",
            "number",
            "evidence",
            "created_at",
            "ended_at",
        ]


class AttemptSerializer(ReadSerializer):
    test = serializers.BooleanField(source="is_test")
    transmission = TransmissionSerializer()
    exchanges = serializers.SerializerMethodField(
        help_text=gettext_lazy("Null where the key's user may not see exchanges.")
    )

    class Meta:
        model = Attempt
        fields = [
            "number",
            "reference",
            "test",
            "outcome",
            "kind",
            "text",
            "vendor_text",
            "worker",
            "started_at",
            "finished_at",
            "transmission",
            "exchanges",
        ]

    @extend_schema_field(ExchangeSerializer(many=True, allow_null=True))
    def get_exchanges(self, attempt: Any) -> list[dict[str, Any]] | None:
        if attempt.shown_exchanges is None:
            return None
        return list(ExchangeSerializer(attempt.shown_exchanges, many=True).data)


def attach_exchanges(attempts: Sequence[Any], *, user: User) -> None:
    """Give each attempt its exchanges, in one query, if the user may see them."""
    if not is_permitted(user, "suppliers.view_exchange"):
        for attempt in attempts:
            attempt.shown_exchanges = None
        return
    found: dict[UUID, list[Exchange]] = defaultdict(list)
    conversations = [attempt.conversation for attempt in attempts]
    said = Exchange.objects.filter(conversation__in=conversations)
    for exchange in scoped(said, user):
        found[exchange.conversation].append(exchange)
    for attempt in attempts:
        attempt.shown_exchanges = found[attempt.conversation]

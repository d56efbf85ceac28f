"""Webhook endpoints and deliveries as other systems write and read them."""

from typing import Any

from rest_framework import serializers

from procurement.access.fields import StrictSerializer, utc_text
from procurement.shops.models import Shop
from procurement.webhooks import queries
from procurement.webhooks.models import (
    MAX_URL_LENGTH,
    Delivery,
    DeliveryState,
    Endpoint,
)

HEALTH = [(word, word) for word in ("ok", "failing", "paused", "disabled")]


class WebhookEndpointInput(StrictSerializer):
    url = serializers.CharField(
        max_length=MAX_URL_LENGTH, help_text="`https://`, with a public address."
    )
    description = serializers.CharField(
        max_length=200, required=False, allow_blank=True
    )
    types = serializers.ListField(
        child=serializers.CharField(max_length=80),
        required=False,
        help_text="Types of events, such as `order.approved` or `order.*`; empty or "
        "left out: all.",
    )
    shop = serializers.PrimaryKeyRelatedField(
        queryset=Shop.objects.all(),
        required=False,
        allow_null=True,
        help_text="Tell of this shop alone, by its id. A key that is bound to a shop "
        "makes endpoints of that shop, whatever is left out here.",
    )


class NewWebhookEndpointInput(WebhookEndpointInput):
    after = serializers.CharField(
        max_length=200,
        required=False,
        help_text="A cursor of `events/`, to begin after it rather than now.",
    )
    since = serializers.DateTimeField(
        required=False, help_text="Begin with what happened from this moment on."
    )


class ChangedWebhookEndpointInput(WebhookEndpointInput):
    is_active = serializers.BooleanField(
        required=False,
        help_text="`false` sends nothing more; `true` goes on where it stopped.",
    )


class WebhookHealthSerializer(serializers.Serializer[Any]):
    state = serializers.ChoiceField(
        choices=HEALTH,
        help_text="`paused`: the endpoint's owner is inactive. `failing`: the last "
        "attempt was not taken.",
    )
    last_success_at = serializers.CharField(allow_null=True)
    failing_since = serializers.CharField(allow_null=True)
    not_before = serializers.CharField(
        allow_null=True, help_text="Nothing is sent before this moment."
    )
    waiting = serializers.IntegerField(
        allow_null=True,
        help_text="1001 stands for more than 1000. null in lists, as `failed`.",
    )
    failed = serializers.IntegerField(
        allow_null=True, help_text="Deliveries that were given up."
    )


class WebhookEndpointSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    url = serializers.CharField()
    description = serializers.CharField()
    types = serializers.ListField(child=serializers.CharField())
    shop = serializers.IntegerField(allow_null=True)
    is_active = serializers.BooleanField()
    disabled_reason = serializers.CharField()
    owner = serializers.CharField(help_text="What they may see is what is told.")
    cursor = serializers.CharField(
        help_text="How far the events have been put in, as a cursor of `events/`."
    )
    health = WebhookHealthSerializer()
    old_secret_until = serializers.CharField(
        allow_null=True, help_text="Until then messages have two signatures."
    )
    version = serializers.IntegerField()
    created_at = serializers.CharField()
    updated_at = serializers.CharField()


class WebhookEndpointWithSecretSerializer(WebhookEndpointSerializer):
    secret = serializers.CharField(
        required=False,
        help_text="Told this once. Not there in an answer that is repeated for the "
        "same `Idempotency-Key`: then rotate it.",
    )


class SecretRotationInput(StrictSerializer):
    overlap_hours = serializers.IntegerField(
        min_value=0,
        max_value=168,
        default=24,
        help_text="For so long messages are signed with the old secret as well.",
    )


class RedeliveryInput(StrictSerializer):
    since = serializers.DateTimeField(required=False, help_text="Put in from then on.")
    until = serializers.DateTimeField(required=False, help_text="And up to then.")
    only_failed = serializers.BooleanField(
        default=True, help_text="`false` sends what was delivered again, too."
    )


class RedeliverySerializer(serializers.Serializer[Any]):
    run = serializers.IntegerField(help_text="The background run that does it.")
    since = serializers.CharField(allow_null=True)
    until = serializers.CharField(allow_null=True)
    only_failed = serializers.BooleanField()


class WebhookDeliverySerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    message_id = serializers.CharField(help_text="What `webhook-id` says.")
    type = serializers.CharField()
    event_at = serializers.CharField()
    state = serializers.ChoiceField(choices=DeliveryState.choices)
    attempt_count = serializers.IntegerField()
    next_attempt_at = serializers.CharField(allow_null=True)
    delivered_at = serializers.CharField(allow_null=True)
    text = serializers.CharField(help_text="What the last attempt came to.")
    created_at = serializers.CharField()


class WebhookAttemptSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    started_at = serializers.CharField()
    duration_ms = serializers.IntegerField(
        allow_null=True, help_text="null: it runs, or broke off with its worker."
    )
    status = serializers.IntegerField(allow_null=True)
    text = serializers.CharField()
    excerpt = serializers.CharField(help_text="The beginning of the answer, masked.")


class WebhookDeliveryDetailSerializer(WebhookDeliverySerializer):
    body = serializers.CharField(help_text="As it is signed and sent.")
    attempts = WebhookAttemptSerializer(many=True)


def endpoint_json(endpoint: Endpoint, *, counts: bool = True) -> dict[str, Any]:
    """An endpoint with its owner; never its secret.

    Args:
        counts: what waits and what failed; a query each.
    """
    return {
        "id": endpoint.pk,
        "url": endpoint.url,
        "description": endpoint.description,
        "types": endpoint.types,
        "shop": endpoint.shop_id,
        "is_active": endpoint.is_active,
        "disabled_reason": endpoint.disabled_reason,
        "owner": endpoint.owner.get_username(),
        "cursor": endpoint.cursor,
        "health": {
            "state": queries.health(endpoint),
            "last_success_at": utc_text(endpoint.last_success_at),
            "failing_since": utc_text(endpoint.failing_since),
            "not_before": utc_text(endpoint.not_before),
            "waiting": queries.waiting_count(endpoint) if counts else None,
            "failed": queries.failed_count(endpoint) if counts else None,
        },
        "old_secret_until": utc_text(endpoint.old_secret_until),
        "version": endpoint.version,
        "created_at": utc_text(endpoint.created_at),
        "updated_at": utc_text(endpoint.updated_at),
    }


def delivery_json(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.pk,
        "message_id": delivery.message_id,
        "type": delivery.type,
        "event_at": utc_text(delivery.event_at),
        "state": delivery.state,
        "attempt_count": delivery.attempt_count,
        "next_attempt_at": utc_text(delivery.next_attempt_at),
        "delivered_at": utc_text(delivery.delivered_at),
        "text": delivery.text,
        "created_at": utc_text(delivery.created_at),
    }


def delivery_detail_json(delivery: Delivery) -> dict[str, Any]:
    """With its body and its last attempts, newest last."""
    last = list(delivery.attempts.order_by("-number")[:100])
    return {
        **delivery_json(delivery),
        "body": delivery.body,
        "attempts": [
            {
                "number": each.number,
                "started_at": utc_text(each.started_at),
                "duration_ms": each.duration_ms,
                "status": each.status,
                "text": each.text,
                "excerpt": each.excerpt,
            }
            for each in reversed(last)
        ],
    }

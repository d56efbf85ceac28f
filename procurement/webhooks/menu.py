"""Endpoints that don't take what they are sent, on the first page and in the menu."""

from django.utils.translation import gettext_lazy as _

from procurement.adminshow import list_url
from procurement.tiles import Tile, register_tile
from procurement.webhooks.models import Endpoint


def register() -> None:
    register_tile(
        Tile(
            name="webhooks",
            label=_("Webhooks in trouble"),
            hint=_("endpoints that fail or were disabled for it"),
            permission="webhooks.view_endpoint",
            rows=lambda user: Endpoint.objects.visible_to(user).in_trouble(),
            url=lambda: list_url("webhooks_endpoint", show="trouble"),
            tone="red",
            position=80,
            badge_on="webhooks_endpoint",
        )
    )

"""The place of the approval queue in the side bar and on the first page."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from procurement.approving.queries import waiting_for
from procurement.menu import Entry, register_entry
from procurement.tiles import Tile, register_tile

KEY = "approvals"
MAY_DECIDE = "orders.approve_purchaseorder"


def register() -> None:
    register_entry(
        Entry(
            key=KEY,
            title=_("To approve"),
            icon="approval",
            link=lambda: reverse("approving:queue"),
            permission=MAY_DECIDE,
            position=10,
        )
    )
    register_tile(
        Tile(
            name="to_approve",
            label=_("To approve"),
            hint=_("it is your turn"),
            permission=MAY_DECIDE,
            rows=waiting_for,
            url=lambda: reverse("approving:queue"),
            tone="amber",
            position=10,
            badge_on=KEY,
        )
    )

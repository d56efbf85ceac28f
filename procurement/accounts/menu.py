"""Uses of break-glass accounts nobody has looked into, on the first page."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet

from procurement.accounts.models import BreakGlassUse
from procurement.adminshow import list_url
from procurement.menu import ACCESS, Entry, register_entry
from procurement.texts import gettext_lazy as _
from procurement.tiles import Tile, register_tile

MAY_SEE = "accounts.view_breakglassuse"


def register() -> None:
    register_entry(
        Entry(
            key="break_glass",
            title=_("Break-glass logins"),
            icon="emergency",
            link=lambda: list_url("accounts_breakglassuse"),
            permission=MAY_SEE,
            group=ACCESS,
        )
    )
    register_tile(
        Tile(
            name="glass",
            label=_("Break-glass accounts used"),
            hint=_("and nobody has said what for"),
            permission=MAY_SEE,
            rows=_open,
            url=lambda: list_url("accounts_breakglassuse", state="open"),
            tone="red",
            position=5,
            badge_on="break_glass",
        )
    )


def _open(user: User) -> "QuerySet[Any]":
    return BreakGlassUse.objects.filter(acknowledged_at=None)

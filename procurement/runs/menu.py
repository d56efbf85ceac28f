"""The place of background runs in the side bar, with one's own that are under way."""

from django.utils.translation import gettext_lazy as _

from procurement.adminshow import list_url
from procurement.menu import Entry, register_entry
from procurement.runs.models import Run
from procurement.tiles import Tile, register_tile

MAY_SEE = "runs.view_run"


def register() -> None:
    register_entry(
        Entry(
            key="runs_run",
            title=_("Background runs"),
            icon="pending_actions",
            link=lambda: list_url("runs_run"),
            permission=MAY_SEE,
            position=60,
        )
    )
    register_tile(
        Tile(
            name="runs",
            label=_("Background runs"),
            hint=_("yours that are under way"),
            permission=MAY_SEE,
            rows=lambda user: Run.objects.in_work().filter(asked_by=user),
            url=lambda: list_url("runs_run"),
            tone="blue",
            position=90,
            badge_on="runs_run",
        )
    )

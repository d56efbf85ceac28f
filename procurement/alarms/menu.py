"""The place of alarms in the side bar, with the number that nobody looks after."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from procurement.adminshow import list_url
from procurement.alarms.queries import untended
from procurement.menu import Entry, register_entry
from procurement.tiles import Tile, register_tile

MAY_SEE = "alarms.view_alarm"


def register() -> None:
    register_entry(
        Entry(
            key="alarms_alarm",
            title=_("Alarms"),
            icon="notifications",
            link=lambda: list_url("alarms_alarm"),
            permission=MAY_SEE,
            position=50,
        )
    )
    # The first page has a card of them, which says more than a figure.
    register_tile(
        Tile(
            name="alarms",
            label=_("Alarms"),
            hint=_("nobody looks after them"),
            permission=MAY_SEE,
            rows=lambda user: untended(timezone.now()),
            url=lambda: list_url("alarms_alarm", standing="open"),
            tone="red",
            badge_on="alarms_alarm",
            on_home=False,
        )
    )

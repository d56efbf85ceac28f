"""The place of the error queue in the side bar and on the first page."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from procurement.menu import Entry, register_entry
from procurement.tiles import Tile, register_tile
from procurement.troubles.queries import needing_a_person

KEY = "troubles"
MAY_SEE = "transmissions.view_transmission"


def register() -> None:
    register_entry(
        Entry(
            key=KEY,
            title=_("Needs a person"),
            icon="front_hand",
            link=lambda: reverse("troubles:list"),
            permission=MAY_SEE,
            position=20,
        )
    )
    register_tile(
        Tile(
            name=KEY,
            label=_("Needs a person"),
            hint=_("does not go on by itself"),
            permission=MAY_SEE,
            rows=needing_a_person,
            url=lambda: reverse("troubles:list"),
            tone="red",
            position=25,
            badge_on=KEY,
        )
    )

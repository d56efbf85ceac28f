"""The place of notices in the side bar, with the number of unread ones."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from procurement.menu import Entry, register_entry
from procurement.notices.models import Notice
from procurement.tiles import Tile, register_tile

KEY = "notices"
MAY_SEE = "notices.view_notice"


def register() -> None:
    register_entry(
        Entry(
            key=KEY,
            title=_("Notices"),
            icon="mark_email_unread",
            link=lambda: reverse("notices_list"),
            permission=MAY_SEE,
            position=5,
        )
    )
    # What they are about has tiles of its own on the first page.
    register_tile(
        Tile(
            name="notices",
            label=_("Notices"),
            hint=_("unread"),
            permission=MAY_SEE,
            rows=lambda user: Notice.objects.shown_to(user).filter(is_unread=True),
            url=lambda: reverse("notices_list"),
            tone="blue",
            badge_on=KEY,
            on_home=False,
        )
    )

"""Keys that end soon, on the first page and as a badge in the side bar."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from procurement.access.queries import ending_in_use
from procurement.adminshow import list_url
from procurement.scoping import scoped
from procurement.tiles import Tile, register_tile

MAY_SEE = "access.view_apikey"


def register() -> None:
    register_tile(
        Tile(
            name="keys",
            label=_("API keys end soon"),
            hint=_("within two weeks, and still used"),
            permission=MAY_SEE,
            rows=lambda user: scoped(ending_in_use(timezone.now()), user),
            url=lambda: list_url("access_apikey", state="missed"),
            tone="amber",
            position=90,
            badge_on="access_apikey",
        )
    )

"""The first page: what waits for me, and which silences are alarms."""

from typing import Any

from django.http import HttpRequest

from procurement.alarms.showing import home_card
from procurement.orders.admin_home import fill_home


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what the first page shows to the theme's own context."""
    return fill_home(request, context) | home_card(request.user)

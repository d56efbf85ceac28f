"""The place of the calendar in the side bar."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from procurement.menu import BUYING, Entry, register_entry


def register() -> None:
    register_entry(
        Entry(
            key="calendar",
            title=_("Expected deliveries"),
            icon="calendar_month",
            link=lambda: reverse("calendar"),
            permission="orders.view_purchaseorder",
            group=BUYING,
        )
    )

"""Changing one's own choices."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from procurement.errors import InvalidInput
from procurement.preferences.choices import PAGE_SIZES, Choices, time_zones
from procurement.preferences.models import UserPreference


def change_preferences(
    *, actor: User, language: str, time_zone: str, page_size: int | None
) -> Choices:
    """Keep a person's own choices; an empty one goes back to what is usual.

    Raises:
        InvalidInput: something that is not offered; nothing was changed.
    """
    errors: dict[str, str] = {}
    if language and language not in dict(settings.LANGUAGES):
        errors["language"] = _("Choose one of the languages of the list.")
    if time_zone and time_zone not in time_zones():
        errors["time_zone"] = _(
            "There is no such time zone. Type a city and choose from the list, such "
            "as Europe/Stockholm."
        )
    if page_size is not None and page_size not in PAGE_SIZES:
        errors["page_size"] = _("Choose one of the numbers of the list.")
    if errors:
        raise InvalidInput(errors)
    chosen = Choices(language=language, time_zone=time_zone, page_size=page_size)
    stored: dict[str, Any] = chosen.stored()
    UserPreference.objects.update_or_create(user=actor, defaults=stored)
    return chosen


def choices_of(user: User) -> Choices:
    """A person's choices as they are stored."""
    names = ("language", "time_zone", "page_size")
    row = UserPreference.objects.filter(user=user).values(*names).first()
    return Choices.of(row or {})

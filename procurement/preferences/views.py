"""The page "My settings"."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from procurement.errors import InvalidInput
from procurement.preferences.choices import Choices, time_zones
from procurement.preferences.forms import ZONES, ReadingForm
from procurement.preferences.middleware import remember
from procurement.preferences.operations import change_preferences, choices_of
from procurement.preferences.sections import Section, sections

Filled = list[tuple[Section, forms.Form]]


def my_settings(request: HttpRequest) -> HttpResponse:
    """Show a person's own choices, and keep what they change."""
    user: Any = request.user
    data = request.POST if request.method == "POST" else None
    filled = [(each, each.form(user, data, prefix=each.name)) for each in sections()]
    # Each of them is asked, so that all faults are seen at once.
    are_valid = [form.is_valid() for _section, form in filled]
    if data is not None and all(are_valid) and _save(user, filled):
        return _saved(request, choices_of(user))
    context = {
        **admin.site.each_context(request),
        "title": _("My settings"),
        "sections": filled,
        "zones": time_zones(),
        "zones_id": ZONES,
        "now": timezone.localtime(),
    }
    return TemplateResponse(request, "admin/preferences/page.html", context)


def _save(user: User, filled: Filled) -> bool:
    """Save all sections or none; a refusal stands at its field."""
    try:
        with transaction.atomic():
            for section, form in filled:
                try:
                    section.save(user, form)
                except InvalidInput as invalid:
                    for name, text in invalid.errors.items():
                        form.add_error(name if name in form.fields else None, text)
                    raise
    except InvalidInput:
        return False
    return True


def _saved(request: HttpRequest, chosen: Choices) -> HttpResponse:
    remember(request, chosen)
    language = chosen.language or translation.get_language_from_request(request)
    with translation.override(language):
        messages.success(request, _("Your settings are saved."))
    return HttpResponseRedirect(reverse("my_settings"))


def reading_form(user: User, data: Any, **kwargs: Any) -> ReadingForm:
    initial = None if data is not None else choices_of(user).stored()
    return ReadingForm(data, initial=initial, **kwargs)


def save_reading(user: User, form: ReadingForm) -> None:
    change_preferences(actor=user, **form.cleaned_data)

"""Each person's language and time zone, for the pages people look at.

What machines read stays English and UTC. The choices are put into the session with
the login and for some minutes at a time, so that most requests read nothing for them,
and a change made in one browser reaches the others.
"""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from procurement.preferences.choices import Choices
from procurement.preferences.operations import choices_of

KEPT_AS = "preferences"
KEPT_SECONDS = 600
FOR_MACHINES = ("/api/", "/hooks/", "/healthz", "/readyz", "/metrics")

Respond = Callable[[HttpRequest], HttpResponse]


def activate_preferences(get_response: Respond) -> Respond:
    """Answer each request in the language and the zone of the person who asks."""

    def respond(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(FOR_MACHINES):
            with translation.override(settings.LANGUAGE_CODE):
                return get_response(request)
        chosen = _choices(request)
        request.preferences = chosen  # type: ignore[attr-defined]
        language = chosen.language or translation.get_language_from_request(request)
        with translation.override(language), timezone.override(chosen.zone):
            response = get_response(request)
            response.headers.setdefault("Content-Language", language)
            return response

    return respond


def remember(request: HttpRequest, chosen: Choices) -> None:
    """Keep the choices at hand for the requests to come."""
    now = int(time.time())
    request.session[KEPT_AS] = {**chosen.stored(), "read_at": now}


def remember_at_login(
    sender: object, request: HttpRequest, user: User, **kwargs: object
) -> None:
    remember(request, choices_of(user))


def _choices(request: HttpRequest) -> Choices:
    user: Any = request.user
    if not user.is_authenticated:
        return Choices()
    kept = request.session.get(KEPT_AS, {})
    if 0 <= time.time() - kept.get("read_at", 0) < KEPT_SECONDS:
        return Choices.of(kept)
    chosen = choices_of(user)
    remember(request, chosen)
    return chosen

"""Each request under an id of its own: in every line, in the answer, in what failed.

One line is written for each request that may have changed something, and for each that
failed on our side. Reads are left to the proxy's log, and to the figures.
"""

import logging
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from procurement.figures import web
from procurement.logs.ids import Given, about

logger = logging.getLogger("procurement.requests")

HEADER = "X-Request-ID"
WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
READS = ("GET", "HEAD", "OPTIONS")

Respond = Callable[[HttpRequest], HttpResponse]


def trace_requests(get_response: Respond) -> Respond:
    """Stands before all other middleware, so that what it says holds for them too."""

    def respond(request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        request_id = _given_id(request) or uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        with about(
            request_id=request_id,
            user=lambda: _user_of(request),
            key=lambda: _key_of(request),
        ):
            response = get_response(request)
            response.headers[HEADER] = request_id
            seconds = time.perf_counter() - began
            web.note(request, response.status_code, seconds)
            if _is_worth_a_line(request, response):
                _write_line(request, response, seconds)
        return response

    return respond


def _given_id(request: HttpRequest) -> str | None:
    """What our own proxy calls it; from anybody else it would be a made-up name."""
    if not settings.BEHIND_PROXY:
        return None
    given = request.headers.get(HEADER, "")
    return given if WELL_FORMED.fullmatch(given) else None


def _user_of(request: HttpRequest) -> int | None:
    """The key of whoever calls, if that is known already: a line costs no query."""
    user: Any = request.__dict__.get("user")
    if isinstance(user, SimpleLazyObject):
        user = request.__dict__.get("_cached_user")
    return None if user is None or isinstance(user, AnonymousUser) else user.pk


def _key_of(request: HttpRequest) -> str | None:
    """The public beginning of the API key."""
    return getattr(request.__dict__.get("auth"), "prefix", None)


def _is_worth_a_line(request: HttpRequest, response: HttpResponse) -> bool:
    if settings.LOG_REQUESTS == "none":
        return False
    return (
        settings.LOG_REQUESTS == "all"
        or request.method not in READS
        or response.status_code >= 500
    )


def _write_line(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    match = request.resolver_match
    number = match.kwargs.get("number", "") if match else ""
    more: dict[str, Given] = {"order": number} if str(number).startswith("PO-") else {}
    level = logging.WARNING if response.status_code >= 500 else logging.INFO
    with about(**more):
        # `/readyz` says 503 to whoever asks, every few seconds: no request has failed.
        if match and match.route == "readyz":
            level = logging.DEBUG
        logger.log(
            level,
            "%s %s: %s in %d ms",
            request.method,
            request.path,
            response.status_code,
            seconds * 1000,
            extra={
                "method": request.method,
                "path": request.path,
                "status": response.status_code,
                "duration_ms": round(seconds * 1000, 1),
            },
        )

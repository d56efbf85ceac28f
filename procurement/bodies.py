"""Bodies that come in pieces, without their length, and bodies that are too large.

Django takes a request without `Content-Length` for one without a body. A call sent in
pieces (`Transfer-Encoding: chunked`) would be made without what it says, in silence.

The bodies of forms it reads to their end before anybody is known to be logged in, files
onto the disk, however large. So what is too large for its address is refused unread.
"""

from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

MAX_BODY_BYTES = 1_000_000
MAX_FORM_BYTES = 6_000_000
"""Of a form with its file; the largest file but price files has 5,000,000."""
ROOM_FOR_FIELDS = 100_000
OF_PROGRAMS = ("/api/", "/hooks/")
"""Browsers send nothing in pieces."""

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


def whole_bodies(application: Application) -> Application:
    """Have such bodies read before Django looks; one byte more than they may have."""

    def respond(environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        is_for_programs = environ.get("PATH_INFO", "").startswith(OF_PROGRAMS)
        if is_for_programs and _is_in_pieces(environ):
            body = environ["wsgi.input"].read(MAX_BODY_BYTES + 1)
            environ["wsgi.input"] = BytesIO(body)
            environ["CONTENT_LENGTH"] = str(len(body))
        return application(environ, start)

    return respond


def _is_in_pieces(environ: Environ) -> bool:
    # Only a server that knows where the body ends may be asked to read to its end.
    is_chunked = environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked"
    return is_chunked and bool(environ.get("wsgi.input_terminated"))


def refuse_large_bodies(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse a form larger than its address takes, before a byte of it is read.

    Calls of programs are left alone: the views of those addresses read their own
    bodies, and no further than they take.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        if request.path.startswith(OF_PROGRAMS):
            return get_response(request)
        most = _most(request.path)
        if _announced(request) <= most:
            return get_response(request)
        return render(request, "too_large.html", {"most": f"{most:,}"}, status=413)

    return respond


def _most(path: str) -> int:
    if path.startswith("/admin/") and path == reverse("admin:catalogue_pricefile_add"):
        return int(settings.PRICE_FILE_MAX_BYTES) + ROOM_FOR_FIELDS
    return MAX_FORM_BYTES


def _announced(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0

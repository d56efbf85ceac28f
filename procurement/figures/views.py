"""The page Prometheus reads."""

import hmac

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from procurement.bounded import Bounded, Hangs
from procurement.figures import page

ANSWER_SECONDS = 8.0
"""A little less than Prometheus waits. A database that hangs must not take one thread
of the web server after another."""


@require_safe
@never_cache
def figures(request: HttpRequest) -> HttpResponse:
    """All figures, to whoever has the token; to everybody if there is none."""
    if not _may_read(request):
        return HttpResponse(
            "A token is needed.\n",
            status=401,
            content_type="text/plain; charset=utf-8",
            headers={"WWW-Authenticate": 'Bearer realm="metrics"'},
        )
    try:
        text = _read()
    except Hangs:
        return HttpResponse(
            "The database does not answer.\n",
            status=503,
            content_type="text/plain; charset=utf-8",
        )
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


_read = Bounded(page.text, seconds=ANSWER_SECONDS)


def _may_read(request: HttpRequest) -> bool:
    token: str = settings.METRICS_TOKEN
    if not token:
        return True
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    # Compared as bytes, since texts beyond ASCII can't be compared in constant time.
    is_same = hmac.compare_digest(given.strip().encode(), token.encode())
    return scheme.lower() == "bearer" and is_same

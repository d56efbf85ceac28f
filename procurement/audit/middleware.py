"""Who is at work, for the trail; and every file that leaves the house."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from procurement import trail

FORMS = "_template"
"""Of addresses that hand out an empty form to fill in."""


def follow_requests(
    get_response: Callable[[HttpRequest], Any],
) -> Callable[[HttpRequest], Any]:
    """What is recorded meanwhile is done by whoever sent the request.

    A file handed out as an attachment is an entry, whatever page it comes from: no
    export has to think of it.
    """

    def answer(request: HttpRequest) -> Any:
        with trail.answering(request):
            response = get_response(request)
            if name := _fetched(request, response):
                trail.record(
                    "export.fetched", subject_text=name, details={"page": request.path}
                )
            return response

    return answer


def _fetched(request: HttpRequest, response: Any) -> str:
    """The name of the file, if one is handed out to somebody."""
    disposition: str = response.headers.get("Content-Disposition", "")
    if request.method == "HEAD" or not disposition.startswith("attachment"):
        return ""
    match = request.resolver_match
    if match is None or (match.url_name or "").endswith(FORMS):
        return ""
    if response.status_code != 200 or not request.user.is_authenticated:
        return ""
    _, _, name = disposition.partition("filename=")
    return name.strip('"') or disposition.partition(";")[2].strip() or request.path

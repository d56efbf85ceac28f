"""What people see where there is nothing, or where something went wrong.

Both pages are made without the database, which may be what went wrong. They show the
id under which the log has the request.
"""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import translation

from procurement.logs.ids import request_id

STYLESHEET = "procurement/error_page.css"


def not_found_page(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, "404.html", 404)


def failed_page(request: HttpRequest) -> HttpResponse:
    return _page(request, "500.html", 500)


def _page(request: HttpRequest, template: str, status: int) -> HttpResponse:
    context = {"request_id": request_id(), "stylesheet": _stylesheet()}
    # What failed may have been what activates the person's own language.
    with translation.override(
        translation.get_language() or translation.get_language_from_request(request)
    ):
        return HttpResponse(render_to_string(template, context), status=status)


def _stylesheet() -> str:
    try:
        return static(STYLESHEET)
    except ValueError:
        # Collected files that lack it: a plain page is better than none.
        return ""

"""What every answer tells the browser that it must not do.

Pages get the policy in the settings (`CONTENT_SECURITY_POLICY`); whatever is no page
gets one under which nothing in it could run, be loaded or be framed. A view that has
set one of these headers itself keeps what it set.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from csp.constants import NONE
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_cache_control

Respond = Callable[[HttpRequest], HttpResponse]

OF_EVERY_ANSWER = {
    # Passkeys are left as they are: the login uses them.
    "Permissions-Policy": ", ".join(
        f"{feature}=()"
        for feature in (
            *("accelerometer", "autoplay", "bluetooth", "browsing-topics", "camera"),
            *("display-capture", "encrypted-media", "geolocation", "gyroscope"),
            *("hid", "magnetometer", "microphone", "midi", "payment"),
            *("screen-wake-lock", "serial", "usb", "xr-spatial-tracking"),
        )
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Permitted-Cross-Domain-Policies": "none",
}
NOTHING = {"default-src": [NONE], "frame-ancestors": [NONE], "base-uri": [NONE]}
"""The policy of answers that are no pages."""
SHOWN_BY_THE_BROWSER = ("application/pdf",)
"""Kinds a browser shows by pages of its own, which a policy would take apart."""


class ContentSecurityPolicy(CSPMiddleware):
    """django-csp's, with pages and everything else told apart."""

    def get_policy_parts(
        self,
        request: HttpRequest,
        response: HttpResponseBase,
        report_only: bool = False,
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
        if (
            parts.config
            or report_only
            or kind in ("text/html", "application/xhtml+xml")
        ):
            return parts
        if kind in SHOWN_BY_THE_BROWSER:
            return PolicyParts(config={"frame-ancestors": [NONE]})
        return PolicyParts(config=dict(NOTHING))


def add_headers(get_response: Respond) -> Respond:
    """Add what is the same for every answer, static files among them."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in OF_EVERY_ANSWER.items():
            response.headers.setdefault(name, value)
        return response

    return respond


def keep_out_of_caches(get_response: Respond) -> Respond:
    """Say of what is made for somebody that it is kept nowhere.

    What can be asked for again by its `ETag` may be kept by the one who asked, and
    is asked for each time.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not response.has_header("Cache-Control"):
            if response.has_header("ETag"):
                patch_cache_control(response, private=True, no_cache=True)
            else:
                patch_cache_control(response, no_store=True)
        return response

    return respond


def leave_by_a_page(get_response: Respond) -> Respond:
    """Send browsers on to other hosts by a page, where a form's post would lead there.

    Browsers hold each redirect after a post against `form-action`, and nobody knows
    by which hosts a shop or an identity provider sends people on. With a page between
    them the policy need not name any. Programs get the redirect.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.method != "POST" or not 301 <= response.status_code <= 308:
            return response
        address = response.headers.get("Location", "")
        host = urlsplit(address).netloc
        is_browser = request.headers.get("Sec-Fetch-Mode") == "navigate"
        if not host or host == request.get_host() or not is_browser:
            return response
        page = render(request, "leaving.html", {"address": address, "host": host})
        for name, value in response.headers.items():
            if name not in ("Location", "Content-Type", "Content-Length"):
                page.headers[name] = value
        page.cookies = response.cookies
        return page

    return respond


def policy() -> dict[str, list[str]]:
    """The directives pages have, as they are set."""
    found: dict[str, list[str]] = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    return found

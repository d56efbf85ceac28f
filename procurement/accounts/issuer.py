"""Talking to the issuer of single sign-on, and what is said when that fails."""

import hashlib
import logging
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from procurement.access.callers import read_address
from procurement.accounts import signals

logger = logging.getLogger(__name__)

CONNECT_SECONDS, READ_SECONDS = 5, 10
MOST_BYTES = 1_000_000
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class IssuerUnusable(requests.RequestException):
    """What the issuer says of itself won't do."""


def is_set_up() -> bool:
    return bool(settings.OIDC_ISSUER and settings.OIDC_CLIENT_ID)


def provider_id() -> str:
    """The name links are kept by: keys of one issuer mean nothing to another."""
    name = settings.OIDC_ISSUER.rstrip("/").encode()
    return f"oidc-{hashlib.sha256(name).hexdigest()[:16]}"


class IssuerSession(requests.Session):
    """Calls with an end, to addresses that are safe to call, and to no others."""

    def request(  # type: ignore[override]
        self, method: str, url: str, **kwargs: Any
    ) -> requests.Response:
        require_safe(url)
        kwargs["timeout"] = (CONNECT_SECONDS, READ_SECONDS)
        # A redirect could lead to plain http, or into our own network.
        kwargs["allow_redirects"] = False
        answer = super().request(method, url, stream=True, **kwargs)
        body = answer.raw.read(MOST_BYTES + 1, decode_content=True)
        if len(body) > MOST_BYTES:
            raise IssuerUnusable("The issuer's answer is too long.")
        answer._content = body
        return answer


def require_safe(url: str) -> None:
    """Refuse an address that is not https, but for this machine where that is allowed.

    Raises:
        IssuerUnusable: it won't do.
    """
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and settings.ALLOW_INSECURE_LOOPBACK:
        host = parts.hostname or ""
        address = read_address(host)
        if host == "localhost" or (address is not None and address.is_loopback):
            return
    raise IssuerUnusable("An address of the issuer does not begin with https://.")


def checked_discovery(found: Any) -> dict[str, Any]:
    """What the issuer says of itself, if it is the one that was asked.

    Raises:
        IssuerUnusable: it is another's, or lacks an address.
    """
    if not isinstance(found, dict):
        raise IssuerUnusable("The issuer's configuration is no JSON object.")
    if str(found.get("issuer", "")).rstrip("/") != settings.OIDC_ISSUER.rstrip("/"):
        raise IssuerUnusable("The configuration is of another issuer than OIDC_ISSUER.")
    for name in ENDPOINTS:
        if not isinstance(found.get(name), str):
            raise IssuerUnusable(f"The issuer's configuration lacks {name}.")
        require_safe(found[name])
    return found


# --- what is said -----------------------------------------------------------------


def unreachable_text() -> str:
    return _(
        "%(name)s can't be reached, or is not set up rightly. Try again in some "
        "minutes, and tell an administrator if it stays so. Whoever may log in with a "
        "password still can."
    ) % {"name": settings.OIDC_NAME}


def unusable_text() -> str:
    return _(
        "The answer of %(name)s did not stand the test, so nobody was logged in. Begin "
        "again, and tell an administrator if it stays so."
    ) % {"name": settings.OIDC_NAME}


def refused(
    request: HttpRequest, text: str, code: str, *, detail: str = ""
) -> HttpResponse:
    """The page that says why nobody was logged in."""
    from django.contrib import admin

    logger.warning("Single sign-on refused: %s %s", code, detail)
    signals.single_sign_on_refused.send(
        sender=__name__, request=request, username="", reason=code
    )
    context = {
        **admin.site.each_context(request),
        "title": _("You are not logged in"),
        "why": text,
    }
    status = 502 if code == "unreachable" else 403
    return TemplateResponse(
        request, "accounts/refused.html", context, status=status
    ).render()

"""Which requests of a session are answered: not after its end, and not without the
second factor its person must have.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows import reauthentication
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from procurement.accounts import sessions
from procurement.accounts.factors import has_factor, must_by_role
from procurement.accounts.models import Means
from procurement.accounts.sessions import WHY_ENDED, Stamp

FOR_MACHINES = ("/api/v1/", "/hooks/", "/healthz", "/readyz", "/metrics")
OPEN = ("/account/", "/admin/login/", "/admin/logout/", "/admin/jsi18n/")
"""What somebody reaches who has yet to set up a second factor."""
GRAVE = {
    "admin:access_apikey_add",
    "admin:access_apikey_replace",
    "accounts_person_act",
}
"""Pages before which people prove again who they are, unless they just have."""

Respond = Callable[[HttpRequest], HttpResponse]


def keep_sessions(get_response: Respond) -> Respond:
    """End a session whose time is over, and note that the others are used."""

    def respond(request: HttpRequest) -> HttpResponse:
        user = _person(request)
        if user is not None:
            if why := sessions.why_ended(request):
                logout(request)
                request.session[WHY_ENDED] = why
            else:
                request.login_stamp = sessions.touch(request, user)  # type: ignore[attr-defined]
        return get_response(request)

    return respond


class guard_pages:
    """Lead whoever must have a second factor, and has none, to where it is set up."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = _person(request)
        if user is not None and not request.path.startswith(OPEN):
            stamp: Stamp | None = getattr(request, "login_stamp", None)
            if stamp is not None and lacks_factor(request, user, stamp):
                return HttpResponseRedirect(reverse("mfa_index"))
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or match.view_name not in GRAVE:
            return None
        if _person(request) is None or not _must_prove(request):
            return None
        methods = get_adapter().get_reauthentication_methods(request.user)
        if not methods:
            return None
        # The form of a POST is not kept for afterwards: it may hold secrets.
        goal = urlencode({"next": request.get_full_path()})
        return HttpResponseRedirect(f"{methods[0]['url']}?{goal}")


def lacks_factor(request: HttpRequest, user: Any, stamp: Stamp) -> bool:
    """Whether somebody must have a second factor and has none."""
    if stamp.has_factor:
        return False
    if stamp.means == Means.SINGLE_SIGN_ON and settings.OIDC_SECOND_FACTOR:
        return False
    if not (stamp.is_break_glass or must_by_role(user)):
        return False
    if not has_factor(user):
        return True
    stamp.has_factor = True
    stamp.keep(request)
    return False


def _must_prove(request: HttpRequest) -> bool:
    return bool(
        reauthentication.is_reauthentication_required(request, app="procurement")
    )


def _person(request: HttpRequest) -> Any:
    """Who is logged in, where that is asked at all."""
    if request.path.startswith(FOR_MACHINES):
        return None
    # Without a cookie there is no session, and the answer need not vary by it.
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return None
    return request.user if request.user.is_authenticated else None

"""The login, its second step, and single sign-on: the pages before the session."""

from typing import Any

from allauth.account.internal.flows.logout import logout as leave_login
from allauth.account.views._login import LoginView as LibraryLoginView
from allauth.mfa.base.views import AuthenticateView
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.views import (
    OAuth2CallbackView,
    OAuth2LoginView,
)
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from requests import RequestException

from procurement.accounts import issuer
from procurement.accounts.forms import LoginForm
from procurement.accounts.provider import IssuerAdapter
from procurement.accounts.sessions import WHY_ENDED
from procurement.texts import Text, gettext_lazy


class Page:
    """What every page of the admin is given."""

    title: Text = ""
    request: HttpRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return {
            **admin.site.each_context(self.request),
            "title": self.title,
            **context,
        }


class LoginView(Page, LibraryLoginView):  # type: ignore[misc]
    template_name = "accounts/login.html"
    title = gettext_lazy("Log in")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        # Somebody logged in who may not enter would be sent here and back for ever.
        if request.user.is_authenticated and not request.user.is_staff:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_form_class(self) -> type[LoginForm]:
        return LoginForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {
            **context,
            "why_ended": _why_ended(self.request),
            "sso_name": settings.OIDC_NAME if issuer.is_set_up() else "",
            "is_sso_required": settings.SSO_REQUIRED,
        }


def _why_ended(request: HttpRequest) -> str:
    match request.session.pop(WHY_ENDED, ""):
        case "idle":
            return _("You were logged out, since nothing was done for a long time.")
        case "hours":
            return _("You were logged out, since your login was long ago.")
    return ""


class FactorView(Page, AuthenticateView):  # type: ignore[misc]
    """The second step of the login."""

    template_name = "accounts/factor.html"
    title = gettext_lazy("Second factor")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        types = set(
            self.stage.login.user.authenticator_set.values_list("type", flat=True)
        )
        return {
            **context,
            "has_codes": bool(types - {"webauthn"}),
            "has_app": "totp" in types,
            "has_passkey": "webauthn" in types,
        }


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Give up a login that has not come to its end, or log out."""
    leave_login(request)
    return HttpResponseRedirect(reverse("admin:login"))


@never_cache
def inactive(request: HttpRequest) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": _("You are not logged in"),
        "why": _("Your account is switched off here. Ask an administrator."),
    }
    return TemplateResponse(request, "accounts/refused.html", context, status=403)


# --- single sign-on ---------------------------------------------------------------


class _CallbackView(OAuth2CallbackView):  # type: ignore[misc]
    def _get_state(self, request: HttpRequest, provider: Any) -> Any:
        state, answer = super()._get_state(request, provider)
        if state is not None:
            self.adapter.nonce = state.get("nonce", "")
        return state, answer


@require_POST
@never_cache
def sso_login(request: HttpRequest) -> HttpResponse:
    """Send the browser to the issuer."""
    return _with_issuer(request, OAuth2LoginView)


@require_GET
@never_cache
def sso_callback(request: HttpRequest) -> HttpResponse:
    """Take what the issuer sends the browser back with."""
    answer = _with_issuer(request, _CallbackView)
    answer["Referrer-Policy"] = "no-referrer"
    return answer


def _with_issuer(request: HttpRequest, view: Any) -> HttpResponse:
    if not issuer.is_set_up():
        raise Http404(_("There is no single sign-on here."))
    adapter = IssuerAdapter(request, issuer.provider_id())
    try:
        answer: HttpResponse = view.adapter_view(adapter)(request)
    except SocialApp.DoesNotExist:
        raise Http404(_("There is no single sign-on here.")) from None
    except (RequestException, ValueError) as fault:
        return issuer.refused(
            request,
            issuer.unreachable_text(),
            "unreachable",
            detail=type(fault).__name__,
        )
    return answer

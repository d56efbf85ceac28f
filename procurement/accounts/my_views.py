"""What people look after themselves: second factors, and where they are logged in."""

from typing import Any

from allauth.account.views._reauthenticate import ReauthenticateView
from allauth.mfa.base.views import ReauthenticateView as LibraryCodeAgainView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import (
    GenerateRecoveryCodesView,
    ViewRecoveryCodesView,
)
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from procurement.accounts import factors, issuer, sessions
from procurement.accounts.forms import AgainForm
from procurement.accounts.middleware import lacks_factor
from procurement.accounts.views import Page
from procurement.errors import OperationNotAllowed
from procurement.texts import gettext_lazy


@never_cache
@login_required
def my_login(request: HttpRequest) -> HttpResponse:
    """A person's own factors and sessions; all there is for who lacks a factor."""
    user: Any = request.user
    stamp = getattr(request, "login_stamp", None)
    mine = factors.shown(user)
    context = {
        **admin.site.each_context(request),
        "title": _("My login"),
        "app": next((each for each in mine if each.kind == "totp"), None),
        "passkeys": [each for each in mine if each.kind == "webauthn"],
        "codes": _codes_left(user),
        "lacks_factor": stamp is not None and lacks_factor(request, user, stamp),
        "must_have": factors.must_have_factor(user),
        "sessions": sessions.sessions_of(user),
        "this_key": request.session.session_key,
        "idle_minutes": settings.SESSION_IDLE_MINUTES,
        "sso_name": settings.OIDC_NAME if issuer.is_set_up() else "",
        "links": SocialAccount.objects.filter(user=user, provider=issuer.provider_id()),
    }
    return TemplateResponse(request, "accounts/my_login.html", context)


def _codes_left(user: Any) -> int | None:
    row = Authenticator.objects.filter(
        user=user, type=Authenticator.Type.RECOVERY_CODES
    ).first()
    if row is None:
        return None
    used = int(row.data.get("used_mask", 0)).bit_count()
    return 10 - used


@login_required
@require_POST
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    user: Any = request.user
    try:
        sessions.end_session(session_id=session_id, actor=user)
    except OperationNotAllowed as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, _("That session has ended."))
    return HttpResponseRedirect(reverse("mfa_index"))


@login_required
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    count = sessions.end_sessions(
        user=user,
        actor=user,
        reason="ended by the person",
        but=request.session.session_key,
    )
    text = ngettext(
        "%(count)s other session has ended.",
        "%(count)s other sessions have ended.",
        count,
    )
    messages.success(request, text % {"count": count})
    return HttpResponseRedirect(reverse("mfa_index"))


# --- second factors ---------------------------------------------------------------


class NewAppView(Page, ActivateTOTPView):  # type: ignore[misc]
    template_name = "accounts/new_app.html"
    title = gettext_lazy("Set up an authenticator app")


class RemoveAppView(Page, DeactivateTOTPView):  # type: ignore[misc]
    template_name = "accounts/remove_factor.html"
    title = gettext_lazy("Remove the authenticator app")


class NewPasskeyView(Page, AddWebAuthnView):  # type: ignore[misc]
    template_name = "accounts/new_passkey.html"
    title = gettext_lazy("Add a passkey")


class RemovePasskeyView(Page, RemoveWebAuthnView):  # type: ignore[misc]
    template_name = "accounts/remove_factor.html"
    title = gettext_lazy("Remove a passkey")

    def form_valid(self, form: Any) -> HttpResponse:
        if factors.is_last_needed(self.get_object()):
            text = _(
                "You must have a second factor, and this is your last one. Set up "
                "another first."
            )
            messages.error(self.request, text)
            return HttpResponseRedirect(reverse("mfa_index"))
        answer: HttpResponse = super().form_valid(form)
        return answer


class CodesView(Page, ViewRecoveryCodesView):  # type: ignore[misc]
    template_name = "accounts/codes.html"
    title = gettext_lazy("Recovery codes")


class NewCodesView(Page, GenerateRecoveryCodesView):  # type: ignore[misc]
    template_name = "accounts/new_codes.html"
    title = gettext_lazy("New recovery codes")


# --- once more --------------------------------------------------------------------


class PasswordAgainView(Page, ReauthenticateView):  # type: ignore[misc]
    template_name = "accounts/again.html"
    title = gettext_lazy("Is it you?")

    def get_form_class(self) -> type[AgainForm]:
        return AgainForm


class CodeAgainView(Page, LibraryCodeAgainView):  # type: ignore[misc]
    template_name = "accounts/again.html"
    title = gettext_lazy("Is it you?")


class PasskeyAgainView(Page, ReauthenticateWebAuthnView):  # type: ignore[misc]
    template_name = "accounts/again_passkey.html"
    title = gettext_lazy("Is it you?")

    def form_invalid(self, form: Any) -> HttpResponse:
        for text in form.errors.get("credential", []):
            messages.error(self.request, text)
        return HttpResponseRedirect(self.request.get_full_path())


@login_required
def again_by_sso(request: HttpRequest) -> HttpResponse:
    """Offer the way through the issuer to who has no other proof."""
    goal = request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(goal, {request.get_host()})
    context = {
        **admin.site.each_context(request),
        "title": _("Is it you?"),
        "sso_name": settings.OIDC_NAME,
        "goal": goal if is_ours else "",
    }
    return TemplateResponse(request, "accounts/again_by_sso.html", context)

"""Where django-allauth asks how things are here."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import AuthError
from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.signals import user_login_failed
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from requests import RequestException

from procurement.access.callers import client_address
from procurement.accounts import factors, issuer, matching, sessions, throttling
from procurement.accounts.throttling import LockedOut
from procurement.errors import OperationNotAllowed
from procurement.secrets import decrypt, encrypt
from procurement.texts import gettext_lazy


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Logins by password."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return str(client_address(request) or "unknown")

    def add_message(self, request: Any, level: Any, *args: Any, **kwargs: Any) -> None:
        """Nothing is said of what the next page shows anyway."""
        template = args[0] if args else kwargs.get("message_template", "")
        if not str(template or "").startswith(("account/messages/log", "mfa/")):
            super().add_message(request, level, *args, **kwargs)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """The person of a name and a password, or None, for whatever reason.

        Raises:
            ValidationError: too many tries have failed; the password was not looked at.
        """
        username: str = credentials.get("username") or ""
        subjects = throttling.subjects_of(request, username)
        try:
            throttling.charge(subjects)
        except LockedOut as locked:
            _failed(request, username)
            raise ValidationError(locked.text, code="locked_out") from None
        password = credentials.get("password") or ""
        user = authenticate(request, username=username, password=password)
        if user is None:
            return None
        if not may_use_password(user):
            _failed(request, username)
            return None
        throttling.take_back(subjects)
        return user

    def get_login_stages(self) -> list[str]:
        return ["procurement.accounts.stages.FactorStage"]

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if user.is_authenticated and not may_use_password(user):
            methods = [each for each in methods if each["id"] != "reauthenticate"]
        if methods or not user.is_authenticated or not issuer.is_set_up():
            return methods
        return [
            {
                "id": "single_sign_on",
                "description": _("Log in again with %(name)s")
                % {"name": settings.OIDC_NAME},
                "url": reverse("accounts_again_by_sso"),
            }
        ]

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Not within some minutes of the login itself."""
        age = sessions.login_age(context.request)
        return age > settings.REAUTHENTICATION_SECONDS


def may_use_password(user: Any) -> bool:
    """Whether a person may log in with a password at all."""
    if not user.is_staff:
        return False
    return not settings.SSO_REQUIRED or factors.is_break_glass(user)


def _failed(request: HttpRequest, username: str) -> None:
    """Tell of a login that failed before or after its password was looked at."""
    user_login_failed.send(
        sender=__name__, credentials={"username": username}, request=request
    )


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy(
            "This code is not right. Enter the one shown now."
        ),
    }

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)

    def get_totp_issuer(self) -> str:
        return str(settings.INSTALLATION_NAME)

    def get_totp_label(self, user: Any) -> str:
        return str(user.get_username())

    def _get_site_name(self) -> str:
        return str(settings.INSTALLATION_NAME)

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        return not factors.is_last_needed(authenticator)


class SingleSignOnAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Logins through the issuer."""

    def list_apps(
        self, request: Any, provider: Any = None, client_id: Any = None
    ) -> list[Any]:
        """The one of the settings; none is made in the database."""
        if not issuer.is_set_up():
            return []
        app = SocialApp(
            provider="sso",
            provider_id=issuer.provider_id(),
            name=settings.OIDC_NAME,
            client_id=settings.OIDC_CLIENT_ID,
            secret=settings.OIDC_CLIENT_SECRET,
            settings={"server_url": settings.OIDC_ISSUER},
        )
        return [app] if provider in (None, app.provider, app.provider_id) else []

    def get_requests_session(self) -> issuer.IssuerSession:
        return issuer.IssuerSession()

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Find out who it is; nobody is left for allauth to sign up."""
        try:
            user, account = matching.person_of(
                provider=sociallogin.account.provider,
                uid=sociallogin.account.uid,
                claims=sociallogin.claims,
            )
        except OperationNotAllowed as refusal:
            raise ImmediateHttpResponse(
                issuer.refused(request, refusal.text, refusal.code)
            ) from None
        sociallogin.user, sociallogin.account = user, account

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Any = None,
        extra_context: Any = None,
    ) -> None:
        name = settings.OIDC_NAME
        if error == AuthError.CANCELLED:
            text, code = _("You did not log in at %(name)s."), "cancelled"
        elif isinstance(exception, RequestException):
            text, code = issuer.unreachable_text(), "unreachable"
        elif exception is not None:
            text, code = issuer.unusable_text(), "unusable"
        elif "error" in request.GET:
            text = _("%(name)s did not log you in. Ask those who look after it.")
            code = "refused_there"
        else:
            text = _(
                "The login at %(name)s took too long, or was begun in another window. "
                "Begin again."
            )
            code = "no_state"
        raise ImmediateHttpResponse(
            issuer.refused(
                request, text % {"name": name}, code, detail=repr_of(exception)
            )
        )


def repr_of(exception: Any) -> str:
    """What a log may say of it: an answer's words could hold a token."""
    return type(exception).__name__ if exception is not None else ""

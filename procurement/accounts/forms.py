"""The forms of the login and of second factors."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from unfold.forms import AuthenticationForm

from procurement.accounts import throttling
from procurement.accounts.throttling import LockedOut
from procurement.adminbase import LongTextWidget, TextWidget
from procurement.errors import InvalidInput
from procurement.secrets import SecretUnreadable, decrypt, encrypt
from procurement.texts import gettext_lazy


class LoginForm(AuthenticationForm):  # type: ignore[misc]
    """User name and password; what is wrong is never said more closely."""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = self.cleaned_data
        if "username" in data and "password" in data:
            self.user_cache = get_adapter().authenticate(
                self.request, username=data["username"], password=data["password"]
            )
            if self.user_cache is None:
                raise ValidationError(wrong_text(), code="invalid_login")
        return data

    def login(self, request: HttpRequest, redirect_url: str | None) -> HttpResponse:
        """Go on to the second factor, or to where the person wanted to."""
        login = Login(user=self.user_cache, redirect_url=redirect_url)
        credentials = {"username": self.user_cache.get_username()}
        answer: HttpResponse = perform_password_login(request, credentials, login)
        return answer


def wrong_text() -> str:
    if settings.SSO_REQUIRED:
        return _(
            "That did not work. Passwords are for break-glass accounts alone; log in "
            "with %(name)s."
        ) % {"name": settings.OIDC_NAME}
    return _("User name or password is wrong. Mind small and capital letters in both.")


# --- second factors ---------------------------------------------------------------


@contextmanager
def _counted(user: Any) -> Iterator[None]:
    """Count a try with a second factor as one with the password is counted."""
    request = context.request
    subjects = throttling.subjects_of(request, user.get_username())
    try:
        throttling.charge(subjects)
    except LockedOut as locked:
        raise ValidationError(locked.text, code="locked_out") from None
    yield
    throttling.take_back(subjects)


class _CodeMixin(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code = self.fields["code"]
        code.label = _("Code")
        code.widget = TextWidget(
            {"autocomplete": "one-time-code", "autofocus": "", "spellcheck": "false"}
        )


class _Counted(_CodeMixin):
    user: Any

    def clean_code(self) -> str:
        with _counted(self.user):
            code: str = super().clean_code()  # type: ignore[misc]
        return code


class CodeForm(_Counted, AuthenticateForm):  # type: ignore[misc]
    pass


class CodeAgainForm(_Counted, ReauthenticateForm):  # type: ignore[misc]
    pass


class PasskeyForm(AuthenticateWebAuthnForm):  # type: ignore[misc]
    def clean_credential(self) -> Any:
        with _counted(self.user):
            return super().clean_credential()


class PasskeyAgainForm(ReauthenticateWebAuthnForm):  # type: ignore[misc]
    def clean_credential(self) -> Any:
        with _counted(self.user):
            return super().clean_credential()


class NewAppForm(_CodeMixin, ActivateTOTPForm):  # type: ignore[misc]
    """Its secret waits in the session for the first code, encrypted as later."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        session = context.request.session
        kept = session.get(totp.SECRET_SESSION_KEY, "")
        try:
            known = decrypt(kept) if kept else ""
        except SecretUnreadable:
            known = ""
        session[totp.SECRET_SESSION_KEY] = known
        super().__init__(*args, **kwargs)
        session[totp.SECRET_SESSION_KEY] = encrypt(self.secret)


class NewPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = self.fields["name"]
        name.label = _("Name of the passkey")
        name.help_text = _("Such as the device it is kept on.")
        name.max_length = 60
        name.widget = TextWidget({"maxlength": "60"})


class AgainForm(forms.Form):
    """The password once more, before something grave."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput(
            attrs={"autocomplete": "current-password", "autofocus": ""}
        ),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        widget = self.fields["password"].widget
        widget.attrs["class"] = TextWidget().attrs.get("class", "")

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not get_adapter().reauthenticate(self.user, password):
            raise ValidationError(_("The password is wrong."), code="wrong")
        return password


class ReasonForm(forms.Form):
    """Why something is done; the operation says what will not do."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        widget=LongTextWidget(attrs={"rows": 2}),
        required=False,
    )

    def refuse(self, refusal: InvalidInput) -> None:
        self.is_valid()
        for name, text in refusal.errors.items():
            self.add_error(name if name in self.fields else None, text)

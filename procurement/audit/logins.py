"""Logins, second factors and passwords."""

from importlib import import_module
from typing import Any

from django.contrib.auth import get_user_model, signals
from django.db import DatabaseError, transaction
from django.dispatch import Signal
from django.http import HttpRequest

from procurement import trail
from procurement.trail import Outcome

_ID = "procurement.audit.logins"
LONGEST_TYPED = 60


def connect() -> None:
    signals.user_logged_in.connect(_logged_in, dispatch_uid=_ID)
    signals.user_logged_out.connect(_logged_out, dispatch_uid=_ID)
    signals.user_login_failed.connect(_login_failed, dispatch_uid=_ID)
    account = import_module("allauth.account.signals")
    account.password_reset.connect(_password_reset, dispatch_uid=_ID)
    account.email_changed.connect(_email_changed, dispatch_uid=_ID)
    for signal, receiver in _of_factors():
        signal.connect(receiver, dispatch_uid=_ID)


def _of_factors() -> list[tuple[Signal, Any]]:
    try:
        factors = import_module("allauth.mfa.signals")
    except (ImportError, RuntimeError):
        # Its models can't be read before the app is installed.
        return []
    return [
        (factors.authenticator_added, _factor("factor.added")),
        (factors.authenticator_removed, _factor("factor.removed")),
        (factors.authenticator_reset, _factor("factor.reset")),
        (factors.authentication_failed, _factor("factor.failed", Outcome.FAILED)),
    ]


def _logged_in(sender: Any, request: HttpRequest, user: Any, **more: Any) -> None:
    trail.record("login.done", actor=user, subject=user, request=request)


def _logged_out(
    sender: Any, request: HttpRequest | None, user: Any, **more: Any
) -> None:
    if user is not None:
        trail.record("login.out", actor=user, subject=user, request=request)


def _login_failed(
    sender: Any,
    credentials: dict[str, Any],
    request: HttpRequest | None = None,
    **more: Any,
) -> None:
    """By nobody: whoever tried is not known, only what name was typed.

    A password typed into the wrong field is kept out: a name nobody has is shortened
    to its beginning.
    """
    typed = str(credentials.get(get_user_model().USERNAME_FIELD) or "")
    typed = typed or str(credentials.get("email") or "")
    try:
        with transaction.atomic():
            known = get_user_model()._default_manager.filter(username=typed).first()
            trail.record(
                "login.failed",
                subject=known,
                subject_text="" if known else f"{typed[:2]}… ({len(typed)})",
                outcome=Outcome.FAILED,
                request=request,
            )
    except DatabaseError:
        # Whoever logs in is told of a wrong password, not of this.
        pass


def _password_reset(sender: Any, request: HttpRequest, user: Any, **more: Any) -> None:
    trail.record("password.reset", actor=user, subject=user, request=request)


def _email_changed(sender: Any, request: HttpRequest, user: Any, **more: Any) -> None:
    trail.record("email.changed", actor=user, subject=user, request=request)


def _factor(kind: str, outcome: Outcome = Outcome.DONE) -> Any:
    def receiver(
        sender: Any, request: HttpRequest | None, user: Any, **more: Any
    ) -> None:
        authenticator = more.get("authenticator")
        factor = str(getattr(authenticator, "type", "") or "")
        trail.record(
            kind,
            subject=user,
            details={"factor": factor} if factor else {},
            outcome=outcome,
            request=request,
        )

    # Signals hold receivers weakly.
    _kept.append(receiver)
    return receiver


_kept: list[Any] = []

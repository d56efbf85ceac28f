"""What is done to logins, in the audit trail."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models.signals import post_save
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from procurement import trail
from procurement.accounts import signals
from procurement.accounts.models import AccountEvent, AccountEventKind, BreakGlassUse
from procurement.secretplaces import MemberPlace
from procurement.secretplaces import register as register_place
from procurement.trail import Outcome

GROUP = "accounts"


def connect() -> None:
    trail.register(
        GROUP,
        _("Help with logins"),
        {
            **{f"account.{kind.value}": kind.label for kind in AccountEventKind},
            "account.break_glass_used": _("Break-glass account used"),
            "account.break_glass_seen": _("Use of a break-glass account looked into"),
            "account.sso_refused": _("Single sign-on refused"),
        },
    )
    post_save.connect(_noted, sender=AccountEvent)
    signals.break_glass_used.connect(_used)
    signals.break_glass_acknowledged.connect(_seen)
    signals.single_sign_on_refused.connect(_refused)


def register_secrets() -> None:
    """Where allauth keeps what an app and recovery codes are made from."""
    register_place(MemberPlace("mfa.Authenticator", "data", ("secret", "seed")))


def _noted(
    sender: object, instance: AccountEvent, created: bool, **more: object
) -> None:
    if created:
        trail.record(
            f"account.{instance.kind}",
            actor=instance.actor,
            subject=instance.user,
            details={"reason": instance.reason, **instance.data},
        )


def _used(sender: object, user: User, request: HttpRequest, **more: object) -> None:
    trail.record("account.break_glass_used", actor=user, subject=user, request=request)


def _seen(
    sender: object,
    user: User,
    actor: User | None,
    reason: str,
    use: BreakGlassUse,
    **more: object,
) -> None:
    trail.record(
        "account.break_glass_seen",
        actor=actor,
        subject=user,
        details={"reason": reason, "use": str(use)},
    )


def _refused(
    sender: object, request: HttpRequest, username: str, reason: Any, **more: object
) -> None:
    """By nobody: the issuer's answer was not believed, or names nobody here."""
    trail.record(
        "account.sso_refused",
        details={"name": username, "reason": str(reason)},
        outcome=Outcome.FAILED,
        request=request,
    )

"""Every write that somebody asks for about another person's way in.

`actor` is None for the command line, whose people have the machine itself. Otherwise
it needs the permission `accounts.help_people`; what a superuser's account is about
takes a superuser, since whoever opens it may do anything.
"""

from datetime import datetime

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from procurement.access.callers import client_address
from procurement.access.people import who_may
from procurement.accounts import signals, throttling
from procurement.accounts.factors import has_factor, is_break_glass
from procurement.accounts.models import (
    AGENT_LENGTH,
    REASON_LENGTH,
    AccountEventKind,
    BreakGlass,
    BreakGlassUse,
    note,
)
from procurement.accounts.sessions import end_sessions
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.notices.kinds import Kind
from procurement.notices.operations import Draft, give_notices

HELP = "accounts.help_people"


@transaction.atomic
def reset_factors(*, user_id: int, actor: User | None, reason: str) -> list[str]:
    """Take a person's second factors and recovery codes away; return their kinds.

    They are logged out everywhere. If they must have a factor, they reach nothing after
    the next login but the page to set one up.

    Raises:
        OperationNotAllowed: it is the actor's own account, or a superuser's, or there
            is nothing to take away.
        InvalidInput: there is no reason.
    """
    user = _person(user_id, actor)
    reason = _reason(reason)
    if actor is not None and actor.pk == user.pk:
        raise OperationNotAllowed(
            _(
                "Nobody resets their own second factor. Change it under My login, or "
                "ask another administrator."
            ),
            code="own_account",
        )
    rows = Authenticator.objects.select_for_update().filter(user=user)
    kinds = sorted(row.type for row in rows)
    if not kinds:
        raise OperationNotAllowed(
            _("%(user)s has no second factor to reset.") % {"user": user},
            code="nothing_to_do",
        )
    Authenticator.objects.filter(user=user).delete()
    note(
        user,
        AccountEventKind.FACTORS_RESET,
        actor=actor,
        reason=reason,
        data={"kinds": kinds},
    )
    signals.factors_reset.send(
        sender=User, user=user, actor=actor, reason=reason, kinds=kinds
    )
    end_sessions(user=user, actor=actor, reason="second factors reset")
    return kinds


@transaction.atomic
def unlock_account(*, user_id: int, actor: User | None, reason: str) -> None:
    """Let a person in again who was locked out by failed logins.

    A lock of an address stays; it ends by itself.

    Raises:
        OperationNotAllowed: nothing locks the account, or it is a superuser's.
        InvalidInput: there is no reason.
    """
    user = _person(user_id, actor)
    reason = _reason(reason)
    if not throttling.forget_account(user):
        raise OperationNotAllowed(
            _(
                "No failed logins of %(user)s are counted. If they are still refused, "
                "the lock is on their address; it ends by itself."
            )
            % {"user": user},
            code="nothing_to_do",
        )
    note(user, AccountEventKind.UNLOCKED, actor=actor, reason=reason)
    signals.account_unlocked.send(sender=User, user=user, actor=actor, reason=reason)


@transaction.atomic
def end_all_sessions(*, user_id: int, actor: User | None, reason: str) -> int:
    """Log a person out everywhere; return of how many sessions.

    Raises:
        OperationNotAllowed: they are logged in nowhere, or it is a superuser's account.
        InvalidInput: there is no reason.
    """
    user = _person(user_id, actor)
    reason = _reason(reason)
    count = end_sessions(user=user, actor=actor, reason=reason)
    if not count:
        raise OperationNotAllowed(
            _("%(user)s is logged in nowhere.") % {"user": user}, code="nothing_to_do"
        )
    note(
        user,
        AccountEventKind.SESSIONS_ENDED,
        actor=actor,
        reason=reason,
        data={"count": count},
    )
    return count


# --- break-glass ------------------------------------------------------------------


@transaction.atomic
def mark_break_glass(
    *, user_id: int, actor: User | None, reason: str, is_marked: bool = True
) -> None:
    """Make an account one for emergencies, or no longer.

    It may log in with its password though single sign-on is required, and only with a
    second factor.

    Raises:
        OperationNotAllowed: it is so already, or it has no password, no second factor,
            or is switched off; or it is a superuser's account.
        InvalidInput: there is no reason.
    """
    user = _person(user_id, actor)
    reason = _reason(reason)
    if is_break_glass(user) == is_marked:
        text = (
            _("%(user)s is a break-glass account already.")
            if is_marked
            else _("%(user)s is no break-glass account.")
        )
        raise OperationNotAllowed(text % {"user": user}, code="nothing_to_do")
    if is_marked:
        _require_fit(user)
        BreakGlass.objects.create(user=user)
    else:
        BreakGlass.objects.filter(user=user).delete()
    kind = (
        AccountEventKind.BREAK_GLASS_ON
        if is_marked
        else AccountEventKind.BREAK_GLASS_OFF
    )
    note(user, kind, actor=actor, reason=reason)
    signals.break_glass_marked.send(
        sender=User, user=user, actor=actor, reason=reason, is_marked=is_marked
    )


def _require_fit(user: User) -> None:
    """Refuse an account that could not log in when it is needed."""
    if not user.is_active or not user.is_staff:
        text = _("%(user)s may not log in. Make the account active staff first.")
    elif not user.has_usable_password():
        text = _("%(user)s has no password. Give the account one first.")
    elif not has_factor(user):
        text = _(
            "%(user)s has no second factor. Log in with the account and set one up "
            "first."
        )
    else:
        return
    raise OperationNotAllowed(text % {"user": user}, code="not_fit")


@transaction.atomic
def record_break_glass(*, user: User, request: HttpRequest) -> BreakGlassUse:
    """Note a login with a break-glass account, and tell all administrators at once."""
    address = client_address(request)
    now = timezone.now()
    use = BreakGlassUse.objects.create(
        user=user,
        at=now,
        address=str(address) if address else None,
        agent=request.META.get("HTTP_USER_AGENT", "")[:AGENT_LENGTH],
    )
    give_notices(drafts=[_draft(use, each) for each in who_may(HELP)], now=now)
    signals.break_glass_used.send(sender=User, user=user, request=request, use=use)
    return use


def _draft(use: BreakGlassUse, recipient: User) -> Draft:
    name = use.user.get_username()
    return Draft(
        kind=Kind.BREAK_GLASS,
        recipient=recipient,
        occasion=f"break-glass {use.pk}",
        detail=f"{name} logged in from {use.address or 'an unknown address'}.",
        data={"about": name, "path": use_path(use.pk)},
    )


def use_path(use_id: int) -> str:
    return f"/admin/accounts/breakglassuse/{use_id}/change/"


@transaction.atomic
def acknowledge_use(*, use_id: int, actor: User, reason: str) -> None:
    """Say what a break-glass account was used for; nobody does so for their own.

    Raises:
        OperationNotAllowed: somebody has done so already, or it was the actor.
        InvalidInput: there is no reason.
    """
    use = BreakGlassUse.objects.select_for_update(of=("self",)).get(pk=use_id)
    _require_help(actor)
    reason = _reason(reason)
    if use.acknowledged_at is not None:
        raise OperationNotAllowed(
            _("%(who)s has looked into it already.") % {"who": use.acknowledged_by},
            code="nothing_to_do",
        )
    if use.user_id == actor.pk:
        raise OperationNotAllowed(
            _("It was your own login. Another administrator has to look into it."),
            code="own_account",
        )
    use.acknowledged_at, use.acknowledged_by = timezone.now(), actor
    use.reason = reason
    use.save(update_fields=["acknowledged_at", "acknowledged_by", "reason"])
    signals.break_glass_acknowledged.send(
        sender=User, user=use.user, actor=actor, reason=reason, use=use
    )


def open_uses() -> int:
    return BreakGlassUse.objects.filter(acknowledged_at=None).count()


# --- helpers ----------------------------------------------------------------------


def may_help(actor: User, user: User) -> bool:
    return actor.has_perm(HELP) and (actor.is_superuser or not user.is_superuser)


def _person(user_id: int, actor: User | None) -> User:
    user = User.objects.select_for_update().get(pk=user_id)
    if actor is not None and not may_help(actor, user):
        _require_help(actor)
        raise OperationNotAllowed(
            _(
                "%(user)s is a superuser. Another superuser has to do it, or somebody "
                "at the command line."
            )
            % {"user": user},
            code="superuser",
        )
    return user


def _require_help(actor: User) -> None:
    if not actor.has_perm(HELP):
        raise OperationNotAllowed(
            _("You may not change how other people log in."), code="no_permission"
        )


def _reason(text: str) -> str:
    text = text.strip()
    if not text:
        raise InvalidInput({"reason": _("Say why, for those who read it later.")})
    if len(text) > REASON_LENGTH:
        raise InvalidInput(
            {
                "reason": _("Say it in at most %(most)s characters.")
                % {"most": REASON_LENGTH}
            }
        )
    return text


def moment_text(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M %Z}"

"""What follows from a login, and from changes to people and their factors."""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.db.models.signals import m2m_changed, post_save
from django.http import HttpRequest

from procurement.accounts import operations, sessions, throttling
from procurement.accounts.models import Means


def connect() -> None:
    user_logged_in.connect(begin_session)
    user_logged_out.connect(forget_session)
    post_save.connect(end_if_switched_off, sender=User)
    m2m_changed.connect(end_if_role_taken, sender=User.groups.through)
    authenticator_added.connect(end_other_sessions)


def begin_session(
    sender: object, request: HttpRequest, user: User, **kwargs: object
) -> None:
    stamp = sessions.begin(request, user)
    throttling.forget_account(user)
    if stamp.is_break_glass and stamp.means != Means.SINGLE_SIGN_ON:
        operations.record_break_glass(user=user, request=request)


def forget_session(sender: object, request: HttpRequest, **kwargs: object) -> None:
    sessions.forget(request.session.session_key)


def end_if_switched_off(
    sender: object, instance: User, created: bool, **kwargs: object
) -> None:
    if not created and not (instance.is_active and instance.is_staff):
        sessions.end_sessions(user=instance, actor=None, reason="switched off")


def end_if_role_taken(
    sender: object, instance: Any, action: str, **kwargs: object
) -> None:
    if action in ("post_remove", "post_clear") and isinstance(instance, User):
        sessions.end_sessions(user=instance, actor=None, reason="role taken")


def end_other_sessions(
    sender: object,
    request: HttpRequest,
    user: User,
    authenticator: Authenticator,
    **kwargs: object,
) -> None:
    """A session that never saw the new factor must not outlive it."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        return
    sessions.end_sessions(
        user=user,
        actor=user,
        reason="second factor set up",
        but=request.session.session_key,
    )

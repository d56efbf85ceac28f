"""Everything that is done to keys: made, replaced, changed, revoked.

Keys of one name are one system: what it entered, and what it may repeat, goes by the
name. So a key is replaced by another one of its name, and both work for a while.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from procurement import trail
from procurement.access.callers import read_networks
from procurement.access.models import (
    MOST_CALLS_PER_MINUTE,
    ApiKey,
    KeyEvent,
    KeyEventKind,
)
from procurement.access.scopes import SCOPES, unknown_scopes
from procurement.errors import InvalidInput, OperationNotAllowed

LONGEST_NAME = 80
OVERLAP = timedelta(hours=72)
"""How long a replaced key works on, unless said otherwise."""
LONGEST_OVERLAP = timedelta(days=90)


@dataclass(frozen=True)
class NewKey:
    """A key, and its text: to be shown now, since only its hash is kept."""

    key: ApiKey
    text: str


@transaction.atomic
def make_key(
    *,
    actor: User | None,
    name: str,
    user_id: int,
    scopes: Sequence[str],
    shop_id: int | None = None,
    expires_at: datetime | None = None,
    networks: str | Iterable[str] = (),
    calls_per_minute: int | None = None,
) -> NewKey:
    """Make a key for another system.

    Args:
        actor: None is whoever has the command line.
        name: the system; its other keys have the same name.
        scopes: one or more of `SCOPES`.
        networks: addresses and networks it is taken from; none for any.
        calls_per_minute: 0 for any number; None for what the installation allows.

    Raises:
        InvalidInput: values that won't do, each at its name.
        OperationNotAllowed: the user is not active, or is a superuser and the actor
            is none.
    """
    name = name.strip()
    errors = {}
    if not 0 < len(name) <= LONGEST_NAME:
        errors["name"] = _("Give a name of 1 to %(most)s characters.") % {
            "most": LONGEST_NAME
        }
    scopes = list(dict.fromkeys(scopes))
    if not scopes:
        errors["scopes"] = _("Give one scope or more.")
    elif unknown := unknown_scopes(scopes):
        errors["scopes"] = _("There is no scope %(names)s; there are %(known)s.") % {
            "names": ", ".join(unknown),
            "known": ", ".join(SCOPES),
        }
    if errors:
        raise InvalidInput(errors)
    user = _user_for(user_id, actor)
    key, text = ApiKey.make(
        name=name,
        user=user,
        scopes=scopes,
        shop_id=shop_id,
        expires_at=_future(expires_at),
        networks=read_networks(networks),
        calls_per_minute=_limit(calls_per_minute),
    )
    _record(key, KeyEventKind.MADE, actor)
    return NewKey(key, text)


@transaction.atomic
def replace_key(
    *,
    key_id: int,
    actor: User | None,
    overlap: timedelta = OVERLAP,
    expires_at: datetime | None = None,
) -> NewKey:
    """Make another key like one that works, which ends after a while.

    The new one has the name, user, scopes, shop, networks and limit of the old one.

    Args:
        overlap: how long the old one works on; nought ends it at once. An end it has
            already is not put off.
        expires_at: the new one's end, if it has any.

    Raises:
        InvalidInput: `overlap` or `expires_at` won't do.
        OperationNotAllowed: the old one works no more, or was replaced already.
    """
    old = _locked(key_id)
    _demand_usable(old)
    successor = old.replaced_by
    if successor is not None and successor.why_unusable is None:
        raise OperationNotAllowed(
            _("%(key)s was replaced by %(new)s. Replace that one.")
            % {"key": old, "new": successor}
        )
    if not timedelta() <= overlap <= LONGEST_OVERLAP:
        raise InvalidInput(
            {
                "overlap": _("Give 0 to %(most)s hours.")
                % {"most": LONGEST_OVERLAP // timedelta(hours=1)}
            }
        )
    made, text = ApiKey.make(
        name=old.name,
        user=_user_for(old.user_id, actor),
        scopes=old.scopes,
        shop_id=old.shop_id,
        expires_at=_future(expires_at),
        networks=old.networks,
        calls_per_minute=old.calls_per_minute,
    )
    ends_at = timezone.now() + overlap
    if old.expires_at is None or ends_at < old.expires_at:
        old.expires_at = ends_at
    old.replaced_by = made
    old.save(update_fields=["expires_at", "replaced_by"])
    until = old.expires_at.isoformat()
    _record(made, KeyEventKind.MADE, actor, replaces=old.prefix)
    _record(old, KeyEventKind.REPLACED, actor, replaced_by=made.prefix, until=until)
    return NewKey(made, text)


@transaction.atomic
def change_key(
    *,
    key_id: int,
    actor: User | None,
    expires_at: datetime | None,
    networks: str | Iterable[str],
    calls_per_minute: int | None,
) -> ApiKey:
    """Change when a key ends, where it is taken from, and how often.

    What it may do is not changed: that takes another key.

    Raises:
        InvalidInput: values that won't do, each at its name.
        OperationNotAllowed: the key works no more; nothing brings it back.
    """
    key = _locked(key_id)
    _demand_usable(key)
    is_same_end = expires_at == key.expires_at
    wanted: dict[str, Any] = {
        "expires_at": expires_at if is_same_end else _future(expires_at),
        "networks": read_networks(networks),
        "calls_per_minute": _limit(calls_per_minute),
    }
    changes = {
        name: [_plain(getattr(key, name)), _plain(value)]
        for name, value in wanted.items()
        if getattr(key, name) != value
    }
    if changes:
        for name in changes:
            setattr(key, name, wanted[name])
        key.save(update_fields=list(changes))
        _record(key, KeyEventKind.CHANGED, actor, changes=changes)
    return key


@transaction.atomic
def revoke_key(*, key_id: int, actor: User | None) -> bool:
    """End a key at once and for good; False if it was revoked before."""
    key = _locked(key_id)
    if key.revoked_at is not None:
        return False
    key.revoked_at = timezone.now()
    key.save(update_fields=["revoked_at"])
    _record(key, KeyEventKind.REVOKED, actor)
    return True


# --- parts ------------------------------------------------------------------------


def _locked(key_id: int) -> ApiKey:
    return ApiKey.objects.select_for_update().get(pk=key_id)


def _demand_usable(key: ApiKey) -> None:
    if key.why_unusable is not None:
        raise OperationNotAllowed(
            _("%(key)s does not work any more: %(why)s. Make a new one.")
            % {"key": key, "why": key.why_unusable.label}
        )


def _user_for(user_id: int, actor: User | None) -> User:
    user = User.objects.get(pk=user_id)
    if not user.is_active:
        raise OperationNotAllowed(
            _("The user %(user)s is not active.") % {"user": user}
        )
    if user.is_superuser and actor is not None and not actor.is_superuser:
        raise OperationNotAllowed(
            _("Only a superuser makes keys for %(user)s.") % {"user": user}
        )
    return user


def _future(moment: datetime | None) -> datetime | None:
    if moment is not None and moment <= timezone.now():
        raise InvalidInput({"expires_at": _("Give an end that is still to come.")})
    return moment


def _limit(calls: int | None) -> int | None:
    if calls is not None and not 0 <= calls <= MOST_CALLS_PER_MINUTE:
        says = _("Give 0 to %(most)s calls a minute.") % {"most": MOST_CALLS_PER_MINUTE}
        raise InvalidInput({"calls_per_minute": says})
    return calls


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _record(key: ApiKey, kind: KeyEventKind, actor: User | None, **data: Any) -> None:
    KeyEvent.objects.create(key=key, kind=kind, actor=actor, data=data)
    # What was and is stands with the key, and is not told twice.
    trail.record(
        f"key.{kind}", actor=actor, subject=key, details={"user": key.user.username}
    )

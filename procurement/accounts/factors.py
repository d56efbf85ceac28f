"""Who must have a second factor, who has one, and how they are kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import QuerySet

from procurement.accounts.models import BreakGlass

ADMINISTRATOR = "Administrator"
_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def must_have_factor(user: User) -> bool:
    """Whether a person's roles or the kind of their account ask for a second factor."""
    return must_by_role(user) or is_break_glass(user)


def must_by_role(user: User) -> bool:
    names: Sequence[str] = settings.SECOND_FACTOR_ROLES
    if not names:
        return False
    if user.is_superuser and ADMINISTRATOR in names:
        return True
    return user.groups.filter(name__in=names).exists()


def is_break_glass(user: User) -> bool:
    return BreakGlass.objects.filter(user=user).exists()


def factors_of(user: User) -> "QuerySet[Authenticator]":
    """A person's apps and passkeys; recovery codes alone are no second factor."""
    rows: QuerySet[Authenticator] = Authenticator.objects.filter(
        user=user, type__in=_FACTORS
    ).order_by("pk")
    return rows


def has_factor(user: User) -> bool:
    return factors_of(user).exists()


def is_last_needed(authenticator: Authenticator) -> bool:
    """Whether its person must have a second factor and has no other one."""
    user = authenticator.user
    others = factors_of(user).exclude(pk=authenticator.pk)
    return (
        authenticator.type in _FACTORS
        and not others.exists()
        and must_have_factor(user)
    )


@dataclass(frozen=True)
class Factor:
    """What a page says of a factor; nothing secret."""

    pk: int
    kind: str
    label: str
    name: str
    added_at: object
    used_at: object


def shown(user: User) -> list[Factor]:
    rows = Authenticator.objects.filter(user=user).order_by("type", "pk")
    return [
        Factor(
            pk=row.pk,
            kind=row.type,
            label=row.get_type_display(),
            name=row.data.get("name", ""),
            added_at=row.created_at,
            used_at=row.last_used_at,
        )
        for row in rows
    ]

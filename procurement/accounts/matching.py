"""Who somebody is whom the issuer has logged in, and which roles they have.

A link between the issuer's person and ours is made once and kept by the issuer's own
key (`sub`), which is never given to another. It is made by an e-mail address only if
the issuer says that it is verified, since whoever can type any address there could
otherwise be anybody here.
"""

from collections.abc import Mapping
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from procurement.accounts import signals
from procurement.accounts.factors import is_break_glass
from procurement.accounts.models import AccountEventKind, note
from procurement.errors import OperationNotAllowed

Claims = Mapping[str, Any]
KEPT_CLAIMS = ("email", "preferred_username", "name")


def role_map() -> dict[str, str]:
    """The issuer's groups, and the role here of each."""
    found = {}
    for pair in settings.OIDC_ROLES:
        # The group may hold colons of its own; a role's name holds none.
        group, colon, role = pair.rpartition(":")
        if not colon or not group.strip() or not role.strip():
            raise ImproperlyConfigured(
                f"OIDC_ROLES: {pair!r} is not of the form group:Role."
            )
        found[group.strip()] = role.strip()
    return found


@transaction.atomic
def person_of(*, provider: str, uid: str, claims: Claims) -> tuple[User, SocialAccount]:
    """The person here, linked to the issuer's, with the roles the issuer says.

    Raises:
        OperationNotAllowed: nobody here fits, or they may not log in this way; nothing
            was changed.
    """
    wanted = _roles(claims)
    account = (
        SocialAccount.objects.select_for_update(of=("self",))
        .filter(provider=provider, uid=uid)
        .first()
    )
    if account is not None:
        user = _locked(account.user_id)
    else:
        user = _match(claims) or _create(claims, wanted)
    _require_may(user)
    if account is None:
        account = _link(user, provider, uid, claims)
    _give_roles(user, wanted)
    return user, account


def _locked(user_id: int) -> User:
    return User.objects.select_for_update().get(pk=user_id)


def _match(claims: Claims) -> User | None:
    rows: QuerySet[User] | None
    if name := settings.OIDC_USERNAME_CLAIM:
        username = _text(claims, name)
        rows = User.objects.filter(username=username) if username else None
    else:
        email = verified_email(claims)
        rows = User.objects.filter(email__iexact=email) if email else None
        if rows is None and not settings.OIDC_CREATE_USERS:
            raise OperationNotAllowed(
                _(
                    "%(name)s does not say that your e-mail address is verified, so it "
                    "is not known who you are here. Tell an administrator."
                )
                % {"name": settings.OIDC_NAME},
                code="email_not_verified",
            )
    found = list(rows[:2]) if rows is not None else []
    if len(found) > 1:
        raise OperationNotAllowed(
            _(
                "Several accounts have your e-mail address. An administrator has to "
                "see to it that only yours has it."
            ),
            code="ambiguous",
        )
    return _locked(found[0].pk) if found else None


def verified_email(claims: Claims) -> str:
    """The e-mail address, if the issuer says that it is theirs; else empty."""
    is_verified = claims.get("email_verified")
    return _text(claims, "email") if is_verified in (True, "true") else ""


def _create(claims: Claims, wanted: set[str] | None) -> User:
    if not settings.OIDC_CREATE_USERS:
        raise OperationNotAllowed(
            _("You have no account here. Ask an administrator for one."),
            code="no_account",
        )
    if wanted is not None and not wanted:
        raise OperationNotAllowed(
            _("None of your groups has a role here. Ask an administrator."),
            code="no_role",
        )
    name = settings.OIDC_USERNAME_CLAIM or "preferred_username"
    username = _text(claims, name) or verified_email(claims)
    taken = User.objects.filter(username__iexact=username).exists()
    if not username or taken:
        raise OperationNotAllowed(
            _(
                "An account could not be made for you: there is one of your name "
                "already, or %(name)s gives you none. Ask an administrator."
            )
            % {"name": settings.OIDC_NAME},
            code="name_taken",
        )
    user = User(
        username=username,
        email=verified_email(claims),
        first_name=_text(claims, "given_name")[:150],
        last_name=_text(claims, "family_name")[:150],
        is_staff=True,
    )
    user.set_unusable_password()
    try:
        user.full_clean(exclude=["password"])
    except ValidationError:
        raise OperationNotAllowed(
            _("Your user name at %(name)s can't be one here. Ask an administrator.")
            % {"name": settings.OIDC_NAME},
            code="name_unusable",
        ) from None
    user.save()
    _tell(user, AccountEventKind.CREATED)
    return user


def _require_may(user: User) -> None:
    if not user.is_active or not user.is_staff:
        raise OperationNotAllowed(
            _("Your account is switched off here. Ask an administrator."),
            code="switched_off",
        )
    if is_break_glass(user):
        raise OperationNotAllowed(
            _("This is a break-glass account. It logs in with its password."),
            code="break_glass",
        )


def _link(user: User, provider: str, uid: str, claims: Claims) -> SocialAccount:
    if SocialAccount.objects.filter(user=user, provider=provider).exists():
        raise OperationNotAllowed(
            _(
                "Your account here is connected to somebody else at %(name)s. Ask an "
                "administrator."
            )
            % {"name": settings.OIDC_NAME},
            code="linked_to_another",
        )
    account = SocialAccount.objects.create(
        user=user, provider=provider, uid=uid, extra_data=kept_claims(claims)
    )
    _tell(user, AccountEventKind.LINKED)
    return account


def kept_claims(claims: Claims) -> dict[str, str]:
    return {name: _text(claims, name) for name in KEPT_CLAIMS if claims.get(name)}


# --- roles ------------------------------------------------------------------------


def _roles(claims: Claims) -> set[str] | None:
    """The roles the issuer says; None where it is not asked."""
    name = settings.OIDC_ROLES_CLAIM
    if not name:
        return None
    # A person in too many groups: Entra ID then names where to ask instead.
    elsewhere = claims.get("_claim_names")
    if name not in claims and isinstance(elsewhere, Mapping) and name in elsewhere:
        raise OperationNotAllowed(
            _(
                "You are in too many groups for %(name)s to name them. Those who look "
                "after it have to send only the groups of this system."
            )
            % {"name": settings.OIDC_NAME},
            code="too_many_groups",
        )
    groups = _groups(claims, name)
    return {role for group, role in role_map().items() if group in groups}


def _groups(claims: Claims, name: str) -> set[str]:
    """A claim that is a list or a text; dots lead into objects, as in Keycloak's."""
    value: Any = claims.get(name)
    if value is None:
        value = claims
        for part in name.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
    if isinstance(value, str):
        return {value}
    if isinstance(value, list):
        return {each for each in value if isinstance(each, str)}
    return set()


def _give_roles(user: User, wanted: set[str] | None) -> None:
    if wanted is None:
        return
    managed = set(role_map().values())
    groups = {group.name: group for group in Group.objects.filter(name__in=managed)}
    if missing := managed - set(groups):
        raise ImproperlyConfigured(f"OIDC_ROLES: there is no role {missing.pop()}.")
    held = set(user.groups.values_list("name", flat=True)) & managed
    given, taken = sorted(wanted - held), sorted(held - wanted)
    if given:
        user.groups.add(*(groups[name] for name in given))
    if taken:
        user.groups.remove(*(groups[name] for name in taken))
    if given or taken:
        _tell(user, AccountEventKind.ROLES_CHANGED, given=given, taken=taken)


def _tell(user: User, kind: AccountEventKind, **data: list[str]) -> None:
    note(user, kind, actor=None, data=data)
    signals.single_sign_on_changed.send(sender=User, user=user, kind=kind, data=data)


def _text(claims: Claims, name: str) -> str:
    value = claims.get(name)
    return value.strip() if isinstance(value, str) else ""

"""What each person wants to be told and how: their choice, else that of their roles."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User

from procurement.approvals.people import may_approve
from procurement.notices.kinds import ALWAYS, OF_APPROVERS, By, Kind
from procurement.notices.models import NoticeWishes

DIGEST_HOUR = 7
"""Before the working day begins, in the person's zone."""

_FOR_EVERYBODY = {
    Kind.APPROVAL_ASKED: By.AT_ONCE,
    Kind.RETURNED: By.AT_ONCE,
    Kind.REJECTED: By.AT_ONCE,
    Kind.APPROVED: By.NEVER,
    Kind.UNKNOWN: By.DIGEST,
    Kind.NOT_TAKEN: By.DIGEST,
    Kind.DEVIATION: By.DIGEST,
    Kind.LATE: By.DIGEST,
    Kind.RUN_ENDED: By.NEVER,
    Kind.STAND_IN: By.AT_ONCE,
    Kind.BREAK_GLASS: By.AT_ONCE,
}
_BY_ROLE = {
    "Buyer": {
        Kind.APPROVED: By.DIGEST,
        Kind.UNKNOWN: By.AT_ONCE,
        Kind.NOT_TAKEN: By.AT_ONCE,
        Kind.DEVIATION: By.AT_ONCE,
    },
    "Operator": {Kind.UNKNOWN: By.AT_ONCE},
}


@dataclass(frozen=True)
class Wish:
    in_app: bool
    mail: By

    @property
    def is_deaf(self) -> bool:
        return not self.in_app and self.mail == By.NEVER


@dataclass(frozen=True)
class Wishes:
    """One person's wishes, for every kind."""

    by_kind: Mapping[str, Wish]
    digest_hour: int = DIGEST_HOUR

    def of(self, kind: str) -> Wish:
        return self.by_kind[kind]


def kinds_for(user: User) -> list[Kind]:
    """What a person may come to be told, and may choose how."""
    is_approver = may_approve(user)
    left_out = ALWAYS if is_approver else (*ALWAYS, *OF_APPROVERS)
    return [kind for kind in Kind if kind not in left_out]


def wishes_of(users: Sequence[User]) -> dict[int, Wishes]:
    """The wishes of some people, by their keys, in two queries."""
    keys = {user.pk for user in users}
    roles: dict[int, list[str]] = defaultdict(list)
    memberships = User.groups.through.objects.filter(user__in=keys)
    for user_id, name in memberships.values_list("user_id", "group__name"):
        roles[user_id].append(name)
    chosen = {row.pk: row for row in NoticeWishes.objects.filter(pk__in=keys)}
    return {key: _wishes(roles[key], chosen.get(key)) for key in keys}


def _wishes(roles: Iterable[str], chosen: NoticeWishes | None) -> Wishes:
    usual = _usual(roles)
    if chosen is None:
        return Wishes(usual)
    own = {kind.value: _read(chosen.choices.get(kind), usual[kind]) for kind in Kind}
    return Wishes(own, chosen.digest_hour)


def _usual(roles: Iterable[str]) -> dict[str, Wish]:
    """What the roles want; of several the one that tells soonest."""
    soonest = list(By).index
    mails = {
        kind: min(
            [mail, *(_BY_ROLE.get(role, {}).get(kind, By.NEVER) for role in roles)],
            key=soonest,
        )
        for kind, mail in _FOR_EVERYBODY.items()
    }
    return {kind.value: Wish(in_app=True, mail=mail) for kind, mail in mails.items()}


def _read(stored: Any, usual: Wish) -> Wish:
    """A stored choice; what is not offered any more counts as not chosen."""
    match stored:
        case [bool(in_app), str(mail)] if mail in By.values:
            return Wish(in_app, By(mail))
    return usual

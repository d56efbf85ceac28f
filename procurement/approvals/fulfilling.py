"""Whether there are people for all levels that are demanded."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from procurement.approvals.models import ApprovalLevel, ApprovalRule
from procurement.approvals.people import approvers

Members = Mapping[int, Collection[int]]
"""Who of a group may approve, by the group's key."""


def first_unfilled(
    levels: Sequence[ApprovalLevel], excluded: Collection[int]
) -> ApprovalLevel | None:
    """The first level that nobody could approve once those before it were; or None.

    Args:
        levels: with groups and people read.
        excluded: who may not approve whatever happens, as the order is their own.
    """
    members, able = _members(levels)
    groups_of = [_candidates(level, members, able) - set(excluded) for level in levels]
    return _unfilled(levels, groups_of)


def problems_of(rules: Sequence[ApprovalRule]) -> dict[int, str]:
    """What keeps rules from being fulfilled, by key; in a fixed number of queries."""
    prefetch_related_objects(rules, "levels__groups", "levels__people")
    every = [level for rule in rules for level in rule.levels.all()]
    members, able = _members(every)
    found = {}
    for rule in rules:
        levels = list(rule.levels.all())
        barred = set() if settings.ALLOW_SELF_APPROVAL else {rule.buyer_id}
        people = [_candidates(level, members, able) - barred for level in levels]
        level = _unfilled(levels, people)
        if level is not None:
            found[rule.pk] = nobody_for(level)
        elif not levels:
            found[rule.pk] = _("It has no level.")
    return found


def nobody_for(level: ApprovalLevel) -> str:
    text = _(
        "Nobody is left who could approve “%(level)s”: it takes an active person with "
        "the permission to approve, other than those of the levels before it."
    )
    return text % {"level": level.name}


def _members(levels: Iterable[ApprovalLevel]) -> tuple[Members, set[int]]:
    """Approvers by group, and which of the people named may approve."""
    groups = {group.pk for level in levels for group in level.groups.all()}
    people = {user.pk for level in levels for user in level.people.all()}
    members = defaultdict(set)
    in_groups = approvers().filter(groups__in=groups).order_by()
    for group, user in in_groups.values_list("groups", "pk"):
        members[group].add(user)
    able = approvers().filter(pk__in=people).order_by()
    return members, set(able.values_list("pk", flat=True))


def _candidates(level: ApprovalLevel, members: Members, able: set[int]) -> set[int]:
    named = {user.pk for user in level.people.all()} & able
    return named.union(*(members.get(group.pk, ()) for group in level.groups.all()))


def _unfilled(
    levels: Sequence[ApprovalLevel], people: Sequence[set[int]]
) -> ApprovalLevel | None:
    """The level at which every way of sharing out the people ends, the furthest."""
    furthest = 0

    def goes_on(index: int, used: frozenset[int]) -> bool:
        nonlocal furthest
        furthest = max(furthest, index)
        if index == len(levels):
            return True
        may = people[index]
        if levels[index].allows_same_person and may & used:
            # Whoever approved before takes nobody away from a later level.
            return goes_on(index + 1, used)
        # With as many to choose from as there are levels, more change nothing.
        fresh = sorted(may - used)[: len(levels)]
        return any(goes_on(index + 1, used | {person}) for person in fresh)

    return None if goes_on(0, frozenset()) else levels[furthest]

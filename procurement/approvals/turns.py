"""Whose turn it is to decide about an order.

Read for many orders at once in a fixed number of queries; where no order was given
steps, in one.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from procurement.approvals.models import ApprovalStep, StepState
from procurement.approvals.owners import Owners, owners_by_order
from procurement.approvals.people import absent_for, may_approve
from procurement.orders.models import PurchaseOrder
from procurement.prepared import PreparedObjects

_READ = "turn_read_before"


@dataclass(frozen=True)
class Turn:
    """What an order waits for, and why this person may not decide, if so.

    Without steps anybody may who holds the permission.
    """

    steps: Sequence[ApprovalStep] = field(default=())
    step: ApprovalStep | None = None
    owners: Owners = field(default_factory=set)
    in_place_of: User | None = None
    refusal: str = ""
    code: str = ""


def read_turns(orders: Sequence[PurchaseOrder], user: User) -> None:
    """Keep the turns with the orders, for those who ask about them one by one."""
    turns = turns_of(orders, user)
    for order in orders:
        setattr(order, _READ, (user.pk, turns[order.pk]))


def turn_shown(order: PurchaseOrder, user: User) -> Turn:
    """The turn as it was read for a page; what decides reads it anew."""
    reader, turn = getattr(order, _READ, (None, None))
    return turn if turn is not None and reader == user.pk else turn_of(order, user)


def turn_of(order: PurchaseOrder, user: User) -> Turn:
    return turns_of([order], user)[order.pk]


def turns_of(orders: Sequence[PurchaseOrder], user: User) -> dict[int, Turn]:
    """The turn of a person in each of some orders, by the order's key."""
    steps = present_steps(orders)
    waiting = [step for found in steps.values() for step in found if is_waiting(step)]
    persons = [user, *absent_for(user)] if waiting and may_approve(user) else []
    seats = _seats(waiting, persons)
    owners = owners_by_order(orders)
    return {
        order.pk: _turn(
            order, user, steps.get(order.pk, []), owners[order.pk], persons, seats
        )
        for order in orders
    }


_steps_of = PreparedObjects(
    ApprovalStep,
    lambda order_id: ApprovalStep.objects.filter(
        order=order_id, is_past=False
    ).order_by("position"),
    1_999_999_973,
)
"""Every decision asks for them, and most orders have none."""


def present_steps(orders: Iterable[PurchaseOrder]) -> dict[int, list[ApprovalStep]]:
    """The steps that count now, by order and in their order."""
    found: dict[int, list[ApprovalStep]] = defaultdict(list)
    orders = list(orders)
    if len(orders) == 1:
        found[orders[0].pk] = _steps_of(orders[0].pk)
        return found
    steps = ApprovalStep.objects.filter(order__in=orders, is_past=False)
    for step in steps.order_by("order", "position"):
        found[step.order_id].append(step)
    return found


def is_waiting(step: ApprovalStep) -> bool:
    return step.state == StepState.WAITING


def _seats(
    steps: Sequence[ApprovalStep], persons: Sequence[User]
) -> set[tuple[int, int]]:
    """Which of the persons belong to which of the steps, as pairs of keys."""
    shared = [step.pk for step in steps if step.handed_to_id is None]
    seats = {(step.pk, step.handed_to_id) for step in steps if step.handed_to_id}
    if not shared or not persons:
        return seats
    named = ApprovalStep.people.through.objects.filter(
        approvalstep__in=shared, user__in=persons
    )
    by_group = ApprovalStep.groups.through.objects.filter(
        approvalstep__in=shared, group__user__in=persons
    )
    seats.update(named.values_list("approvalstep_id", "user_id"))
    seats.update(by_group.values_list("approvalstep_id", "group__user"))
    return seats


def _turn(
    order: PurchaseOrder,
    user: User,
    steps: list[ApprovalStep],
    owners: Owners,
    persons: list[User],
    seats: set[tuple[int, int]],
) -> Turn:
    if not steps:
        is_barred = user.pk in owners and not settings.ALLOW_SELF_APPROVAL
        refusal = _own(order) if is_barred else ""
        return Turn(owners=owners, refusal=refusal, code="own_order" if refusal else "")
    step = next(filter(is_waiting, steps), None)
    if step is None:
        text = _not_waiting(order)
        return Turn(steps, owners=owners, refusal=text, code="not_pending")
    turns = []
    for person in persons:
        if (step.pk, person.pk) in seats:
            refusal, code = refusal_of(order, owners, steps, step, user, person)
            in_place_of = None if person is user else person
            turns.append(Turn(steps, step, owners, in_place_of, refusal, code))
    others = Turn(steps, step, owners, None, _others(order, step), "not_your_turn")
    return min(turns, key=lambda turn: bool(turn.refusal), default=others)


def refusal_of(
    order: PurchaseOrder,
    owners: Owners,
    steps: Iterable[ApprovalStep],
    step: ApprovalStep,
    user: User,
    person: User,
) -> tuple[str, str]:
    """Why somebody may not decide as this person, who belongs to the step; a code.

    Args:
        person: the user, or in whose place they would decide.
    """
    allows_own = settings.ALLOW_SELF_APPROVAL
    if person.pk in owners and not allows_own:
        return _own(order), "own_order"
    # In another's place nobody approves an order of their own, whatever is allowed.
    if user.pk in owners and (person.pk != user.pk or not allows_own):
        return _own(order), "own_order"
    if not step.allows_same_person and {user.pk, person.pk} & counted(steps):
        text = _("%(order)s needs somebody else for “%(level)s”: each counts once.")
        return text % {"order": order, "level": step.name}, "not_your_turn"
    return "", ""


def counted(steps: Iterable[ApprovalStep]) -> set[int | None]:
    """Who has approved a step, or had it approved in their place."""
    approved = [step for step in steps if step.state == StepState.APPROVED]
    found = {step.decided_by_id for step in approved}
    return (found | {step.in_place_of_id for step in approved}) - {None}


def _own(order: PurchaseOrder) -> str:
    text = _("%(order)s is your own order; somebody else has to approve it.")
    return text % {"order": order}


def _others(order: PurchaseOrder, step: ApprovalStep) -> str:
    text = _("%(order)s waits for “%(level)s”; other people decide about that.")
    return text % {"order": order, "level": step.name}


def _not_waiting(order: PurchaseOrder) -> str:
    return _("%(order)s waits for nobody's approval.") % {"order": order}

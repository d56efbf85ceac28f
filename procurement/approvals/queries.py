"""Reads of approvals worth a name: whose decision is waited for."""

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet

from procurement.approvals.models import ApprovalStep
from procurement.approvals.models import StepState as State
from procurement.approvals.owners import owned_by, owners_of
from procurement.approvals.people import (
    absent_for,
    approvers,
    may_approve,
    standing_in,
)
from procurement.approvals.turns import (
    is_waiting,
    present_steps,
    refusal_of,
    turn_of,
)
from procurement.orders.models import PurchaseOrder
from procurement.orders.states import Approval, Fulfilment


def may_decide(order: PurchaseOrder, user: User) -> bool:
    """Whether an order waits for this person, or for somebody they stand in for."""
    may = _waits(order) and may_approve(user) and sees(order, user)
    return may and not turn_of(order, user).refusal


def sees(order: PurchaseOrder, user: User) -> bool:
    return PurchaseOrder.objects.visible_to(user).filter(pk=order.pk).exists()


def _waits(order: PurchaseOrder) -> bool:
    is_cancelled = order.fulfilment == Fulfilment.CANCELLED
    return order.approval == Approval.PENDING and not is_cancelled


# --- in the database --------------------------------------------------------------


def waiting_for(orders: QuerySet[PurchaseOrder], user: User) -> QuerySet[PurchaseOrder]:
    """Those of the orders that wait for this person; as `may_decide` says of one."""
    if not may_approve(user):
        return orders.none()
    waiting = orders.filter(approval=Approval.PENDING).exclude(
        fulfilment=Fulfilment.CANCELLED
    )
    own = owned_by(user)
    steps = ApprovalStep.objects.filter(order=OuterRef("pk"))
    to_anybody = ~Exists(steps.filter(is_past=False))
    myself = to_anybody | _at_a_step_of(user, user)
    if not settings.ALLOW_SELF_APPROVAL:
        myself &= ~own
    wanted = myself
    for person in absent_for(user):
        instead = _at_a_step_of(person, user) & ~own
        if not settings.ALLOW_SELF_APPROVAL:
            instead &= ~owned_by(person)
        wanted |= instead
    return waiting.filter(wanted)


def _at_a_step_of(person: User, user: User) -> Q:
    """The step that waits is this person's, and the user may decide it as them."""
    both = {person.pk, user.pk}
    approved = ApprovalStep.objects.filter(
        Q(decided_by__in=both) | Q(in_place_of__in=both),
        order=OuterRef("order"),
        state=State.APPROVED,
        is_past=False,
    )
    named = ApprovalStep.people.through.objects.filter(
        approvalstep=OuterRef("pk"), user=person
    )
    by_group = ApprovalStep.groups.through.objects.filter(
        approvalstep=OuterRef("pk"), group__user=person
    )
    shared = Q(handed_to=None) & (Exists(named) | Exists(by_group))
    steps = ApprovalStep.objects.filter(
        Q(handed_to=person) | shared,
        Q(allows_same_person=True) | ~Exists(approved),
        order=OuterRef("pk"),
        state=State.WAITING,
    )
    return Q(Exists(steps))


# --- for notices ------------------------------------------------------------------


def approvers_of(order: PurchaseOrder) -> list[User]:
    """Whose turn it is, by name: those of the step that waits and who stands in.

    Without steps it is everybody who may approve. Empty where nothing waits.
    """
    if not _waits(order):
        return []
    steps = present_steps([order])[order.pk]
    step = next(filter(is_waiting, steps), None)
    owners = owners_of(order)
    if not steps:
        barred = set() if settings.ALLOW_SELF_APPROVAL else owners
        anybody = approvers().exclude(pk__in=barred)
        return [user for user in anybody if sees(order, user)]
    if step is None:
        return []
    own = approvers().filter(_members(step))
    people = {user.pk: user for user in own}
    pairs = [(user, user) for user in people.values()]
    stand_ins = standing_in(absent__in=people, stand_in__in=approvers())
    pairs += [
        (row.stand_in, people[row.absent_id])
        for row in stand_ins.select_related("stand_in")
    ]
    found = {
        user.pk: user
        for user, person in pairs
        if sees(order, user)
        and not refusal_of(order, owners, steps, step, user, person)[0]
    }
    return sorted(found.values(), key=lambda user: user.get_username())


def _members(step: ApprovalStep) -> Q:
    if step.handed_to_id is not None:
        return Q(pk=step.handed_to_id)
    people = step.people.order_by().values("pk")
    in_groups = User.groups.through.objects.filter(
        group__in=step.groups.order_by().values("pk")
    )
    return Q(pk__in=people) | Q(pk__in=in_groups.values("user"))

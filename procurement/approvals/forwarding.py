"""Handing what waits for one's approval to a colleague."""

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from procurement.approvals.deciding import content_of
from procurement.approvals.models import ApprovalStep, StepState
from procurement.approvals.operations import is_as_asked, lock, why_not_decide
from procurement.approvals.people import approvers, may_approve
from procurement.approvals.turns import Turn, refusal_of, turn_of, turn_shown
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.orders import ledger
from procurement.orders.models import PurchaseOrder


@transaction.atomic
def forward_order(
    *, order_id: int, actor: User, colleague: str, comment: str
) -> PurchaseOrder:
    """Hand the level that waits to one colleague, who decides about it from now on.

    An order without levels gets one by this. Whoever keeps the rules may hand on what
    waits for others, so that nothing waits for somebody who is not there.

    Args:
        colleague: the user name of a person who may approve.

    Raises:
        InvalidInput: no comment, or the colleague could not approve this order.
        OperationNotAllowed: it does not wait, or not for the actor.
    """
    order = lock(order_id, actor)
    turn = turn_of(order, actor)
    if reason := why_not_decide(order) or _refusal(turn, actor):
        raise OperationNotAllowed(reason, code=turn.code or "not_pending")
    if not is_as_asked(order, turn, content_of(order)[1]):
        raise OperationNotAllowed(
            _(
                "%(order)s was changed after approval was asked for; it has to "
                "be asked again."
            )
            % {"order": order},
            code="changed_since_approval",
        )
    step = turn.step or ApprovalStep(
        order=order,
        position=1,
        name="Handed on",
        state=StepState.WAITING,
        content_hash=content_of(order)[1],
    )
    person = _require_able(order, turn, step, actor, colleague)
    if not comment.strip():
        raise InvalidInput({"comment": _("Say why you hand it on.")})
    step.handed_to = person
    step.save()
    ledger.write(
        order,
        "handed_on",
        actor=actor,
        text=f"To {person.get_username()}: {comment.strip()}",
        data={
            "level": step.name,
            "to": person.get_username(),
            "content_hash": step.content_hash,
        },
    )
    return order


def why_not_forward(order: PurchaseOrder, user: User) -> str:
    return why_not_decide(order) or _refusal(turn_shown(order, user), user)


def _refusal(turn: Turn, user: User) -> str:
    keeps_rules = turn.step is not None and user.has_perm(
        "approvals.change_approvalrule"
    )
    return "" if keeps_rules else turn.refusal


def _require_able(
    order: PurchaseOrder, turn: Turn, step: ApprovalStep, actor: User, colleague: str
) -> User:
    person = approvers().filter(username=colleague.strip()).first()
    if person is None or not may_approve(person):
        raise InvalidInput({"colleague": _("Choose somebody who may approve orders.")})
    if person.pk == (step.handed_to_id or (None if turn.step else actor.pk)):
        raise InvalidInput({"colleague": _("It waits for this person already.")})
    refusal, _code = refusal_of(order, turn.owners, turn.steps, step, person, person)
    if refusal:
        text = _("%(person)s could not approve it: their own order, or counted before.")
        raise InvalidInput({"colleague": text % {"person": person.get_username()}})
    return person

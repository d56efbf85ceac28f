"""Approving, sending back and rejecting orders that ask for it."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from procurement.approvals.deciding import content_of, record, send_at_once, sends
from procurement.approvals.models import Decision, StepState
from procurement.approvals.turns import Turn, turn_of, turn_shown
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.orders import ledger
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import void_approval
from procurement.orders.queries import within_reach
from procurement.orders.states import Approval, Fulfilment
from procurement.prepared import PreparedObjects
from procurement.scoping import sight_of

ACTOR_NAME_LENGTH = 150
_locked = PreparedObjects(
    PurchaseOrder,
    lambda order_id: (
        PurchaseOrder.objects.select_for_update().order_by().filter(pk=order_id)
    ),
    1_999_999_973,
)


def approve_order(
    *,
    order_id: int,
    actor: User,
    version: int | None = None,
    comment: str = "",
    by_link: bool = False,
) -> PurchaseOrder:
    """Approve what the order says now; any later change takes the approval away.

    Where the order was given levels it approves the one that waits, and the order
    with the last of them.

    Args:
        version: the version the approver was looking at. Given, it must still be
            the order's, so that nobody approves a total they have not seen.

    Raises:
        OperationNotAllowed: nobody asked for it, it is not the approver's turn or
            their own order, or it was changed meanwhile.
    """
    with transaction.atomic():
        order = lock(order_id, actor)
        turn = _turn_or_refusal(order, actor)
        if version is not None and version != order.version:
            raise OperationNotAllowed(
                _("%(order)s was changed while you were looking at it. Load it again.")
                % {"order": order},
                code="version_conflict",
            )
        content = content_of(order)
        if is_as_asked(order, turn, content[1]):
            _approve(order, actor, turn, comment, by_link, content)
            return order
        # This has to stand although the call is refused, so it is raised outside.
        void_approval(
            order, actor=None, text="The content is not what approval was asked for."
        )
    raise OperationNotAllowed(
        _(
            "%(order)s was changed after approval was asked for; it has to "
            "be asked again."
        )
        % {"order": order},
        code="changed_since_approval",
    )


@transaction.atomic
def return_order(
    *, order_id: int, actor: User, comment: str, by_link: bool = False
) -> PurchaseOrder:
    """Send an order back to its buyer, saying what has to change.

    Raises:
        InvalidInput: no comment.
        OperationNotAllowed: nobody asked for approval, or it is others' turn.
    """
    return _decline(order_id, actor, comment, by_link, Decision.RETURNED)


@transaction.atomic
def reject_order(
    *, order_id: int, actor: User, comment: str, by_link: bool = False
) -> PurchaseOrder:
    """Say no for good; the order can't be sent any more.

    Raises:
        InvalidInput: no comment.
        OperationNotAllowed: nobody asked for approval, or it is others' turn.
    """
    return _decline(order_id, actor, comment, by_link, Decision.REJECTED)


# --- why not ----------------------------------------------------------------------


def why_not_approve(order: PurchaseOrder, actor: User) -> str:
    return why_not_decide(order) or turn_shown(order, actor).refusal


def why_not_decline(order: PurchaseOrder, actor: User) -> str:
    return why_not_decide(order) or _refusal_to_decline(turn_shown(order, actor))


def why_not_decide(order: PurchaseOrder) -> str:
    if order.fulfilment == Fulfilment.CANCELLED:
        return _("%(order)s is cancelled.") % {"order": order}
    if order.approval != Approval.PENDING:
        return _("%(order)s does not wait for approval: %(get_approval_display)s.") % {
            "order": order,
            "get_approval_display": order.get_approval_display().lower(),
        }
    return ""


def _refusal_to_decline(turn: Turn) -> str:
    """Without levels everybody with the permission may say no, to their own too."""
    return turn.refusal if turn.steps else ""


def _turn_or_refusal(order: PurchaseOrder, actor: User) -> Turn:
    if reason := why_not_decide(order):
        raise OperationNotAllowed(reason, code="not_pending")
    turn = turn_of(order, actor)
    if turn.refusal:
        raise OperationNotAllowed(turn.refusal, code=turn.code)
    return turn


# --- writing ----------------------------------------------------------------------


def lock(order_id: int, actor: User) -> PurchaseOrder:
    """The order alone: a decision needs nothing of its supplier."""
    if actor.is_active and sight_of(actor) is None:
        for order in _locked(order_id):
            return order
    orders = PurchaseOrder.objects.select_for_update()
    return within_reach(order_id, actor, orders)


def is_as_asked(order: PurchaseOrder, turn: Turn, content_hash: str) -> bool:
    """Whether the content is the one approval was asked for, and levels given for."""
    bound = {step.content_hash for step in turn.steps} | {order.asked_hash}
    # Orders from before this was kept have none; what is approved binds them.
    bound.discard("")
    return not bound or bound == {content_hash}


def _approve(
    order: PurchaseOrder,
    actor: User,
    turn: Turn,
    comment: str,
    by_link: bool,
    content: tuple[dict[str, Any], str],
) -> None:
    content_hash = _record(order, Decision.APPROVED, actor, turn, comment, content)
    event = _event(actor, turn, comment, by_link, content_hash)
    _close_step(turn, StepState.APPROVED, actor, comment)
    following = [step for step in turn.steps if step.state == StepState.LATER]
    if following:
        following[0].state = StepState.WAITING
        following[0].save(update_fields=["state"])
        ledger.write(order, "level_approved", **event)
        return
    ledger.write(
        order,
        "approved",
        **event,
        approval=Approval.APPROVED,
        approved_hash=content_hash,
        approved_at=timezone.now(),
    )
    if sends([step.send_on_approval for step in turn.steps]):
        send_at_once(order, actor)


def _decline(
    order_id: int, actor: User, comment: str, by_link: bool, decision: Decision
) -> PurchaseOrder:
    order = lock(order_id, actor)
    if reason := why_not_decide(order):
        raise OperationNotAllowed(reason, code="not_pending")
    turn = turn_of(order, actor)
    if reason := _refusal_to_decline(turn):
        raise OperationNotAllowed(reason, code=turn.code)
    if not comment.strip():
        raise InvalidInput({"comment": _("Say why, so that the buyer can act on it.")})
    content_hash = _record(order, decision, actor, turn, comment)
    _close_step(turn, StepState(decision.value), actor, comment)
    if turn.steps:
        order.steps.filter(state=StepState.LATER).update(state=StepState.VOID)
    changes: dict[str, Any] = {"approval": decision.value, "approved_hash": ""}
    event = _event(actor, turn, comment, by_link, content_hash)
    ledger.write(order, decision.value, **event, **changes)
    return order


def _record(
    order: PurchaseOrder,
    decision: Decision,
    actor: User,
    turn: Turn,
    comment: str,
    content: tuple[dict[str, Any], str] | None = None,
) -> str:
    return record(
        order,
        decision,
        content,
        comment=comment,
        decided_by=actor,
        in_place_of=turn.in_place_of,
        step=turn.step,
    )


def _close_step(turn: Turn, state: StepState, actor: User, comment: str) -> None:
    step = turn.step
    if step is None:
        return
    step.state, step.comment = state, comment
    step.decided_by, step.in_place_of = actor, turn.in_place_of
    step.decided_at = timezone.now()
    step.save(
        update_fields=["state", "comment", "decided_by", "in_place_of", "decided_at"]
    )


def _event(
    actor: User, turn: Turn, comment: str, by_link: bool, content_hash: str
) -> dict[str, Any]:
    """What the timeline says of a decision: who for whom, which level, about what."""
    parts, data = [], {"content_hash": content_hash}
    if step := turn.step:
        which = f"Level {step.position} of {len(turn.steps)}, {step.name}."
        parts.append(which)
        data |= {"level": step.name, "rule": step.rule_name}
    if comment:
        parts.append(comment)
    if by_link:
        parts.append("By link.")
    return {
        "actor": actor,
        "actor_name": _name(actor, turn.in_place_of),
        "text": " ".join(parts),
        "data": data,
    }


def _name(actor: User, in_place_of: User | None) -> str:
    name = actor.get_username()
    if in_place_of is not None:
        name = f"{name} for {in_place_of.get_username()}"
    return name[:ACTOR_NAME_LENGTH]

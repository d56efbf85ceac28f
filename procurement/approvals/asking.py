"""What happens to approvals as an order moves: steps fixed, given, and void again."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Model, Q, QuerySet, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _

from procurement.approvals import queries
from procurement.approvals.deciding import record, send_at_once, sends
from procurement.approvals.fulfilling import first_unfilled, nobody_for
from procurement.approvals.models import (
    ApprovalDecision,
    ApprovalLevel,
    ApprovalRule,
    ApprovalStep,
    AutoApproval,
    Decision,
    StepState,
)
from procurement.approvals.owners import owners_of
from procurement.approvals.showing import step_json
from procurement.approvals.turns import counted, present_steps
from procurement.errors import OperationNotAllowed
from procurement.orders import entry, ledger
from procurement.orders.models import PurchaseOrder
from procurement.orders.states import Approval

Rule = TypeVar("Rule", ApprovalRule, AutoApproval)


class Process:
    """The part of approvals in the life of an order; see `orders.process`."""

    def asked(self, order: PurchaseOrder, actor: User) -> None:
        order.steps.filter(is_past=False).update(is_past=True)
        rules = _concerned(ApprovalRule.objects.all(), order)
        if rules:
            _fix_steps(order, rules)
            return
        for rule in _concerned(AutoApproval.objects.all(), order)[:1]:
            _approve_by_rule(order, rule, actor)

    def voided(self, order: PurchaseOrder) -> None:
        present = order.steps.filter(is_past=False)
        present.update(is_past=True, state=StepState.VOID)

    def objection(self, order: PurchaseOrder) -> str:
        """Shop and buyer are no content, and rules may look at them all the same."""
        steps = present_steps([order])[order.pk]
        looking = ApprovalRule.objects.filter(~Q(shop=None) | ~Q(buyer=None))
        known = {step.rule_name for step in steps}
        for rule in _concerned(looking, order):
            if rule.name not in known:
                return f"The rule “{rule}” is for it now."
        approved = ApprovalDecision.objects.filter(
            order=order, decision=Decision.APPROVED
        ).first()
        if not steps and order.approval == Approval.APPROVED and approved is not None:
            return _objection_to(approved, order)
        own = owners_of(order) & counted(steps)
        if own and not settings.ALLOW_SELF_APPROVAL:
            return "It is now the own order of somebody who approved it."
        return ""

    def steps_json(self, order_id: int) -> list[dict[str, Any]]:
        shown = ApprovalStep.objects.filter(order=order_id).shown()
        return [step_json(step) for step in shown]

    def waiting_for(
        self, orders: QuerySet[PurchaseOrder], user: User
    ) -> QuerySet[PurchaseOrder]:
        return queries.waiting_for(orders, user)


def _objection_to(approved: ApprovalDecision, order: PurchaseOrder) -> str:
    """Why an approval without steps does not suffice for what the order is now."""
    if approved.rule_name:
        rules = AutoApproval.objects.filter(name=approved.rule_name)
        if not _concerned(rules, order):
            return f"The rule “{approved.rule_name}” is not for it any more."
    is_own = approved.decided_by_id in owners_of(order)
    if is_own and not settings.ALLOW_SELF_APPROVAL:
        return "It is now the own order of the person who approved it."
    return ""


def _concerned(rules: QuerySet[Rule], order: PurchaseOrder) -> list[Rule]:
    """The active ones that are for the order, in their order."""
    active = list(rules.filter(is_active=True, currency__in=("", order.currency)))
    total = _total(order) if active else Decimal(0)
    return [rule for rule in active if rule.concerns(order, total)]


def _total(order: PurchaseOrder) -> Decimal:
    """Of the lines as they are: a script may have changed them and not the total."""
    return entry.total_of(order.lines.all(), order.currency)


# --- levels -----------------------------------------------------------------------


def _fix_steps(order: PurchaseOrder, rules: Sequence[ApprovalRule]) -> None:
    prefetch_related_objects(rules, "levels__groups", "levels__people")
    demanded = [(rule, level) for rule in rules for level in rule.levels.all()]
    _require_people(order, rules, [level for _, level in demanded])
    steps = ApprovalStep.objects.bulk_create(
        ApprovalStep(
            order=order,
            position=position,
            level=level,
            name=level.name,
            rule_name=rule.name,
            allows_same_person=level.allows_same_person,
            send_on_approval=rule.send_on_approval,
            state=StepState.WAITING if position == 1 else StepState.LATER,
            content_hash=order.asked_hash,
        )
        for position, (rule, level) in enumerate(demanded, start=1)
    )
    levels = [level for _, level in demanded]
    _share("groups", "group", steps, (level.groups.all() for level in levels))
    _share("people", "user", steps, (level.people.all() for level in levels))
    said = [f"{step.position}. {step.name} ({step.rule_name})" for step in steps]
    ledger.write(
        order,
        "levels_fixed",
        text=f"It takes the approval of: {'; '.join(said)}.",
        data={"content_hash": order.asked_hash},
    )


def _share(
    name: str,
    column: str,
    steps: Iterable[ApprovalStep],
    members: Iterable[Iterable[Model]],
) -> None:
    """Write the groups or people of steps in one statement."""
    through = getattr(ApprovalStep, name).through
    through.objects.bulk_create(
        through(approvalstep_id=step.pk, **{f"{column}_id": member.pk})
        for step, found in zip(steps, members, strict=True)
        for member in found
    )


def _require_people(
    order: PurchaseOrder,
    rules: Sequence[ApprovalRule],
    levels: Sequence[ApprovalLevel],
) -> None:
    """Better refused now, in words, than waiting for nobody."""
    own = () if settings.ALLOW_SELF_APPROVAL else owners_of(order)
    level = first_unfilled(levels, own)
    if level is not None:
        raise OperationNotAllowed(nobody_for(level))
    for rule in rules:
        if not rule.levels.all():
            text = _("The rule “%(rule)s” has no level; an administrator has to see.")
            raise OperationNotAllowed(text % {"rule": rule})


# --- without anybody --------------------------------------------------------------


def _approve_by_rule(order: PurchaseOrder, rule: AutoApproval, actor: User) -> None:
    content_hash = record(order, Decision.APPROVED, rule_name=rule.name)
    ledger.write(
        order,
        "approved",
        actor_name=f"rule: {rule.name}",
        text=f"Below the limit of the rule “{rule.name}”.",
        data={"rule": rule.name, "content_hash": content_hash},
        approval=Approval.APPROVED,
        approved_hash=content_hash,
        approved_at=timezone.now(),
    )
    if sends([rule.send_on_approval]):
        send_at_once(order, actor)

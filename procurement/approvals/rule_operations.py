"""Writing rules of approval and stand-ins. What nobody could fulfil is refused."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _

from procurement import clock
from procurement.approvals import rule_trail
from procurement.approvals.fulfilling import problems_of
from procurement.approvals.models import (
    ApprovalLevel,
    ApprovalRule,
    AutoApproval,
    StandIn,
)
from procurement.approvals.people import may_approve
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.money import is_currency

CRITERIA = (
    "name",
    "is_active",
    "currency",
    "supplier",
    "shop",
    "buyer",
    "send_on_approval",
)
RULE_FIELDS = (*CRITERIA, "position", "least_amount")
AUTO_FIELDS = (*CRITERIA, "below")
LEVEL_FIELDS = ("name", "groups", "people", "allows_same_person")
STAND_IN_FIELDS = ("absent", "stand_in", "first_day", "last_day", "reason")
MOST_LEVELS = 8


# --- rules ------------------------------------------------------------------------


@transaction.atomic
def save_rule(
    *, rule_id: int | None, actor: User, data: Mapping[str, Any]
) -> ApprovalRule:
    """Make a rule, or change the given fields of one.

    Args:
        rule_id: none for a new one.
        data: `RULE_FIELDS`, with `levels` a list of `LEVEL_FIELDS`, in their order;
            given, it replaces all of them.

    Raises:
        InvalidInput: a value won't do, or there would be nobody for a level.
    """
    rule = ApprovalRule()
    if rule_id is not None:
        rule = ApprovalRule.objects.select_for_update().get(pk=rule_id)
    before = rule_trail.picture(rule)
    _fill(rule, data, RULE_FIELDS)
    errors = _errors_of_criteria(rule)
    if rule.least_amount is not None and not rule.currency:
        errors["currency"] = _("Say the currency of the amount: three letters.")
    if rule.least_amount is not None and rule.least_amount < 0:
        errors["least_amount"] = _("The amount can't be below 0.")
    levels = data.get("levels")
    errors |= _errors_of_levels(levels, is_new=rule_id is None)
    if errors:
        raise InvalidInput(errors)
    rule.save()
    if levels is not None:
        _write_levels(rule, levels)
    if rule.is_active and (problem := problems_of([_fresh(rule)]).get(rule.pk)):
        raise InvalidInput({"levels": problem})
    rule_trail.record("rule", _fresh(rule), before, actor)
    return rule


@transaction.atomic
def save_auto_approval(
    *, rule_id: int | None, actor: User, data: Mapping[str, Any]
) -> AutoApproval:
    """Make a rule that approves small orders by itself, or change one.

    Raises:
        InvalidInput: a value won't do.
    """
    rule = AutoApproval()
    if rule_id is not None:
        rule = AutoApproval.objects.select_for_update().get(pk=rule_id)
    before = rule_trail.picture(rule)
    _fill(rule, data, AUTO_FIELDS)
    errors = _errors_of_criteria(rule)
    if not rule.currency:
        errors["currency"] = _("Say the currency of the amount: three letters.")
    below: Decimal | None = rule.below
    if below is None or below <= 0:
        errors["below"] = _("Give an amount above 0.")
    if errors:
        raise InvalidInput(errors)
    rule.save()
    rule.refresh_from_db()
    rule_trail.record("automatic", rule, before, actor)
    return rule


def _fill(row: Model, data: Mapping[str, Any], names: Sequence[str]) -> None:
    for name in names:
        if name in data:
            setattr(row, name, data[name])


def _fresh(rule: ApprovalRule) -> ApprovalRule:
    """Without what was read of its levels before."""
    return ApprovalRule.objects.get(pk=rule.pk)


def _errors_of_criteria(rule: ApprovalRule | AutoApproval) -> dict[str, str]:
    errors = {}
    rule.name = rule.name.strip()
    rule.currency = rule.currency.strip().upper()
    same = type(rule).objects.filter(name=rule.name).exclude(pk=rule.pk)
    if not rule.name:
        errors["name"] = _("Give it a name; the timeline of orders shows it.")
    elif same.exists():
        errors["name"] = _("There is one of this name already.")
    if rule.currency and not is_currency(rule.currency):
        errors["currency"] = _("Give a currency by its three letters, such as SEK.")
    return errors


def _errors_of_levels(levels: Any, *, is_new: bool) -> dict[str, str]:
    if levels is None and not is_new:
        return {}
    if not levels:
        return {"levels": _("Add one level or more.")}
    if len(levels) > MOST_LEVELS:
        text = _("A rule has %(most)s levels at most.")
        return {"levels": text % {"most": MOST_LEVELS}}
    errors = {}
    for index, level in enumerate(levels):
        if not level["name"].strip():
            errors[f"levels.{index}.name"] = _("Give the level a name.")
        if not level.get("groups") and not level.get("people"):
            errors[f"levels.{index}.groups"] = _("Choose groups or people.")
    return errors


def _write_levels(rule: ApprovalRule, levels: Sequence[Mapping[str, Any]]) -> None:
    kept = list(rule.levels.order_by("position"))
    for position, data in enumerate(levels, start=1):
        level = kept.pop(0) if kept else ApprovalLevel(rule=rule)
        level.position, level.name = position, data["name"].strip()
        level.allows_same_person = bool(data.get("allows_same_person"))
        level.save()
        level.groups.set(data.get("groups") or ())
        level.people.set(data.get("people") or ())
    for level in kept:
        level.delete()


# --- stand-ins --------------------------------------------------------------------


@transaction.atomic
def save_stand_in(
    *, stand_in_id: int | None, actor: User, data: Mapping[str, Any]
) -> StandIn:
    """Name somebody who may decide in another's place for some days.

    Args:
        data: `STAND_IN_FIELDS`; without `absent` it is the actor who is away.

    Raises:
        InvalidInput: a value won't do.
        OperationNotAllowed: it is about somebody else, and the actor may only name
            stand-ins of their own.
    """
    row = StandIn(absent=actor, created_by=actor)
    if stand_in_id is not None:
        row = StandIn.objects.select_for_update().get(pk=stand_in_id)
        _require_own(row, actor)
    before = rule_trail.picture(row)
    _fill(row, data, STAND_IN_FIELDS)
    _require_own(row, actor)
    if errors := _errors_of_stand_in(row):
        raise InvalidInput(errors)
    row.save()
    rule_trail.record("standin", row, before, actor)
    return row


@transaction.atomic
def withdraw_stand_in(*, stand_in_id: int, actor: User) -> None:
    """Take back what has not begun yet; afterwards its last day is moved instead.

    Raises:
        OperationNotAllowed: it has begun, or is about somebody else.
    """
    row = StandIn.objects.select_for_update().get(pk=stand_in_id)
    _require_own(row, actor)
    if not is_to_come(row):
        raise OperationNotAllowed(
            _("It has begun, and decisions may name it. Move its last day instead.")
        )
    row.delete()


def is_to_come(row: StandIn) -> bool:
    return row.first_day > clock.today()


def may_keep(row: StandIn, user: User) -> bool:
    return row.absent_id == user.pk or user.has_perm("approvals.keep_standin")


def _require_own(row: StandIn, actor: User) -> None:
    if not may_keep(row, actor):
        raise OperationNotAllowed(
            _("You may name stand-ins of your own only; an administrator any.")
        )


def _errors_of_stand_in(row: StandIn) -> dict[str, str]:
    errors = {}
    if row.stand_in_id is None:
        errors["stand_in"] = _("Choose who stands in.")
    elif row.stand_in_id == row.absent_id:
        errors["stand_in"] = _("Choose somebody else than who is away.")
    elif not may_approve(row.stand_in):
        errors["stand_in"] = _(
            "Choose somebody who may approve orders, such as an Approver."
        )
    if row.first_day is None:
        errors["first_day"] = _("Say the first day.")
    if row.last_day is None:
        errors["last_day"] = _("Say the last day.")
    elif row.first_day is not None and row.last_day < row.first_day:
        errors["last_day"] = _("The last day can't be before the first.")
    if not row.reason.strip():
        errors["reason"] = _("Say why, such as holiday.")
    return errors

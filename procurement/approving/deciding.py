"""The decisions the screen offers, and taking one of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _

from procurement.approvals.models import ApprovalDecision, Decision
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.orders.actions import OrderAction, all_actions
from procurement.orders.admin_actions import reason_against, run_action
from procurement.orders.admin_forms import ActionForm
from procurement.orders.models import PurchaseOrder

COMMENT = "comment"
NAMES = ("approve", "return", "reject", "forward")
"""Those that are registered are offered, in this order."""
_KINDS = {
    "approve": Decision.APPROVED,
    "return": Decision.RETURNED,
    "reject": Decision.REJECTED,
}
TWO_CLICKS = timedelta(minutes=1)
"""The same decision of the same person within this time was one click too many."""


@dataclass(frozen=True)
class Choice:
    """One decision as the screen offers it; `reason` says why not now."""

    action: OrderAction
    reason: str
    form: ActionForm

    @property
    def fields(self) -> list[Any]:
        """What it asks for beside the comment, which all of them share."""
        shared = (COMMENT, "version")
        return [field for field in self.form if field.name not in shared]

    @property
    def is_folded(self) -> bool:
        """Whether it takes a second click: to enter more, or since it is for good."""
        return bool(self.fields) or self.action.is_dangerous


def choices(
    order: PurchaseOrder, user: User, posted: Mapping[str, Any] | None = None
) -> list[Choice]:
    """What this person may decide; with what was typed, if it was refused."""
    registered = {action.name: action for action in all_actions()}
    actions = [registered[name] for name in NAMES if name in registered]
    return [
        Choice(
            action=action,
            reason=reason_against(action, order, user),
            form=_form(action, order, posted),
        )
        for action in actions
        if action.may(user)
    ]


def _form(
    action: OrderAction, order: PurchaseOrder, posted: Mapping[str, Any] | None
) -> ActionForm:
    # What was typed is shown again without a complaint about what was not asked for.
    form = ActionForm(action, [], order=order, initial=posted)
    # One form has all decisions: what one of them needs must not stop another.
    form.use_required_attribute = False
    return form


def decide(
    action: OrderAction, order: PurchaseOrder, user: User, posted: Mapping[str, Any]
) -> str:
    """Take a decision.

    Returns:
        Why it was not taken; empty if it was, or had been by a click before.
    """
    form = ActionForm(action, [], posted, order=order)
    if not form.is_valid():
        return _complaints(form)
    try:
        run_action(action, order.pk, user, form)
    except InvalidInput as refusal:
        form.show_refusal(refusal)
        return _complaints(form)
    except OperationNotAllowed as refusal:
        return "" if _is_second_click(action, order, user) else refusal.text
    return ""


def _complaints(form: ActionForm) -> str:
    texts = []
    for name, errors in form.errors.items():
        if name == "version":
            texts.append(_("The page was out of date."))
            continue
        label = form.fields[name].label if name in form.fields else ""
        joined = " ".join(str(error) for error in errors)
        texts.append(f"{label}: {joined}" if label else joined)
    return " ".join(texts)


def _is_second_click(action: OrderAction, order: PurchaseOrder, user: User) -> bool:
    latest = ApprovalDecision.objects.filter(order=order).order_by("-pk").first()
    return (
        latest is not None
        and latest.decision == _KINDS.get(action.name)
        and latest.decided_by_id == user.pk
        and timezone.now() - latest.decided_at < TWO_CLICKS
    )

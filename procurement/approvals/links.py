"""Addresses that let one approver decide once about what an order says now.

They go out by mail, so opening one changes nothing: mail scanners open them too.
"""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from procurement.approvals.deciding import content_of
from procurement.approvals.models import ApprovalLink
from procurement.approvals.operations import (
    approve_order,
    reject_order,
    return_order,
    why_not_decide,
)
from procurement.approvals.people import may_approve
from procurement.approvals.queries import sees
from procurement.approvals.turns import turn_of
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.orders.models import PurchaseOrder

TOKEN_BYTES = 32
DECIDE = {"approve": approve_order, "return": return_order, "reject": reject_order}


def make_link(order_id: int, approver: User) -> str:
    """Make an address; absolute where `PUBLIC_URL` is set. Nobody can read it again.

    Raises:
        OperationNotAllowed: the order does not wait for this person.
    """
    order = PurchaseOrder.objects.get(pk=order_id)
    if reason := _why_not(order, approver):
        raise OperationNotAllowed(reason, code="not_your_turn")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    ApprovalLink.objects.create(
        token_hash=_hash(token),
        order=order,
        approver=approver,
        step=turn_of(order, approver).step,
        content_hash=content_of(order)[1],
        expires_at=timezone.now() + timedelta(hours=settings.APPROVAL_LINK_HOURS),
    )
    path = reverse("approval-link", args=[token])
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}"


def find_link(token: str) -> ApprovalLink | None:
    known = ApprovalLink.objects.select_related("order", "approver")
    return known.filter(token_hash=_hash(token)).first()


def why_not_use(link: ApprovalLink) -> str:
    """Why a link can't be used any more, in plain words; empty if it can."""
    if link.used_at is not None:
        return _("This link was used already; a link decides once.")
    if link.expires_at <= timezone.now():
        return _("This link has expired. Log in to decide.")
    order, approver = link.order, link.approver
    if reason := _why_not(order, approver):
        return reason
    if link.content_hash != content_of(order)[1]:
        return _("The order was changed since this link was made. Log in to see it.")
    if link.step_id != _step_id(order, approver):
        return _("Approval was asked for again since this link was made. Log in.")
    return ""


def use_link(*, link_id: int, decision: str, comment: str) -> PurchaseOrder:
    """Decide as the approver a link was made for; afterwards it is used up.

    Args:
        decision: `approve`, `return` or `reject`.

    Raises:
        InvalidInput: there is no such decision, or it needs a comment.
        OperationNotAllowed: the link, or its approver, may not decide any more.
    """
    if decision not in DECIDE:
        raise InvalidInput({"decision": _("Choose what you decide.")})
    with transaction.atomic():
        rows = ApprovalLink.objects.select_for_update(of=("self",))
        link = rows.select_related("approver").get(pk=link_id)
        # Nobody changes the order between the look at it and the decision.
        link.order = PurchaseOrder.objects.select_for_update().get(pk=link.order_id)
        if reason := why_not_use(link):
            raise OperationNotAllowed(reason)
        try:
            done: PurchaseOrder = DECIDE[decision](
                order_id=link.order_id,
                actor=link.approver,
                comment=comment.strip(),
                by_link=True,
            )
        except OperationNotAllowed as refused:
            # What it took away has to stand, so it is raised outside.
            refusal = refused
        else:
            link.used_at = timezone.now()
            link.save(update_fields=["used_at"])
            return done
    raise refusal


def _why_not(order: PurchaseOrder, approver: User) -> str:
    if reason := why_not_decide(order):
        return reason
    if not may_approve(approver) or not sees(order, approver):
        return _("You may not approve this order any more.")
    return turn_of(order, approver).refusal


def _step_id(order: PurchaseOrder, approver: User) -> int | None:
    step = turn_of(order, approver).step
    return None if step is None else step.pk


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()

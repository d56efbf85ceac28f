"""Steps as other systems read them; `orders.serializers` describes it."""

from typing import Any

from django.contrib.auth.models import User

from procurement.access.fields import utc_text
from procurement.approvals.models import ApprovalStep


def step_json(step: ApprovalStep) -> dict[str, Any]:
    """One of `ApprovalStep.objects.shown()`."""
    return {
        "position": step.position,
        "level": step.name,
        "rule": step.rule_name,
        "state": step.state,
        "groups": [group.name for group in step.groups.all()],
        "people": [user.get_username() for user in step.people.all()],
        "handed_to": _name(step.handed_to),
        "decided_by": _name(step.decided_by),
        "in_place_of": _name(step.in_place_of),
        "decided_at": utc_text(step.decided_at),
        "comment": step.comment,
    }


def _name(user: User | None) -> str | None:
    return None if user is None else user.get_username()

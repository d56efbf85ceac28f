"""What the audit trail says of rules of approval and of stand-ins: what was and is."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import Model

from procurement import trail
from procurement.approvals.models import ApprovalRule, AutoApproval, StandIn
from procurement.texts import gettext_lazy


def register() -> None:
    trail.register(
        "approval",
        gettext_lazy("Approval"),
        {
            "rule.made": gettext_lazy("Approval rule made"),
            "rule.changed": gettext_lazy("Approval rule changed"),
            "rule.deleted": gettext_lazy("Approval rule deleted"),
            "automatic.made": gettext_lazy("Automatic approval made"),
            "automatic.changed": gettext_lazy("Automatic approval changed"),
            "automatic.deleted": gettext_lazy("Automatic approval deleted"),
            "standin.made": gettext_lazy("Stand-in named"),
            "standin.changed": gettext_lazy("Stand-in changed"),
            "standin.deleted": gettext_lazy("Stand-in withdrawn"),
        },
    )
    trail.record_deletions(ApprovalRule, "rule.deleted")
    trail.record_deletions(AutoApproval, "automatic.deleted")
    trail.record_deletions(StandIn, "standin.deleted")


def picture(row: Model) -> dict[str, Any]:
    """Everything a rule or a stand-in says, in texts; empty for one not saved yet."""
    if row.pk is None:
        return {}
    shown = {
        field.name: _text(getattr(row, field.name))
        for field in row._meta.concrete_fields
        if field.name not in ("id", "created_at", "created_by")
    }
    if isinstance(row, ApprovalRule):
        for level in row.levels.order_by("position"):
            who = sorted(map(str, [*level.groups.all(), *level.people.all()]))
            same = " (same person may)" if level.allows_same_person else ""
            shown[f"level {level.position}"] = f"{level.name}: {', '.join(who)}{same}"
    return shown


def record(name: str, row: Model, before: dict[str, Any], actor: User) -> None:
    """Tell what was saved; nothing, if it is as it was.

    Args:
        name: `rule`, `automatic` or `standin`.
        before: its picture before it was saved.
    """
    now = picture(row)
    changes = {
        key: [before.get(key, ""), now.get(key, "")]
        for key in {**before, **now}
        if before.get(key, "") != now.get(key, "")
    }
    if changes:
        trail.record(
            f"{name}.{'changed' if before else 'made'}",
            actor=actor,
            subject=row,
            details={"changes": changes},
        )


def _text(value: Any) -> Any:
    return value if value is None or isinstance(value, bool) else str(value)

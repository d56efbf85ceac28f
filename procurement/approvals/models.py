"""Who decided what about an order, and about which content."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from procurement.approvals.rule_models import (
    ApprovalLevel,
    ApprovalRule,
    AutoApproval,
    SendOnApproval,
    StandIn,
)
from procurement.approvals.step_models import ApprovalLink, ApprovalStep, StepState
from procurement.orders.models import PurchaseOrder
from procurement.texts import gettext_lazy

__all__ = [
    "ApprovalDecision",
    "ApprovalLevel",
    "ApprovalLink",
    "ApprovalRule",
    "ApprovalStep",
    "AutoApproval",
    "Decision",
    "SendOnApproval",
    "StandIn",
    "StepState",
]


class Decision(models.TextChoices):
    APPROVED = "approved", gettext_lazy("Approved")
    RETURNED = "returned", gettext_lazy("Sent back")
    REJECTED = "rejected", gettext_lazy("Rejected")


class ApprovalDecision(models.Model):
    """One decision, of a person or a rule; it names the content it is bound to."""

    order = models.ForeignKey(
        PurchaseOrder, on_delete=models.CASCADE, related_name="decisions"
    )
    decision = models.CharField(max_length=10, choices=Decision)
    content_hash = models.CharField(max_length=64)
    content = models.JSONField(
        help_text=gettext_lazy("What would have been sent at that moment.")
    )
    comment = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    in_place_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    rule_name = models.CharField(
        max_length=80,
        blank=True,
        default="",
        db_default="",
        help_text=gettext_lazy("The rule that approved it by itself."),
    )
    step = models.ForeignKey(
        ApprovalStep, on_delete=models.PROTECT, null=True, related_name="decisions"
    )
    decided_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decision__in=Decision.values), name="decision_known"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=False) | ~Q(rule_name=""),
                name="decision_of_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order}: {self.get_decision_display()}"

    @property
    def who(self) -> str:
        """The person, for whom where it was in another's place, or the rule."""
        if self.decided_by is None:
            return f"rule: {self.rule_name}"
        if self.in_place_of is None:
            return self.decided_by.get_username()
        return f"{self.decided_by} for {self.in_place_of}"

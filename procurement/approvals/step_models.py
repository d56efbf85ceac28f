"""What an order that waits for approval was given to go through."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from procurement.approvals.rule_models import ApprovalLevel, SendOnApproval
from procurement.orders.models import PurchaseOrder


class StepState(models.TextChoices):
    LATER = "later", _("Comes later")
    WAITING = "waiting", _("Waits")
    APPROVED = "approved", _("Approved")
    RETURNED = "returned", _("Sent back")
    REJECTED = "rejected", _("Rejected")
    VOID = "void", _("Void")


class ApprovalStep(models.Model):
    """One level of one order, fixed when approval was asked for.

    It keeps its own people: a rule that is changed afterwards loosens nothing that
    waits. Steps of an earlier asking stay, as past ones.
    """

    order = models.ForeignKey(
        PurchaseOrder, on_delete=models.CASCADE, related_name="steps", db_index=False
    )
    position = models.PositiveSmallIntegerField()
    level = models.ForeignKey(
        ApprovalLevel, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    name = models.CharField(max_length=80)
    rule_name = models.CharField(max_length=80, blank=True)
    groups = models.ManyToManyField(Group, related_name="+")
    people = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    allows_same_person = models.BooleanField(default=False)
    send_on_approval = models.CharField(
        max_length=10, choices=SendOnApproval, default=SendOnApproval.AS_SET
    )
    handed_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text=_("The one person who decides, instead of the level's people."),
    )
    state = models.CharField(max_length=10, choices=StepState)
    is_past = models.BooleanField(default=False)
    content_hash = models.CharField(max_length=64)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    in_place_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    comment = models.TextField(blank=True)

    class Meta:
        ordering = ["order", "position", "pk"]
        indexes = [models.Index(fields=["order", "is_past"], name="steps_of_order")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=StepState.values), name="step_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=StepState.APPROVED) | Q(decided_by__isnull=False),
                name="step_approved_by_somebody",
            ),
            models.UniqueConstraint(
                fields=["order", "position"],
                condition=Q(is_past=False),
                name="step_position_unique",
            ),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(state=StepState.WAITING),
                name="one_step_waits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order}: {self.name}"


class ApprovalLink(models.Model):
    """An address by which one person may decide once about one content.

    The address holds a random token; only its hash is kept.
    """

    token_hash = models.CharField(max_length=64, unique=True)
    order = models.ForeignKey(PurchaseOrder, on_delete=models.CASCADE, related_name="+")
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    step = models.ForeignKey(
        ApprovalStep, on_delete=models.CASCADE, null=True, related_name="+"
    )
    content_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.order} for {self.approver}"

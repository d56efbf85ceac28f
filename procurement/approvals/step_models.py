"""What an order that waits for approval was given to go through."""

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procurement.approvals.rule_models import ApprovalLevel, SendOnApproval
from procurement.orders.models import PurchaseOrder


class StepState(models.TextChoices):
    LATER = "later", gettext_lazy("Comes later")
    WAITING = "waiting", gettext_lazy("Waits")
    APPROVED = "approved", gettext_lazy("Approved")
    RETURNED = "returned", gettext_lazy("Sent back")
    REJECTED = "rejected", gettext_lazy("Rejected")
    VOID = "void", gettext_lazy("Void")


class ApprovalStepQuerySet(models.QuerySet["ApprovalStep"]):
    def shown(self) -> "ApprovalStepQuerySet":
        """Those that count now, in their order, with everybody they name."""
        steps = self.filter(is_past=False).order_by("position")
        named = steps.select_related("handed_to", "decided_by", "in_place_of")
        return named.prefetch_related("groups", "people")


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

    objects = ApprovalStepQuerySet.as_manager()

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

    @property
    def deciders(self) -> str:
        """Who decides it: the one it was handed to, else its groups and people."""
        if self.handed_to is not None:
            return self.handed_to.get_username()
        names = [group.name for group in self.groups.all()]
        return ", ".join([*names, *(user.get_username() for user in self.people.all())])

    @property
    def who(self) -> str:
        """Who has decided it, and for whom where it was in another's place."""
        if self.decided_by is None:
            return ""
        name = self.decided_by.get_username()
        if self.in_place_of is None:
            return name
        return _("%(person)s for %(absent)s") % {
            "person": name,
            "absent": self.in_place_of.get_username(),
        }


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

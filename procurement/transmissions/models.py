"""Getting one operation to a vendor: what was asked, each try, and how it ended."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from procurement.rows import HeldChanges
from procurement.suppliers.models import Exchange, Supplier
from procurement.texts import gettext_lazy


class State(models.TextChoices):
    QUEUED = "queued", gettext_lazy("Queued")
    SENDING = "sending", gettext_lazy("Sending")
    UNKNOWN = "unknown", gettext_lazy("Outcome unknown")
    SENT = "sent", gettext_lazy("Sent")
    REFUSED = "refused", gettext_lazy("Refused by the vendor")
    FAILED = "failed", gettext_lazy("Not sent, given up")
    WITHDRAWN = "withdrawn", gettext_lazy("Withdrawn before sending")
    RELEASED = "released", gettext_lazy("Proven not to have landed")


LIVE = (State.QUEUED, State.SENDING, State.UNKNOWN)
"""Not settled: no second transmission of the operation may stand beside it."""


class Operation(models.TextChoices):
    PLACE_ORDER = "place_order", gettext_lazy("Place the order")
    CANCEL_ORDER = "cancel_order", gettext_lazy("Cancel the order")
    CREATE_SHOP = "create_shop", gettext_lazy("Create the shop")
    UPDATE_SHOP = "update_shop", gettext_lazy("Push the shop")
    CREATE_CUSTOMER = "create_customer", gettext_lazy("Create the customer")


class Urgency(models.IntegerChoices):
    """What goes first among what is due at a supplier."""

    AT_ONCE = 0, gettext_lazy("At once")
    """Taking something back: every minute counts."""
    SOON = 10, gettext_lazy("Soon")
    """The goods are wanted within days."""
    NORMAL = 20, gettext_lazy("Normal")
    WHEN_IDLE = 30, gettext_lazy("After orders")


class Transmission(models.Model):
    """One operation on its way to a vendor; its reference is the same on every try."""

    held: HeldChanges | None = None
    """Where its changes wait, while it is written together with others."""

    supplier = models.ForeignKey(
        Supplier, on_delete=models.PROTECT, related_name="transmissions"
    )
    operation = models.CharField(max_length=30, choices=Operation)
    subject = models.CharField(max_length=80)
    reference = models.CharField(max_length=50)
    is_test = models.BooleanField()
    request = models.JSONField()
    content_hash = models.CharField(max_length=64, blank=True)

    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    urgency = models.PositiveSmallIntegerField(
        choices=Urgency, default=Urgency.NORMAL, db_default=Urgency.NORMAL
    )
    attempt_count = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    claim = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    hinted_at = models.DateTimeField(null=True)

    number = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=20, blank=True)
    text = models.TextField(blank=True)
    vendor_text = models.TextField(blank=True)

    look_up_count = models.PositiveIntegerField(default=0)
    next_look_up_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    evidence = models.TextField(blank=True)

    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=State.values), name="transmission_state_known"
            ),
            models.CheckConstraint(
                condition=Q(operation__in=Operation.values),
                name="transmission_operation_known",
            ),
            models.UniqueConstraint(
                fields=["operation", "subject"],
                condition=Q(state__in=LIVE),
                name="one_live_transmission_per_operation",
            ),
            models.UniqueConstraint(
                fields=["operation", "subject"],
                condition=Q(state__in=[*LIVE, State.SENT]),
                name="nothing_is_done_twice",
            ),
            models.CheckConstraint(
                condition=Q(claim__isnull=False, lease_until__isnull=False)
                | ~Q(state=State.SENDING),
                name="sending_has_a_claim",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(state=State.QUEUED),
                name="transmission_due",
            ),
            models.Index(
                fields=["supplier", "urgency", "next_attempt_at"],
                condition=Q(state=State.QUEUED),
                name="transmission_next",
            ),
            models.Index(
                fields=["supplier", "created_at"],
                condition=Q(state=State.QUEUED),
                name="transmission_by_age",
            ),
            # What was tried and waits is rare among what waits.
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(state=State.QUEUED) & ~Q(kind=""),
                name="transmission_tried",
            ),
            models.Index(
                fields=["lease_until"],
                condition=Q(state=State.SENDING),
                name="transmission_leased",
            ),
            models.Index(
                fields=["next_look_up_at"],
                condition=Q(state=State.UNKNOWN),
                name="transmission_to_look_up",
            ),
            models.Index(fields=["subject", "operation"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_operation_display()}: {self.subject}"


class AskFirst(models.Model):
    """An operation that may have been done although our books do not say so.

    They were restored from a backup, say, and what was done after it is not in them.
    Whoever claims a transmission of it sends nothing: its outcome is unknown from the
    start, so that the supplier is asked first, by program or by a person.
    """

    operation = models.CharField(max_length=30, choices=Operation)
    subject = models.CharField(max_length=80)
    reason = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["operation", "subject"], name="ask_first_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_operation_display()}: {self.subject}"


class Outcome(models.TextChoices):
    RUNNING = "running", gettext_lazy("Under way")
    ACCEPTED = "accepted", gettext_lazy("Accepted")
    REFUSED = "refused", gettext_lazy("Refused")
    NOT_SENT = "not_sent", gettext_lazy("Not sent")
    UNKNOWN = "unknown", gettext_lazy("Unknown")


class Attempt(models.Model):
    """One try. It is written before the vendor is called, so that no call is unseen."""

    transmission = models.ForeignKey(
        Transmission, on_delete=models.CASCADE, related_name="attempts"
    )
    number = models.PositiveIntegerField()
    claim = models.UUIDField(default=uuid.uuid4)
    conversation = models.UUIDField(default=uuid.uuid4, db_index=True)
    reference = models.CharField(max_length=50)
    is_test = models.BooleanField()
    request = models.JSONField()
    before = models.JSONField(
        null=True,
        help_text=gettext_lazy("What the vendor showed just before, to compare with."),
    )
    worker = models.CharField(max_length=200)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.RUNNING)
    kind = models.CharField(max_length=20, blank=True)
    text = models.TextField(blank=True)
    vendor_text = models.TextField(blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["transmission", "number"], name="attempt_number_unique"
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=Outcome.values), name="attempt_outcome_known"
            ),
        ]

    def __str__(self) -> str:
        return f"Attempt {self.number} of {self.transmission}"

    @property
    def exchanges(self) -> models.QuerySet[Exchange]:
        return Exchange.objects.filter(conversation=self.conversation)

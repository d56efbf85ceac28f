"""What vendors sent to us, and what it makes us read."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from procurement.suppliers.models import Supplier
from procurement.texts import gettext_lazy


class DeliveryState(models.TextChoices):
    TAKEN_IN = "taken_in", gettext_lazy("Taken in")
    UNREADABLE = "unreadable", gettext_lazy("Can't be understood")


class WebhookDelivery(models.Model):
    """One webhook call, kept once however often the vendor repeats it."""

    supplier = models.ForeignKey(
        Supplier, on_delete=models.CASCADE, related_name="webhook_deliveries"
    )
    delivery_id = models.CharField(max_length=100)
    state = models.CharField(
        max_length=12, choices=DeliveryState, default=DeliveryState.TAKEN_IN
    )
    times = models.PositiveIntegerField(
        default=1,
        help_text=gettext_lazy("How often it came; only the first time counts."),
    )
    actions = models.CharField(max_length=300, blank=True)
    notifications = models.JSONField(default=list)
    has_unknown = models.BooleanField(default=False)
    body = models.TextField(blank=True)
    text = models.TextField(blank=True)
    received_at = models.DateTimeField(
        auto_now_add=True, db_default=Now(), db_index=True
    )
    last_received_at = models.DateTimeField(auto_now_add=True, db_default=Now())

    class Meta:
        verbose_name_plural = gettext_lazy("webhook deliveries")
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["supplier", "delivery_id"], name="delivery_taken_in_once"
            ),
            models.CheckConstraint(
                condition=Q(state__in=DeliveryState.values), name="delivery_state_known"
            ),
        ]
        indexes = [models.Index(fields=["supplier", "-received_at"])]

    def __str__(self) -> str:
        return f"{self.supplier}: {self.actions or self.delivery_id}"


class DueRead(models.Model):
    """Something at a supplier that is said to have changed and is to be read.

    There is one row for it however many notifications tell of it. `asked` counts
    them, so that one that comes during the reading is not taken for read.
    """

    supplier = models.ForeignKey(
        Supplier, on_delete=models.CASCADE, related_name="due_reads"
    )
    topic = models.CharField(max_length=10)
    number = models.CharField(max_length=100)
    asked = models.PositiveIntegerField(default=1)
    due_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    hinted_at = models.DateTimeField(null=True)
    text = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())

    class Meta:
        ordering = ["due_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["supplier", "topic", "number"], name="read_due_once"
            ),
        ]
        indexes = [models.Index(fields=["due_at"])]

    def __str__(self) -> str:
        return f"{self.topic} {self.number} at {self.supplier}"


class HookState(models.Model):
    """How a supplier's webhooks have been coming in; apart, since it changes often."""

    supplier = models.OneToOneField(
        Supplier, on_delete=models.CASCADE, related_name="hook_state"
    )
    last_received_at = models.DateTimeField(null=True)
    last_refused_at = models.DateTimeField(null=True)
    refused_count = models.PositiveIntegerField(
        default=0, help_text=gettext_lazy("Calls whose signature was missing or wrong.")
    )

    def __str__(self) -> str:
        return f"Webhooks of {self.supplier}"

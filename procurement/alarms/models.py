"""Silences that somebody should hear of, and the clocks that find them."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from procurement.suppliers.models import Supplier
from procurement.texts import gettext_lazy

MOST_COUNTED = 100
"""An alarm counts no further; more than that is shown as `100+`."""


class Kind(models.TextChoices):
    UNKNOWN = "unknown", gettext_lazy("Outcome unknown")
    NOT_GONE_OUT = "not_gone_out", gettext_lazy("Asked to be sent, not gone out")
    SUPPLIER_HELD = "supplier_held", gettext_lazy("Supplier held, work waits")
    SUPPLIER_UNREAD = "supplier_unread", gettext_lazy("Supplier not read")
    UNCONFIRMED = "unconfirmed", gettext_lazy("Sent, not confirmed")
    PROMISE_PASSED = "promise_passed", gettext_lazy("Promised day passed")
    REQUEST_PASSED = "request_passed", gettext_lazy("Requested day passed")
    NOBODY_SENDS = "nobody_sends", gettext_lazy("Approved, nobody sends it")
    QUEUE_STANDS = "queue_stands", gettext_lazy("Due work is not taken up")
    MESSAGES_WAIT = "messages_wait", gettext_lazy("Messages to the workers wait")
    SCHEDULER_ASLEEP = "scheduler_asleep", gettext_lazy("Scheduler asleep")
    JOB_LATE = "job_late", gettext_lazy("Recurring job late")
    WORKER_SILENT = "worker_silent", gettext_lazy("Worker silent")


MACHINE = (
    Kind.QUEUE_STANDS,
    Kind.MESSAGES_WAIT,
    Kind.SCHEDULER_ASLEEP,
    Kind.JOB_LATE,
    Kind.WORKER_SILENT,
)
"""About this installation itself; the others are about one supplier each."""


class Alarm(models.Model):
    """One silence, from the moment it was noticed until it is over.

    `since` is when the thing that has been silent longest should have spoken last;
    `sample` holds some of what it is about, the longest silent first.
    """

    kind = models.CharField(max_length=20, choices=Kind)
    supplier = models.ForeignKey(
        Supplier, on_delete=models.CASCADE, null=True, related_name="alarms"
    )
    since = models.DateTimeField()
    count = models.PositiveIntegerField(default=1)
    sample = models.JSONField(default=list)
    text = models.TextField()
    raised_at = models.DateTimeField()
    seen_at = models.DateTimeField(
        help_text=gettext_lazy("When it was last found to go on.")
    )
    cleared_at = models.DateTimeField(null=True)

    noticed_at = models.DateTimeField(
        null=True,
        help_text=gettext_lazy("When a notice that it is there last went out."),
    )
    clearance_noticed_at = models.DateTimeField(null=True)

    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_until = models.DateTimeField(
        null=True,
        help_text=gettext_lazy("Repeats are silent so long; empty: until it is over."),
    )
    comment = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "supplier"],
                condition=Q(cleared_at=None, supplier__isnull=False),
                name="one_open_alarm_per_supplier",
            ),
            models.UniqueConstraint(
                fields=["kind"],
                condition=Q(cleared_at=None, supplier=None),
                name="one_open_alarm_of_the_installation",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=Kind.values), name="alarm_kind_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["raised_at"], condition=Q(cleared_at=None), name="alarm_open"
            ),
            models.Index(
                fields=["cleared_at"],
                condition=Q(cleared_at__isnull=False, clearance_noticed_at=None),
                name="alarm_over_untold",
            ),
            models.Index(fields=["-cleared_at", "-id"], name="alarm_over"),
        ]
        permissions = [("acknowledge_alarm", "Can take an alarm on")]

    def __str__(self) -> str:
        kind = self.get_kind_display()
        return f"{kind}: {self.supplier}" if self.supplier_id else kind

    @property
    def is_open(self) -> bool:
        return self.cleared_at is None

    @property
    def count_text(self) -> str:
        return f"{MOST_COUNTED}+" if self.count > MOST_COUNTED else str(self.count)

    def is_quiet(self, now: datetime) -> bool:
        """Whether somebody has taken it on, so that it is not repeated."""
        until = self.acknowledged_until
        return self.acknowledged_at is not None and (until is None or until > now)


class Unit(models.TextChoices):
    MINUTES = "minutes", "minutes"
    HOURS = "hours", "hours"
    DAYS = "days", "days"


RULED = tuple(kind for kind in Kind if kind not in MACHINE)


class AlarmRule(models.Model):
    """Another clock for one supplier, such as for one that confirms once a week."""

    kind = models.CharField(
        "alarm", max_length=20, choices=[(kind.value, kind.label) for kind in RULED]
    )
    supplier = models.ForeignKey(
        Supplier, on_delete=models.CASCADE, related_name="alarm_rules"
    )
    is_on = models.BooleanField(
        "on",
        default=True,
        help_text=gettext_lazy("Off: no such alarm for this supplier."),
    )
    after = models.PositiveIntegerField(
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(5000)],
        help_text=gettext_lazy("How long it may be silent."),
    )
    unit = models.CharField(max_length=10, choices=Unit, default=Unit.DAYS)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["supplier", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "supplier"],
                name="one_alarm_rule_per_supplier",
                violation_error_message=gettext_lazy(
                    "This supplier has a rule for that already."
                ),
            ),
            models.CheckConstraint(
                condition=Q(unit__in=Unit.values), name="alarm_rule_unit_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} at {self.supplier}"

    @property
    def clock(self) -> timedelta:
        return timedelta(**{self.unit: self.after})

    @property
    def clock_text(self) -> str:
        return f"after {self.after} {self.unit}" if self.is_on else "never"

"""Calls to suppliers counted by the hour, so that nobody has to read exchanges."""

from django.db import models
from django.db.models import F, Q

from procurement.texts import gettext_lazy


class SupplierHour(models.Model):
    """The calls to one supplier that began in one hour.

    `errors` are calls without an answer or with a status of 400 and above;
    `throttled` are those among them that asked us to wait.
    """

    supplier = models.ForeignKey(
        "suppliers.Supplier",
        on_delete=models.CASCADE,
        related_name="hours",
        db_index=False,
    )
    hour = models.DateTimeField(
        help_text=gettext_lazy("The moment at which it begins.")
    )
    calls = models.PositiveIntegerField(default=0)
    errors = models.PositiveIntegerField(default=0)
    throttled = models.PositiveIntegerField(default=0)
    milliseconds = models.PositiveBigIntegerField(
        default=0, help_text=gettext_lazy("What all its calls took together.")
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["supplier", "hour"], name="one_row_per_supplier_and_hour"
            ),
            models.CheckConstraint(
                condition=Q(errors__lte=F("calls"), throttled__lte=F("errors")),
                name="supplier_hour_adds_up",
            ),
        ]
        indexes = [models.Index(fields=["hour"], name="supplier_hour_by_hour")]

    def __str__(self) -> str:
        return f"{self.supplier} {self.hour:%Y-%m-%d %H}"


class CountedExchanges(models.Model):
    """How far exchanges have been counted. There is one row.

    Keys are given out before their rows are committed, so a key is counted at the
    earliest one round after it was seen.
    """

    counted_to = models.BigIntegerField(default=0)
    seen_to = models.BigIntegerField(default=0)
    counted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Counted to {self.counted_to}"

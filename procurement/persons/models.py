"""Erasures of customers: who asked for each, why, and how far it has come."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from procurement.customers.models import Customer
from procurement.secrets import EncryptedJSONField
from procurement.texts import gettext_lazy


class Erasure(models.Model):
    """What a customer was called is kept, encrypted, until it is found nowhere."""

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="erasures"
    )
    reason = models.TextField(gettext_lazy("reason"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    asked_by_name = models.CharField(gettext_lazy("asked by"), max_length=150)
    asked_at = models.DateTimeField(gettext_lazy("asked at"), auto_now_add=True)
    sought = EncryptedJSONField(editable=False)
    cursor = models.JSONField(default=dict, editable=False)
    """How far it is: `{"part": 3, "after": 4711}`."""
    changed = models.JSONField(
        gettext_lazy("changed"),
        default=dict,
        help_text=gettext_lazy("Rows that were changed, by table."),
    )
    remark = models.TextField(gettext_lazy("remark"), blank=True)
    ended_at = models.DateTimeField(gettext_lazy("ended at"), null=True)

    class Meta:
        verbose_name = gettext_lazy("erasure")
        verbose_name_plural = gettext_lazy("erasures")
        ordering = ["-pk"]
        default_permissions = ("view",)
        permissions = [
            ("erase_person", "Can erase a customer's personal data"),
            ("export_person", "Can hand out what is kept about a person"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(ended_at__isnull=True),
                name="one_erasure_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer}, {self.asked_at:%Y-%m-%d}"

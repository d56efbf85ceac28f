"""What happened to a shop or a customer: the shape of one event of its history."""

from django.conf import settings
from django.db import models

from procurement.suppliers.models import Supplier
from procurement.texts import gettext_lazy
from procurement.transmissions.models import Transmission

SYSTEM = "system"


class PartyEvent(models.Model):
    """One thing that happened. Written once, never changed.

    `supplier` is there where it happened at one; `data` holds `changes`, and the
    vendor's words as `vendor_text`, where there are any.
    """

    kind = models.CharField(max_length=30)
    at = models.DateTimeField(auto_now_add=True)
    supplier = models.ForeignKey(
        Supplier, on_delete=models.PROTECT, null=True, related_name="+"
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    actor_name = models.CharField(
        max_length=150, help_text=gettext_lazy("Who it was: a person or the system.")
    )
    text = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    transmission = models.ForeignKey(
        Transmission, on_delete=models.PROTECT, null=True, related_name="+"
    )
    conversation = models.UUIDField(
        null=True, help_text=gettext_lazy("The exchanges with the supplier behind it.")
    )

    class Meta:
        abstract = True
        ordering = ["pk"]

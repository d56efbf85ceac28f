"""Who looks after what did not go through.

What is in trouble is no table: it is read from transmissions and what they are about,
so that it leaves the list the moment it is solved, through whatever door.
"""

from django.conf import settings
from django.db import models

from procurement.transmissions.models import Transmission

NOTE_LENGTH = 400


class TroubleOwner(models.Model):
    """The person one transmission was handed to last."""

    transmission = models.OneToOneField(
        Transmission, on_delete=models.CASCADE, related_name="trouble_owner"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField(max_length=NOTE_LENGTH, blank=True)
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    assigned_at = models.DateTimeField()

    class Meta:
        permissions = [
            ("handle_trouble", "Can look up, try and hand over what is in trouble"),
        ]

    def __str__(self) -> str:
        return f"{self.owner}: {self.transmission}"

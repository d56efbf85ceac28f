"""How each person wants to read the back-office."""

from django.conf import settings
from django.db import models


class UserPreference(models.Model):
    """One person's choices; what is empty goes by the browser or the installation."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="preference",
    )
    language = models.CharField(max_length=10, blank=True)
    time_zone = models.CharField(max_length=60, blank=True)
    page_size = models.PositiveSmallIntegerField(null=True)
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"Preferences of {self.user}"

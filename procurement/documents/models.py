"""What documents keep: secret addresses of calendars, and who fetched exports."""

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from procurement.access.models import hash_key
from procurement.runs.models import Run

LAST_READ_PRECISION = timedelta(minutes=5)


class CalendarFeed(models.Model):
    """The secret address of one person's calendar; who has it reads as that person.

    Only its hash is kept. One that was replaced or revoked stays, to be seen.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    secret_hash = models.CharField(max_length=64, unique=True)
    narrowing = models.JSONField(
        default=dict, help_text=_("Which orders it shows, as chosen on the calendar.")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True)
    last_read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        default_permissions = ()
        verbose_name = _("calendar address")
        verbose_name_plural = _("calendar addresses")
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(revoked_at=None),
                name="one_calendar_address_each",
            ),
        ]

    def __str__(self) -> str:
        return f"Calendar of {self.user}"

    @classmethod
    def make(
        cls, *, user: User, narrowing: dict[str, Any]
    ) -> tuple["CalendarFeed", str]:
        """Create one; the secret is returned once and can't be had again."""
        secret = secrets.token_urlsafe(32)
        feed = cls.objects.create(
            user=user, secret_hash=hash_key(secret), narrowing=narrowing
        )
        return feed, secret

    @classmethod
    def find(cls, secret: str) -> "CalendarFeed | None":
        """The one with this secret, if it is still open and its person too."""
        found = cls.objects.select_related("user").filter(
            secret_hash=hash_key(secret), revoked_at=None
        )
        feed = found.first()
        if feed is None or not (feed.user.is_active and feed.user.is_staff):
            return None
        return feed

    def note_reading(self) -> None:
        now = timezone.now()
        if self.last_read_at and now - self.last_read_at < LAST_READ_PRECISION:
            return
        CalendarFeed.objects.filter(pk=self.pk).update(last_read_at=now)


class ExportFetch(models.Model):
    """Somebody fetched a file of orders. Written once, kept when the file is gone."""

    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(auto_now_add=True)
    file_name = models.CharField(max_length=150)
    rows = models.PositiveIntegerField()
    parameters = models.JSONField(
        default=dict, help_text=_("What was asked for: table, columns, filters.")
    )

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("fetched export")
        verbose_name_plural = _("fetched exports")
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.file_name

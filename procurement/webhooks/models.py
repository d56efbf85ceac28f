"""Who is told what happened, and what became of telling them."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from procurement.scoping import scoped, sight_of
from procurement.secrets import EncryptedTextField
from procurement.shops.models import Shop
from procurement.texts import gettext_lazy as _

VIEW_ALL = "webhooks.view_all_endpoints"
MAX_URL_LENGTH = 1000


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    def visible_to(self, user: User) -> "EndpointQuerySet":
        """A person's own; everybody's for whoever may see those.

        What others are sent is beyond a limited reach, so that takes an unlimited one.
        """
        rows = scoped(self.filter(deleted_at=None), user)
        if user.has_perm(VIEW_ALL) and sight_of(user) is None:
            return rows
        return rows.filter(owner=user)

    def in_trouble(self) -> "EndpointQuerySet":
        """Those that don't take what they are sent, or were given up for it."""
        failing = Q(is_active=True, failing_since__isnull=False)
        given_up = Q(is_active=False, disabled_by=None, disabled_at__isnull=False)
        return self.filter(failing | given_up, deleted_at=None)


class Endpoint(models.Model):
    """An address that is told of events, and how that goes.

    What it is told ends where its owner's reach ends, and at its shop if it has one.
    `cursor` says how far its events have been read. Whoever works at it holds `claim`
    until `leased_until`, so that one worker at a time does.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="webhook_endpoints",
        verbose_name=_("owner"),
    )
    system = models.CharField(max_length=100, blank=True)
    """The source of the key it was made with; empty where a person made it."""
    url = models.CharField(max_length=MAX_URL_LENGTH, verbose_name=_("address"))
    description = models.CharField(
        max_length=200, blank=True, verbose_name=_("description")
    )
    types: Any = models.JSONField(default=list, blank=True)
    shop = models.ForeignKey(
        Shop,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="webhook_endpoints",
        verbose_name=_("shop"),
        help_text=_("It is told of this shop alone; empty for all."),
    )
    secret: Any = EncryptedTextField()
    old_secret: Any = EncryptedTextField(blank=True, default="")
    old_secret_until = models.DateTimeField(null=True)

    is_active = models.BooleanField(default=True)
    disabled_at = models.DateTimeField(null=True)
    disabled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    disabled_reason = models.TextField(blank=True)
    deleted_at = models.DateTimeField(null=True)

    cursor = models.CharField(max_length=200)
    is_full = models.BooleanField(default=False)
    """So much waits that no more is read for now; the feed keeps it."""
    last_success_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    """In a row."""
    not_before = models.DateTimeField(null=True)
    """It asked us to wait, or fails again and again."""
    claim = models.UUIDField(null=True)
    leased_until = models.DateTimeField(default=timezone.now, db_default=Now())
    served_at = models.DateTimeField(default=timezone.now, db_default=Now())

    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(auto_now_add=True, db_default=Now())

    objects = EndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        ordering = ["-pk"]
        default_permissions = ("add", "change", "view")
        permissions = [("view_all_endpoints", "Can view everybody's webhook endpoints")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(is_active=True)
                | Q(disabled_at__isnull=True, deleted_at__isnull=True),
                name="endpoint_active_is_not_disabled",
            ),
        ]
        indexes = [
            models.Index(
                fields=["served_at"],
                condition=Q(is_active=True),
                name="endpoints_in_use",
            ),
            models.Index(
                fields=["failing_since"],
                condition=Q(failing_since__isnull=False),
                name="endpoints_failing",
            ),
        ]

    def __str__(self) -> str:
        return self.description or self.url


class DeliveryState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Failed")
    WITHHELD = "withheld", _("Withheld")


class Delivery(models.Model):
    """One event on its way to one endpoint, with one id however often it is sent.

    Being sent is no state: `next_attempt_at` is then the moment at which the attempt
    counts as broken off, and it is sent again by itself.
    """

    endpoint = models.ForeignKey(
        Endpoint, on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    message_id = models.CharField(max_length=80)
    """What `webhook-id` says: the id of the event."""
    type = models.CharField(max_length=80)
    event_at = models.DateTimeField()
    body = models.TextField()
    """As it is signed and sent, byte for byte."""
    state = models.CharField(
        max_length=10,
        choices=DeliveryState,
        default=DeliveryState.WAITING,
        db_index=False,
    )
    tries = models.PositiveSmallIntegerField(default=0)
    """Since it was put in, or a person asked for it again."""
    attempt_count = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    text = models.TextField(blank=True)
    """What the last attempt came to."""
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())

    class Meta:
        verbose_name = _("outgoing delivery")
        verbose_name_plural = _("outgoing deliveries")
        ordering = ["-pk"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "message_id"], name="one_delivery_of_an_event"
            ),
            models.CheckConstraint(
                condition=Q(state__in=DeliveryState.values),
                name="outgoing_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state=DeliveryState.WAITING)
                | Q(next_attempt_at__isnull=False),
                name="outgoing_waiting_says_until_when",
            ),
        ]
        indexes = [
            models.Index(fields=["endpoint", "-id"], name="outgoing_of_an_endpoint"),
            models.Index(
                fields=["endpoint", "next_attempt_at"],
                condition=Q(state="waiting"),
                name="outgoing_waiting",
            ),
            models.Index(
                fields=["endpoint", "-id"],
                condition=Q(state="failed"),
                name="outgoing_failed",
            ),
            models.Index(fields=["created_at"], name="outgoing_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.type} ({self.message_id})"


class DeliveryAttempt(models.Model):
    """One call of an endpoint. One that never ended broke off with its worker."""

    delivery = models.ForeignKey(
        Delivery, on_delete=models.CASCADE, related_name="attempts", db_index=False
    )
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    duration_ms = models.PositiveIntegerField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    text = models.TextField(blank=True)
    excerpt = models.TextField(blank=True)
    """The beginning of the answer, masked."""

    class Meta:
        ordering = ["number"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["delivery", "number"], name="outgoing_attempt_numbered_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.delivery}, attempt {self.number}"

"""Customers' own logins at shops: the tries to connect one, its tokens, its history."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from procurement.customers.models import Customer
from procurement.secrets import EncryptedTextField
from procurement.suppliers.models import Supplier
from procurement.texts import gettext_lazy

SYSTEM = "system"
HASH_LENGTH = 64
ADDRESS_LENGTH = 500
SCOPE_LENGTH = 300


class Outcome(models.TextChoices):
    """How a try to connect a login ended."""

    CONNECTED = "connected", gettext_lazy("Connected")
    DECLINED = "declined", gettext_lazy("Declined at the shop")
    SHOP_ERROR = "shop_error", gettext_lazy("The shop sent back an error")
    NO_CODE = "no_code", gettext_lazy("Came back without a code")
    EXPIRED = "expired", gettext_lazy("Took too long")
    CHANGED = "changed", gettext_lazy("Settings changed meanwhile")
    REFUSED = "refused", gettext_lazy("The shop refused the code")
    NOT_SET_UP = "not_set_up", gettext_lazy("Not set up for it")
    UNREACHABLE = "unreachable", gettext_lazy("The shop was not reached")
    LOST = "lost", gettext_lazy("No usable answer")


class State(models.TextChoices):
    """How a connected login stands."""

    CONNECTED = "connected", gettext_lazy("Connected")
    RENEWING = "renewing", gettext_lazy("Being renewed")
    LOST = "lost", gettext_lazy("Needs connecting again")
    ENDED = "ended", gettext_lazy("Ended")
    DISCONNECTED = "disconnected", gettext_lazy("Disconnected")


class LoginAttempt(models.Model):
    """One try to connect a login, from the button to what came back from the shop.

    The state that travels with the browser is not kept: its hash finds the row. The
    code is not kept at all, and the verifier only until the try has ended.
    """

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="login_attempts"
    )
    supplier = models.ForeignKey(
        Supplier, on_delete=models.PROTECT, related_name="login_attempts"
    )
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    state_hash = models.CharField(max_length=HASH_LENGTH, unique=True, editable=False)
    session_hash = models.CharField(max_length=HASH_LENGTH, editable=False)
    code_verifier = EncryptedTextField(blank=True, editable=False)
    redirect_uri = models.CharField(max_length=ADDRESS_LENGTH)
    address = models.CharField(
        max_length=ADDRESS_LENGTH,
        help_text=gettext_lazy("The shop's, as it was at the start."),
    )
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    expires_at = models.DateTimeField()
    claimed_at = models.DateTimeField(
        null=True,
        help_text=gettext_lazy("When a return was taken up; there is one for a try."),
    )
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    text = models.TextField(blank=True)
    conversation = models.UUIDField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["", *Outcome.values]),
                name="login_outcome_known",
            ),
            models.CheckConstraint(
                condition=Q(outcome="", ended_at=None)
                | ~Q(outcome="") & Q(ended_at__isnull=False),
                name="login_try_ended_with_an_outcome",
            ),
        ]
        indexes = [
            models.Index(fields=["customer", "supplier", "-id"]),
            models.Index(
                fields=["expires_at"],
                condition=Q(ended_at=None),
                name="login_tries_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer} at {self.supplier}, try {self.pk}"

    @property
    def is_open(self) -> bool:
        return not self.outcome


class WithoutSecrets(models.Manager["CustomerLoginToken"]):
    """Leaves the tokens in the database until they are asked for.

    A page then shows no more than it needs, and can be shown where the key of the
    tokens is lost.
    """

    def get_queryset(self) -> models.QuerySet["CustomerLoginToken"]:
        return super().get_queryset().defer("access_token", "refresh_token")


class CustomerLoginToken(models.Model):
    """A customer's login at one supplier. It stays as a row when it is disconnected.

    `claim` changes with everything that happens to the tokens, so that the answer of
    a renewal never replaces tokens that came after it was asked for.
    """

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="logins"
    )
    supplier = models.ForeignKey(
        Supplier, on_delete=models.PROTECT, related_name="customer_logins"
    )
    state = models.CharField(max_length=12, choices=State)
    access_token = EncryptedTextField(blank=True, editable=False)
    refresh_token = EncryptedTextField(blank=True, editable=False)
    scope = models.CharField(max_length=SCOPE_LENGTH, blank=True)
    address = models.CharField(
        max_length=ADDRESS_LENGTH, help_text=gettext_lazy("The shop the tokens are of.")
    )
    expires_at = models.DateTimeField(null=True)
    obtained_at = models.DateTimeField(null=True)
    connected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    connected_at = models.DateTimeField()
    renewed_at = models.DateTimeField(null=True)
    renew_at = models.DateTimeField(
        null=True,
        help_text=gettext_lazy(
            "When the next renewal is due; none without a token for it."
        ),
    )
    claim = models.UUIDField(null=True, editable=False)
    claimed_at = models.DateTimeField(null=True)
    hinted_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True)
    revoked_at = models.DateTimeField(null=True)

    objects = WithoutSecrets()

    class Meta:
        verbose_name = gettext_lazy("shop login")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "supplier"], name="login_once_per_supplier"
            ),
            models.CheckConstraint(
                condition=Q(state__in=State.values), name="login_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[State.ENDED, State.DISCONNECTED])
                | Q(expires_at=None, renew_at=None),
                name="ended_login_is_not_renewed",
            ),
        ]
        indexes = [
            models.Index(
                fields=["renew_at"],
                condition=Q(state=State.CONNECTED),
                name="logins_to_renew",
            )
        ]
        permissions = [
            ("connect_customer", "Can connect and disconnect a customer's shop login")
        ]

    def __str__(self) -> str:
        return f"{self.customer} at {self.supplier}"

    @property
    def needs_connecting(self) -> bool:
        return self.state in (State.LOST, State.ENDED)


class LoginEvent(models.Model):
    """One thing that happened to a customer's login. Never a token in it."""

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="login_events"
    )
    supplier = models.ForeignKey(
        Supplier, on_delete=models.PROTECT, related_name="login_events"
    )
    attempt = models.ForeignKey(
        LoginAttempt, on_delete=models.PROTECT, null=True, related_name="events"
    )
    kind = models.CharField(max_length=30)
    at = models.DateTimeField(auto_now_add=True, db_default=Now())
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    actor_name = models.CharField(
        max_length=150, help_text=gettext_lazy("Who it was: a person or the system.")
    )
    text = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    conversation = models.UUIDField(
        null=True, help_text=gettext_lazy("The exchanges with the supplier behind it.")
    )

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["customer", "supplier", "-id"])]

    def __str__(self) -> str:
        return f"{self.customer} at {self.supplier}: {self.kind}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.actor_name = self.actor.get_username() if self.actor else SYSTEM
        super().save(*args, **kwargs)

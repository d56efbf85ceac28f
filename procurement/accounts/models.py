"""Logins: where people are logged in, failed tries, break-glass accounts."""

from collections.abc import Mapping

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

AGENT_LENGTH = 200
REASON_LENGTH = 500


class Means(models.TextChoices):
    """How somebody proved who they are."""

    PASSWORD = "password", _("Password")
    WITH_FACTOR = "factor", _("Password and second factor")
    SINGLE_SIGN_ON = "sso", _("Single sign-on")


class LoginSession(models.Model):
    """One browser in which a person is logged in; gone when it is not any more."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="login_sessions",
    )
    session_key = models.CharField(max_length=40, unique=True)
    means = models.CharField(max_length=10, choices=Means)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=AGENT_LENGTH, blank=True)

    class Meta:
        ordering = ["-seen_at"]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.user} from {self.address or 'an unknown address'}"


class FailedLogins(models.Model):
    """Failed tries in a row, of one account or from one address.

    The name that was typed is kept as a keyed hash alone: it may be that of nobody, or
    a password typed into the wrong field.
    """

    subject = models.CharField(max_length=80, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(db_index=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.failures} failed logins"


class BreakGlass(models.Model):
    """An account for when single sign-on is away."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="break_glass",
    )
    marked_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"Break-glass account {self.user}"


class BreakGlassUse(models.Model):
    """A login with a break-glass account; open until somebody has looked into it."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    at = models.DateTimeField()
    address = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=AGENT_LENGTH, blank=True)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    reason = models.CharField(max_length=REASON_LENGTH, blank=True)

    class Meta:
        verbose_name = _("use of a break-glass account")
        verbose_name_plural = _("uses of break-glass accounts")
        ordering = ["-pk"]
        default_permissions = ("view",)
        indexes = [
            models.Index(
                fields=["at"],
                condition=Q(acknowledged_at=None),
                name="break_glass_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.at:%Y-%m-%d %H:%M}"


class AccountEventKind(models.TextChoices):
    FACTORS_RESET = "factors_reset", _("Second factors reset")
    UNLOCKED = "unlocked", _("Let in again")
    SESSIONS_ENDED = "sessions_ended", _("Logged out everywhere")
    BREAK_GLASS_ON = "break_glass_on", _("Made a break-glass account")
    BREAK_GLASS_OFF = "break_glass_off", _("No break-glass account any more")
    LINKED = "linked", _("Single sign-on connected")
    CREATED = "created", _("Made at the first single sign-on")
    ROLES_CHANGED = "roles_changed", _("Roles changed by single sign-on")


class AccountEvent(models.Model):
    """What was done to somebody's way in, by whom and why."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="account_events",
    )
    kind = models.CharField(max_length=20, choices=AccountEventKind)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="None: the command line, or the issuer of single sign-on.",
    )
    reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    data = models.JSONField(default=dict)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        default_permissions = ("view",)
        permissions = [("help_people", "Can help people with their logins")]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_kind_display()}"


def note(
    user: User,
    kind: AccountEventKind,
    *,
    actor: User | None,
    reason: str = "",
    data: Mapping[str, object] | None = None,
) -> AccountEvent:
    """Write down what was done; called in the transaction that does it."""
    return AccountEvent.objects.create(
        user=user, kind=kind, actor=actor, reason=reason, data=dict(data or {})
    )

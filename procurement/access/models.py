"""Keys by which other systems come in, and what makes their calls safe to repeat."""

import hashlib
import hmac
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from procurement.texts import gettext_lazy

SCOPES = (
    "orders:read",
    "orders:write",
    "orders:approve",
    "suppliers:read",
    "suppliers:write",
    "shops:write",
    "customers:write",
    "events:read",
    "webhooks:write",
)
PREFIX_LENGTH = 8
LAST_USED_PRECISION = timedelta(minutes=1)


def hash_key(secret: str) -> str:
    """A key is 32 random bytes, so a plain hash of it can't be searched."""
    return hashlib.sha256(secret.encode()).hexdigest()


_OF_A_CALL = (
    *("name", "prefix", "secret_hash", "scopes"),
    *("expires_at", "revoked_at", "last_used_at"),
    *("user__username", "user__is_active", "user__is_superuser", "shop"),
    *("user__reach__orders", "user__reach__is_bound_to_shops"),
)
"""What every call to the API needs of its key, the key's user and their reach."""


class ApiKey(models.Model):
    """A key of another system; keys of one name are one system, old and new."""

    name = models.CharField(max_length=80)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys"
    )
    prefix = models.CharField(max_length=PREFIX_LENGTH, unique=True)
    secret_hash = models.CharField(max_length=64)
    scopes = models.JSONField(default=list)
    shop = models.ForeignKey(
        "shops.Shop",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="api_keys",
        help_text=gettext_lazy(
            "The one shop it sees and enters orders for; empty for all of them."
        ),
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())

    class Meta:
        ordering = ["name", "-pk"]
        verbose_name = gettext_lazy("API key")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @classmethod
    def make(
        cls,
        *,
        name: str,
        user: models.Model,
        scopes: list[str],
        shop: models.Model | None = None,
    ) -> tuple["ApiKey", str]:
        """Create a key; the text is returned once and can't be had again."""
        prefix = secrets.token_hex(PREFIX_LENGTH // 2)
        text = f"{prefix}.{secrets.token_urlsafe(32)}"
        key = cls.objects.create(
            name=name,
            user=user,
            prefix=prefix,
            secret_hash=hash_key(text),
            scopes=scopes,
            shop=shop,
        )
        return key, text

    @classmethod
    def find(cls, text: str) -> "ApiKey | None":
        """The usable key behind a text, if there is one."""
        prefix, _, _ = text.partition(".")
        keys = cls.objects.select_related("user__reach").only(*_OF_A_CALL).order_by()
        key = next(iter(keys.filter(prefix=prefix)), None)
        if key is None or not hmac.compare_digest(key.secret_hash, hash_key(text)):
            return None
        now = timezone.now()
        is_usable = (
            key.revoked_at is None
            and (key.expires_at is None or key.expires_at > now)
            and key.user.is_active
        )
        return key if is_usable else None

    def note_use(self) -> None:
        now = timezone.now()
        if self.last_used_at and now - self.last_used_at < LAST_USED_PRECISION:
            return
        ApiKey.objects.filter(pk=self.pk).update(last_used_at=now)

    @property
    def source(self) -> str:
        """Names the system in what it enters, whichever of its keys it used."""
        return f"api:{self.name}"


class IdempotencyRecord(models.Model):
    """The answer a call was given, for whoever repeats it with the same key."""

    source = models.CharField(max_length=100)
    key = models.CharField(max_length=255)
    path = models.CharField(max_length=300)
    body_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "key"], name="idempotency_key_once"
            ),
            models.CheckConstraint(
                condition=~Q(key=""), name="idempotency_key_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.key}"

"""Keys by which other systems come in, and what makes their calls safe to repeat."""

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection, models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from procurement.prepared import PreparedRead
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


_OF_KEY = (
    *("id", "name", "user_id", "prefix", "secret_hash", "scopes", "shop_id"),
    *("expires_at", "revoked_at", "last_used_at"),
)
_OF_USER = ("id", "is_superuser", "username", "is_active")
_OF_REACH = ("id", "orders", "is_bound_to_shops")
"""What every call to the API needs of its key, the key's user and their reach; in the
order in which the models have them, which `from_db` relies on."""


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
        key = next(map(_assembled, _keys_of_a_call(prefix)), None)
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


def _key_rows(prefix: str) -> models.QuerySet[ApiKey, Any]:
    return (
        ApiKey.objects.order_by()
        .filter(prefix=prefix)
        .values_list(
            *_OF_KEY,
            *(f"user__{name}" for name in _OF_USER),
            *(f"user__reach__{name}" for name in _OF_REACH),
        )
    )


_keys_of_a_call = PreparedRead(_key_rows, "a prefix")


def _assembled(row: tuple[Any, ...]) -> ApiKey:
    """The key of a row with its user and their reach; other columns come if asked."""
    alias = connection.alias
    of_key, rest = row[: len(_OF_KEY)], row[len(_OF_KEY) :]
    of_user, of_reach = rest[: len(_OF_USER)], rest[len(_OF_USER) :]
    key = ApiKey.from_db(alias, _OF_KEY, of_key)
    user: Any = get_user_model().from_db(alias, _OF_USER, of_user)
    reach: Any = user._meta.get_field("reach")
    has_reach = of_reach[0] is not None
    row_of_reach = reach.related_model.from_db(alias, _OF_REACH, of_reach)
    reach.set_cached_value(user, row_of_reach if has_reach else None)
    key.user = user
    return key


class IdempotencyRecord(models.Model):
    """The answer a call was given, for whoever repeats it with the same key."""

    source = models.CharField(max_length=100)
    key = models.CharField(max_length=255)
    path = models.CharField(max_length=300)
    body_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    holder = models.CharField(max_length=32, default="", db_default="")
    """Which of several calls with the key asks a supplier now; see `access.asking`."""
    leased_until = models.DateTimeField(null=True)
    """When whoever holds it must have died, if there is no answer by then."""
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

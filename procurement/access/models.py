"""Keys by which other systems come in, and what makes their calls safe to repeat."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.validators import MaxValueValidator
from django.db import connection, models
from django.db.models import Q, Value
from django.db.models.functions import Now
from django.utils import timezone

from procurement.access.callers import Address
from procurement.access.scopes import SCOPES
from procurement.prepared import PreparedRead
from procurement.texts import gettext_lazy

__all__ = [
    "SCOPES",
    "ApiKey",
    "CallCount",
    "IdempotencyRecord",
    "KeyEvent",
    "KeyEventKind",
    "Standing",
    "Vain",
    "hash_key",
]

PREFIX_LENGTH = 8
NOTED_EVERY = timedelta(minutes=1)
"""How often uses and vain tries of a key are written down, so that a call rarely is a
write."""
TOLD_BEFORE_END = timedelta(days=14)
"""How long before its end a key's holder and its keepers are told."""
MOST_CALLS_PER_MINUTE = 1_000_000


def hash_key(secret: str) -> str:
    """A key is 32 random bytes, so a plain hash of it can't be searched."""
    return hashlib.sha256(secret.encode()).hexdigest()


_OF_KEY = (
    *("id", "name", "user_id", "prefix", "secret_hash", "scopes", "shop_id"),
    *("expires_at", "revoked_at", "last_used_at"),
    *("networks", "calls_per_minute", "refused_at"),
)
_OF_USER = ("id", "is_superuser", "username", "is_active")
_OF_REACH = ("id", "orders", "is_bound_to_shops")
"""What every call to the API needs of its key, the key's user and their reach; in the
order in which the models have them, which `from_db` relies on."""


class Standing(models.TextChoices):
    """What a key is good for now."""

    IN_USE = "in_use", gettext_lazy("In use")
    ENDING = "ending", gettext_lazy("Ends soon")
    REPLACED = "replaced", gettext_lazy("Replaced")
    REVOKED = "revoked", gettext_lazy("Revoked")
    ENDED = "ended", gettext_lazy("Ended")
    USER_LEFT = "user_left", gettext_lazy("User not active")

    @property
    def is_good(self) -> bool:
        return self in (self.IN_USE, self.ENDING, self.REPLACED)


class Vain(models.TextChoices):
    """Why a call with a key that is known was refused."""

    REVOKED = "revoked", gettext_lazy("the key is revoked")
    ENDED = "ended", gettext_lazy("the key has ended")
    USER_LEFT = "user_left", gettext_lazy("its user is not active")
    ADDRESS = "address", gettext_lazy("the address is not in its networks")
    TOO_MANY = "too_many", gettext_lazy("its calls of the minute were used up")


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
    networks = models.JSONField(
        gettext_lazy("networks"),
        default=list,
        db_default=Value([], models.JSONField()),
        blank=True,
    )
    """Texts in CIDR notation; a call has to come from one of them, if there are any."""
    calls_per_minute = models.PositiveIntegerField(
        gettext_lazy("calls a minute"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(MOST_CALLS_PER_MINUTE)],
    )
    """Its own limit; 0 is none, and without one the installation's holds."""
    last_used_from = models.GenericIPAddressField(null=True, editable=False)
    refused_at = models.DateTimeField(null=True, editable=False)
    refused_from = models.GenericIPAddressField(null=True, editable=False)
    refused_why = models.CharField(
        max_length=20,
        choices=Vain,
        default="",
        db_default="",
        blank=True,
        editable=False,
    )
    """Its last call in vain: when, from where and why; noted once a minute at most."""
    replaced_by = models.OneToOneField(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="replaces",
    )

    class Meta:
        ordering = ["name", "-pk"]
        verbose_name = gettext_lazy("API key")
        indexes = [models.Index(fields=["expires_at"], name="apikey_expires")]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @classmethod
    def make(
        cls,
        *,
        name: str,
        user: models.Model,
        scopes: Sequence[str],
        **more: Any,
    ) -> tuple["ApiKey", str]:
        """Create the row of a key; the text is returned once and can't be had again.

        `operations.make_key` checks what it is given, and records who made it.
        """
        prefix = secrets.token_hex(PREFIX_LENGTH // 2)
        text = f"{prefix}.{secrets.token_urlsafe(32)}"
        key = cls.objects.create(
            name=name,
            user=user,
            prefix=prefix,
            secret_hash=hash_key(text),
            scopes=list(scopes),
            **more,
        )
        return key, text

    @classmethod
    def known(cls, text: str) -> "ApiKey | None":
        """The key behind a text, usable or not, if there is one."""
        prefix, _, _ = text.partition(".")
        key = next(map(_assembled, _keys_of_a_call(prefix)), None)
        if key is None or not hmac.compare_digest(key.secret_hash, hash_key(text)):
            return None
        return key

    @classmethod
    def find(cls, text: str) -> "ApiKey | None":
        """The usable key behind a text, if there is one."""
        key = cls.known(text)
        return key if key is not None and key.why_unusable is None else None

    @property
    def why_unusable(self) -> Vain | None:
        """Why it opens nothing now; None if it does."""
        if self.revoked_at is not None:
            return Vain.REVOKED
        if self.expires_at is not None and self.expires_at <= timezone.now():
            return Vain.ENDED
        return None if self.user.is_active else Vain.USER_LEFT

    @property
    def standing(self) -> Standing:
        """What people are told of it; it asks for `replaced_by_id`."""
        if why := self.why_unusable:
            return Standing(why.value)
        if self.replaced_by_id is not None:
            return Standing.REPLACED
        return Standing.ENDING if self.ends_soon else Standing.IN_USE

    @property
    def ends_soon(self) -> bool:
        """Whether it ends within `TOLD_BEFORE_END`, or has ended."""
        if self.expires_at is None:
            return False
        return self.expires_at - timezone.now() <= TOLD_BEFORE_END

    def note_use(self, caller: Address | None) -> None:
        self._note(self.last_used_at, "last_used_at", last_used_from=_text(caller))

    def note_refusal(self, why: Vain, caller: Address | None) -> None:
        self._note(
            self.refused_at,
            "refused_at",
            refused_from=_text(caller),
            refused_why=why.value,
        )

    def _note(self, noted_at: datetime | None, column: str, **values: Any) -> None:
        now = timezone.now()
        if noted_at and now - noted_at < NOTED_EVERY:
            return
        ApiKey.objects.filter(pk=self.pk).update(**{column: now}, **values)

    @property
    def source(self) -> str:
        """Names the system in what it enters, whichever of its keys it used."""
        return f"api:{self.name}"


def _text(address: Address | None) -> str | None:
    return None if address is None else str(address)


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


class KeyEventKind(models.TextChoices):
    MADE = "made", gettext_lazy("Made")
    REPLACED = "replaced", gettext_lazy("Replaced")
    CHANGED = "changed", gettext_lazy("Changed")
    REVOKED = "revoked", gettext_lazy("Revoked")


class KeyEvent(models.Model):
    """What somebody did to a key; an actor of None is whoever has the command line."""

    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=20, choices=KeyEventKind)
    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    data = models.JSONField(default=dict)
    """What it was about, each as plain JSON: names of columns with what was and is
    (`{"changes": {"networks": [[], ["10.0.0.0/8"]]}}`), `replaces`, `replaced_by`."""

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.key} {self.kind}"


class CallCount(models.Model):
    """A key's calls within one minute, where no Redis counts them."""

    key = models.OneToOneField(
        ApiKey, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    window = models.BigIntegerField()
    """Minutes since 1970."""
    calls = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.key_id}: {self.calls}"


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

"""Accounts at vendors, what they sell, and how they are doing."""

from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator, URLValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

import vendors
from procurement.money import ExactDecimalField
from procurement.secrets import EncryptedJSONField, EncryptedTextField
from procurement.suppliers.hour_models import (  # noqa: F401 - found by Django here
    CountedExchanges,
    SupplierHour,
)
from vendors.contracts import Vendor


class Mode(models.TextChoices):
    TEST = "test", _("Test")
    LIVE = "live", _("Live")


class Language(models.TextChoices):
    """What a supplier reads; each is named as it names itself."""

    ENGLISH = "en", "English"
    SWEDISH = "sv", "Svenska"
    NORWEGIAN = "nb", "Norsk bokmål"
    DANISH = "da", "Dansk"


def vendor_choices() -> list[tuple[str, str]]:
    return [(code, vendors.get(code).name) for code in vendors.CODES]


class Supplier(models.Model):
    """One account at one vendor; two accounts at a vendor are two suppliers."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    vendor = models.CharField(
        max_length=20, choices=vendor_choices, help_text=_("The kind of API behind it.")
    )
    mode = models.CharField(
        max_length=10,
        choices=Mode,
        default=Mode.TEST,
        help_text=_("Live means that orders are real purchases."),
    )
    is_paused = models.BooleanField(
        default=False, help_text=_("Holds every order for this supplier in the queue.")
    )
    paused_at = models.DateTimeField(null=True, editable=False)
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    pause_reason = models.CharField(
        max_length=200, blank=True, db_default="", editable=False
    )
    base_url = models.CharField(
        "address", max_length=500, validators=[URLValidator(["https", "http"])]
    )
    auth_url = models.CharField(
        "login address",
        max_length=500,
        blank=True,
        validators=[URLValidator(["https", "http"])],
        help_text=_("Where the login is on another host."),
    )
    credentials = EncryptedJSONField(blank=True, default=dict, editable=False)
    options = models.JSONField(blank=True, default=dict)
    mapping = models.JSONField(
        blank=True,
        default=dict,
        help_text=_("Names and status words that differ from the vendor's table."),
    )
    currency = models.CharField(max_length=3, blank=True)
    language = models.CharField(
        _("language"),
        max_length=5,
        choices=Language,
        default=Language.ENGLISH,
        db_default=Language.ENGLISH,
        help_text=_("Of what is printed for the supplier, such as an order."),
    )
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(mode__in=Mode.values), name="supplier_mode_known"
            ),
            models.CheckConstraint(
                condition=Q(language__in=Language.values),
                name="supplier_language_known",
            ),
        ]
        permissions = [
            ("check_supplier", "Can check the connection to a supplier"),
            ("pause_supplier", "Can pause and resume a supplier"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        is_new = self._state.adding
        super().save(*args, **kwargs)
        if is_new:
            SupplierHealth.objects.create(supplier=self)

    @property
    def is_live(self) -> bool:
        return self.mode == Mode.LIVE

    @property
    def api(self) -> Vendor:
        """What the vendor behind this account can do."""
        return vendors.get(self.vendor)


class Breaker(models.TextChoices):
    """Whether calls go to a supplier, as its failures have decided."""

    CLOSED = "closed", _("Calls go out")
    OPEN = "open", _("Paused by itself")
    HALF_OPEN = "half_open", _("Tried with one at a time")


class SupplierHealth(models.Model):
    """How calls to a supplier have gone lately; apart, since it changes often."""

    supplier = models.OneToOneField(
        Supplier, on_delete=models.CASCADE, related_name="health"
    )
    last_success_at = models.DateTimeField(null=True)
    last_failure_at = models.DateTimeField(null=True)
    last_failure_kind = models.CharField(max_length=20, blank=True)
    last_failure_text = models.TextField(blank=True)
    failures_in_a_row = models.PositiveIntegerField(default=0)
    blocked_until = models.DateTimeField(
        null=True, help_text=_("No order is sent before: the account is in trouble.")
    )
    throttled_until = models.DateTimeField(
        null=True, help_text=_("The supplier has asked for no calls before.")
    )
    breaker = models.CharField(
        max_length=10,
        choices=Breaker,
        default=Breaker.CLOSED,
        db_default=Breaker.CLOSED,
    )
    breaker_failures = models.PositiveIntegerField(
        default=0,
        db_default=0,
        help_text=_("Failures in a row that say the supplier itself is in trouble."),
    )
    breaker_openings = models.PositiveIntegerField(
        default=0, db_default=0, help_text=_("How often it opened without a good call.")
    )
    breaker_changed_at = models.DateTimeField(null=True)
    breaker_until = models.DateTimeField(
        null=True, help_text=_("When the supplier is tried again.")
    )

    class Meta:
        verbose_name_plural = "supplier health"
        constraints = [
            models.CheckConstraint(
                condition=Q(breaker__in=Breaker.values), name="breaker_known"
            ),
            models.CheckConstraint(
                condition=~Q(breaker=Breaker.OPEN) | Q(breaker_until__isnull=False),
                name="open_breaker_has_an_end",
            ),
        ]

    def __str__(self) -> str:
        return f"Health of {self.supplier}"


class CallBudget(models.Model):
    """How far the calls of one group at a supplier have used up their rate.

    `next_call_us` is the moment, in microseconds since 1970, at which the next call
    would come if all calls were evenly spaced; the rate allows it to run ahead by a
    burst. Where Redis keeps the budget, this row stands in while Redis is away.
    """

    supplier = models.ForeignKey(
        Supplier, on_delete=models.CASCADE, related_name="budgets"
    )
    group = models.CharField(max_length=40, blank=True)
    next_call_us = models.BigIntegerField(default=0)
    closed_until = models.DateTimeField(null=True)
    closed_why = models.CharField(max_length=200, blank=True)
    throttled_in_a_row = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["supplier", "group"], name="one_budget_per_group"
            ),
        ]

    def __str__(self) -> str:
        return f"Budget of {self.supplier} {self.group}".strip()


class SupplierEvent(models.Model):
    """One change of a supplier's settings; secrets are named, never shown."""

    supplier = models.ForeignKey(
        Supplier, on_delete=models.CASCADE, related_name="events"
    )
    kind = models.CharField(max_length=30)
    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    text = models.TextField(blank=True)
    data = models.JSONField(default=dict)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.supplier} {self.kind}"


class SupplierItem(models.Model):
    """An article as one supplier sells it."""

    supplier = models.ForeignKey(
        Supplier, on_delete=models.CASCADE, related_name="items"
    )
    item_number = models.CharField(max_length=80)
    brand = models.CharField(max_length=80, blank=True)
    mpn = models.CharField("maker's number", max_length=80, blank=True)
    gtin = models.CharField("EAN / UPC", max_length=14, blank=True)
    description = models.CharField(max_length=300, blank=True)
    unit = models.CharField(max_length=10, blank=True)
    pack_quantity = ExactDecimalField(
        decimal_places=3, default=1, validators=[MinValueValidator(0)]
    )
    min_order_quantity = ExactDecimalField(
        decimal_places=3, default=1, validators=[MinValueValidator(0)]
    )
    is_listed = models.BooleanField(
        default=False,
        editable=False,
        help_text=_("It was in the last price file that was taken over."),
    )
    missing_since = models.DateTimeField(
        "not sold since",
        null=True,
        editable=False,
        help_text=_("Since when the supplier does not seem to sell it any more."),
    )
    supplier_changed_at = models.DateTimeField(
        null=True, editable=False, help_text=_("The supplier's own time of its change.")
    )

    class Meta:
        ordering = ["supplier", "item_number"]
        # By the beginning of a text PostgreSQL finds rows in such an index alone,
        # whatever the collation.
        indexes = [
            models.Index(
                fields=["item_number"],
                opclasses=["varchar_pattern_ops"],
                name="supplier_item_number",
            ),
            models.Index(
                fields=["mpn"],
                opclasses=["varchar_pattern_ops"],
                condition=~Q(mpn=""),
                name="supplier_item_mpn",
            ),
            models.Index(
                fields=["gtin"],
                opclasses=["varchar_pattern_ops"],
                condition=~Q(gtin=""),
                name="supplier_item_gtin",
            ),
            models.Index(
                fields=["description"],
                opclasses=["varchar_pattern_ops"],
                name="supplier_item_description",
            ),
            models.Index(
                fields=["supplier"],
                condition=Q(is_listed=True),
                name="supplier_item_listed",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["supplier", "item_number", "brand"],
                name="supplier_item_unique",
                violation_error_message=_("This supplier has that item already."),
            ),
            models.CheckConstraint(
                condition=Q(pack_quantity__gt=0, min_order_quantity__gt=0),
                name="supplier_item_quantities_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.item_number


class UnknownWord(models.Model):
    """A word of the vendor's that is in no table, until somebody explains it."""

    supplier = models.ForeignKey(
        Supplier, on_delete=models.CASCADE, related_name="unknown_words"
    )
    key = models.CharField(
        max_length=200, help_text=_("The key it lacks in the mapping: order_status.Foo")
    )
    times = models.PositiveIntegerField(default=1)
    subject = models.CharField(max_length=80, blank=True)
    first_seen_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    last_seen_at = models.DateTimeField(auto_now_add=True, db_default=Now())

    class Meta:
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(
                fields=["supplier", "key"], name="unknown_word_once_per_supplier"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class SupplierToken(models.Model):
    """An access token at a vendor, shared by all processes and machines."""

    is_had_again = True
    """By logging in, which costs less than asking a person (`secretplaces`)."""

    key = models.CharField(max_length=200, unique=True)
    value = EncryptedTextField()
    obtained_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Token {self.key}"


class Exchange(models.Model):
    """One HTTP request with its answer, secrets masked before it got here.

    Exchanges of one call to a vendor (a login, then the order) share their
    `conversation`; an attempt, a poll or a check is found by it.
    """

    conversation = models.UUIDField(db_index=True)
    supplier = models.ForeignKey(
        Supplier, on_delete=models.CASCADE, related_name="exchanges"
    )
    subject = models.CharField(max_length=80, blank=True, db_index=True)
    purpose = models.CharField(max_length=60)
    method = models.CharField(max_length=10)
    url = models.TextField()
    request_headers = models.JSONField(default=dict)
    request_body = models.TextField(blank=True)
    status = models.PositiveSmallIntegerField(null=True)
    response_headers = models.JSONField(default=dict)
    response_body = models.TextField(blank=True)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField(db_index=True)
    duration_ms = models.PositiveIntegerField()

    class Meta:
        ordering = ["started_at", "pk"]
        indexes = [models.Index(fields=["supplier", "-started_at"])]

    def __str__(self) -> str:
        return f"{self.method} {self.url} → {self.status or self.error}"

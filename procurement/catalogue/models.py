"""What suppliers told of their items over time, and of the lines of our orders."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from procurement.catalogue.file_models import (
    FileState,
    PriceFile,
    PriceFileFault,
    PriceFilePart,
    StagedRow,
)
from procurement.money import ExactDecimalField
from procurement.orders import queries
from procurement.orders.models import PurchaseOrder
from procurement.suppliers.models import Supplier, SupplierItem
from procurement.texts import gettext_lazy

__all__ = [
    "CatalogueState",
    "FileState",
    "ItemOffer",
    "OrderCheck",
    "PriceFile",
    "PriceFileFault",
    "PriceFilePart",
    "Source",
    "StagedRow",
]


class Source(models.TextChoices):
    LIVE = "live", gettext_lazy("Asked")
    PRICE_FILE = "price_file", gettext_lazy("Price file")
    CHANGED_STOCK = "changed_stock", gettext_lazy("List of changed stock")
    WEBHOOK = "webhook", gettext_lazy("Webhook")
    IMPORT = "import", gettext_lazy("Brought by a person")


class ItemOffer(models.Model):
    """What an item was offered for, from one moment until something differed.

    While the supplier tells the same again, only `last_seen_at` moves. Of each item
    one row is the present one; a price that can't be right is held back beside it,
    and never takes its place by itself.
    """

    item = models.ForeignKey(
        SupplierItem, on_delete=models.CASCADE, related_name="offers"
    )
    price = ExactDecimalField(
        decimal_places=4,
        null=True,
        help_text=gettext_lazy("For one unit, without VAT."),
    )
    currency = models.CharField(max_length=3, blank=True)
    price_breaks = models.JSONField(
        default=list,
        help_text=gettext_lazy("Pairs of from quantity and price, as exact text."),
    )
    quantity_available = ExactDecimalField(decimal_places=3, null=True)
    stock_by_kind = models.JSONField(
        default=dict, help_text=gettext_lazy("Quantities as exact text")
    )
    lead_time_days = models.PositiveIntegerField(null=True)
    next_receiving_on = models.DateField(null=True)
    is_known = models.BooleanField(
        default=True,
        help_text=gettext_lazy("False: the supplier does not know the item."),
    )
    source = models.CharField(max_length=20, choices=Source)
    as_of = models.DateTimeField(help_text=gettext_lazy("When it was told first."))
    last_seen_at = models.DateTimeField(
        help_text=gettext_lazy("When the same was told last.")
    )
    priced_at = models.DateTimeField(
        null=True,
        help_text=gettext_lazy(
            "When the price was told last; stock may be told alone."
        ),
    )
    warning = models.TextField(blank=True)
    is_quarantined = models.BooleanField(
        default=False,
        help_text=gettext_lazy("Its price can't be right and does not count."),
    )
    is_current = models.BooleanField(
        default=True,
        help_text=gettext_lazy("Nothing newer of its sort was told since."),
    )
    conversation = models.UUIDField(null=True)

    class Meta:
        ordering = ["-as_of", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "is_quarantined"],
                condition=Q(is_current=True),
                name="offer_one_current",
            ),
            models.CheckConstraint(
                condition=Q(source__in=Source.values), name="offer_source_known"
            ),
            models.CheckConstraint(
                condition=Q(price__isnull=True) | Q(price__gte=0),
                name="offer_price_not_below_0",
            ),
        ]
        indexes = [
            models.Index(fields=["item", "-as_of", "-id"]),
            models.Index(
                fields=["-as_of"],
                condition=Q(is_current=True, is_quarantined=True),
                name="offer_held_back",
            ),
        ]
        permissions = [
            ("fetch_itemoffer", "Can ask suppliers for prices and stock now"),
            ("release_itemoffer", "Can let a price count that was held back"),
        ]

    def __str__(self) -> str:
        return f"{self.item} at {self.price} {self.currency}"


class CatalogueState(models.Model):
    """How far a supplier's lists of changed products and stock have been read.

    The cursors are the latest change times the supplier itself gave.
    """

    supplier = models.OneToOneField(
        Supplier, on_delete=models.CASCADE, related_name="catalogue_state"
    )
    products_cursor = models.DateTimeField(null=True)
    stock_cursor = models.DateTimeField(null=True)
    next_at = models.DateTimeField(db_index=True)
    hinted_at = models.DateTimeField(null=True)
    last_success_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"Following the range of {self.supplier}"


CHECK_HOLDS = timedelta(hours=24)
"""Prices are a snapshot and no quotation; older ones are asked for again."""


class OrderCheck(models.Model):
    """What the supplier said to the lines of an order at one moment.

    `lines` has one entry for each line, by position, as `checking.compare` makes
    them; numbers are exact text.
    """

    order = models.ForeignKey(
        PurchaseOrder, on_delete=models.CASCADE, related_name="checks"
    )
    checked_at = models.DateTimeField(default=timezone.now)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    content_hash = models.CharField(
        max_length=64, help_text=gettext_lazy("Of the order as it was then.")
    )
    currency = models.CharField(max_length=3)
    total_ordered = ExactDecimalField(decimal_places=3)
    total_now = ExactDecimalField(
        decimal_places=3,
        help_text=gettext_lazy(
            "A line whose price is not known counts at the ordered one."
        ),
    )
    lines = models.JSONField(default=list)
    conversation = models.UUIDField(null=True)
    taken_at = models.DateTimeField(
        null=True, help_text=gettext_lazy("When its prices were put into the order.")
    )
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["order", "-id"])]

    def __str__(self) -> str:
        return f"Check of {self.order}"

    present_hash = ""
    """Of the order as it is now, where somebody has found it out already."""

    @property
    def is_stale(self) -> bool:
        """Whether the order says something else by now."""
        now = self.present_hash or queries.content_hash(self.order)
        return self.content_hash != now

    @property
    def is_old(self) -> bool:
        return timezone.now() - self.checked_at > CHECK_HOLDS

    @property
    def difference(self) -> Decimal:
        more: Decimal = self.total_now - self.total_ordered
        return more

    @property
    def takeable(self) -> list[dict[str, Any]]:
        """The lines whose price now is another one and may be taken over."""
        return [line for line in self.lines if line["can_take"]]

    @property
    def unpriced_count(self) -> int:
        return sum(not line["has_price"] for line in self.lines)

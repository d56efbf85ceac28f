"""A price file on its way into the catalogue.

The file lies in the database, in compressed parts: whichever machine took it in,
any worker can read it, from the beginning again if another one was killed. What was
read is staged, and nothing of it counts before the whole of it was judged.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from procurement.money import ExactDecimalField
from procurement.suppliers.models import Supplier, SupplierItem
from procurement.texts import gettext_lazy


class FileState(models.TextChoices):
    WAITING = "waiting", gettext_lazy("Waiting for a worker")
    LOADING = "loading", gettext_lazy("Being read")
    QUARANTINED = "quarantined", gettext_lazy("Held back")
    APPLYING = "applying", gettext_lazy("Being taken over")
    DONE = "done", gettext_lazy("Taken over")
    DISCARDED = "discarded", gettext_lazy("Discarded")
    FAILED = "failed", gettext_lazy("Could not be read")


IN_WORK = (FileState.WAITING, FileState.LOADING, FileState.APPLYING)


class PriceFile(models.Model):
    """A supplier's price file, and what became of it."""

    supplier = models.ForeignKey(
        Supplier, on_delete=models.CASCADE, related_name="price_files"
    )
    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(
        max_length=12, choices=FileState, default=FileState.WAITING
    )
    hinted_at = models.DateTimeField(null=True)
    text = models.TextField(
        blank=True, help_text=gettext_lazy("Why it failed or was discarded.")
    )

    total_bytes = models.PositiveBigIntegerField(default=0)
    read_bytes = models.PositiveBigIntegerField(default=0)
    read_line = models.PositiveIntegerField(
        default=0, help_text=gettext_lazy("The last line of the file that was staged.")
    )
    row_count = models.PositiveIntegerField(default=0)
    fault_count = models.PositiveIntegerField(default=0)

    applied_line = models.PositiveIntegerField(
        default=0,
        help_text=gettext_lazy("The last line of the file that was taken over."),
    )
    applied_count = models.PositiveIntegerField(default=0)
    new_count = models.PositiveIntegerField(default=0)
    changed_count = models.PositiveIntegerField(default=0)
    unchanged_count = models.PositiveIntegerField(default=0)
    held_count = models.PositiveIntegerField(
        default=0,
        help_text=gettext_lazy("Prices that can't be right and were held back."),
    )
    missing_count = models.PositiveIntegerField(
        default=0,
        help_text=gettext_lazy("Items of the last file that are not in this one."),
    )

    reasons = models.JSONField(
        default=list, help_text=gettext_lazy("Why it was held back.")
    )
    figures = models.JSONField(
        default=dict, help_text=gettext_lazy("What it was judged by.")
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    evidence = models.TextField(blank=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=FileState.values), name="price_file_state_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(state__in=IN_WORK), name="price_file_in_work"
            ),
            models.Index(fields=["supplier", "-id"]),
        ]
        permissions = [
            ("release_pricefile", "Can release or discard a price file held back"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_in_work(self) -> bool:
        return self.state in IN_WORK

    @property
    def percent(self) -> int:
        """How far the step is that it is in."""
        done, whole = {
            FileState.LOADING: (self.read_bytes, self.total_bytes),
            FileState.APPLYING: (self.applied_count, self.row_count),
        }.get(FileState(self.state), (0, 0))
        return min(done * 100 // whole, 100) if whole else 0


class PriceFilePart(models.Model):
    """Some of a file's bytes, compressed; gone once the file was worked off."""

    file = models.ForeignKey(PriceFile, on_delete=models.CASCADE, related_name="parts")
    position = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["file", "position"], name="price_file_part_once"
            ),
        ]

    def __str__(self) -> str:
        return f"Part {self.position} of {self.file}"


class StagedRow(models.Model):
    """One line of a file that was read and does not count yet.

    `item` and `known_price` are what we had of it when it was read; the file is
    judged by them. When it is taken over, the item is looked up again.
    """

    file = models.ForeignKey(PriceFile, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    item_number = models.CharField(max_length=80)
    brand = models.CharField(max_length=80, blank=True)
    mpn = models.CharField(max_length=80, blank=True)
    gtin = models.CharField(max_length=14, blank=True)
    description = models.CharField(max_length=300, blank=True)
    price = ExactDecimalField(decimal_places=4, null=True)
    currency = models.CharField(max_length=3, blank=True)
    quantity_available = ExactDecimalField(decimal_places=3, null=True)
    next_receiving_on = models.DateField(null=True)
    warning = models.TextField(blank=True)
    as_of = models.DateTimeField()
    item = models.ForeignKey(
        SupplierItem,
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        # Looked for from the other side only when an item is deleted, by hand.
        db_index=False,
    )
    known_price = ExactDecimalField(decimal_places=4, null=True)

    class Meta:
        ordering = ["line"]
        constraints = [
            models.UniqueConstraint(fields=["file", "line"], name="staged_row_once"),
        ]

    def __str__(self) -> str:
        return f"Line {self.line} of {self.file}"


class PriceFileFault(models.Model):
    """A line of a file that could not be read; of very many, the first are kept."""

    file = models.ForeignKey(PriceFile, on_delete=models.CASCADE, related_name="faults")
    line = models.PositiveIntegerField()
    text = models.TextField()

    class Meta:
        ordering = ["line"]
        indexes = [models.Index(fields=["file", "line"])]

    def __str__(self) -> str:
        return f"{self.line}: {self.text}"

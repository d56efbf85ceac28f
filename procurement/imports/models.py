"""Files of orders and of items that people brought, and what came of each."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from procurement.orders.models import PurchaseOrder
from procurement.runs.models import Run
from procurement.suppliers.models import SupplierItem


class ImportState(models.TextChoices):
    NEW = "new", _("Not read yet")
    UNREADABLE = "unreadable", _("Can't be read")
    FAULTY = "faulty", _("To be put right")
    READY = "ready", _("Ready to import")
    DONE = "done", _("Imported")


class FileImport(models.Model):
    """A file as it was brought; whether a worker is at it says its run.

    `findings` is what was found when it was looked at last, as `findings.Findings`.
    """

    name = models.CharField(_("name"), max_length=120)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    content = models.BinaryField()
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("brought by"),
    )
    uploaded_at = models.DateTimeField(_("brought at"), auto_now_add=True)
    state = models.CharField(
        _("state"), max_length=12, choices=ImportState, default=ImportState.NEW
    )
    trouble = models.TextField(blank=True, help_text="Why it can't be read.")
    findings = models.JSONField(default=dict)
    applied_at = models.DateTimeField(_("imported at"), null=True)
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        abstract = True
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_in_work(self) -> bool:
        return self.run is not None and self.run.is_in_work


def _constraints(prefix: str) -> list[models.BaseConstraint]:
    return [
        models.UniqueConstraint(
            fields=["sha256", "uploaded_by"],
            condition=Q(applied_at__isnull=True),
            name=f"{prefix}_import_waits_once",
        ),
        models.CheckConstraint(
            condition=Q(state__in=ImportState.values),
            name=f"{prefix}_import_state_known",
        ),
        models.CheckConstraint(
            condition=Q(state=ImportState.DONE, applied_at__isnull=False)
            | (~Q(state=ImportState.DONE) & Q(applied_at__isnull=True)),
            name=f"{prefix}_import_done_says_when",
        ),
    ]


def _indexes(prefix: str) -> list[models.Index]:
    return [
        models.Index(fields=["sha256"], name=f"{prefix}_imports_by_content"),
        models.Index(
            fields=["uploaded_at"],
            condition=Q(applied_at__isnull=True),
            name=f"{prefix}_imports_unused",
        ),
    ]


class OrderImport(FileImport):
    """A file of orders. The very same content is imported once."""

    class Meta(FileImport.Meta):
        verbose_name = _("import of orders")
        verbose_name_plural = _("imports of orders")
        constraints = [
            *_constraints("order"),
            models.UniqueConstraint(
                fields=["sha256"],
                condition=Q(applied_at__isnull=False),
                name="order_import_applied_once",
            ),
        ]
        indexes = _indexes("order")


class ItemImport(FileImport):
    """A file of suppliers' items; importing it again changes what differs."""

    class Meta(FileImport.Meta):
        verbose_name = _("import of items")
        verbose_name_plural = _("imports of items")
        constraints = _constraints("item")
        indexes = _indexes("item")


class ImportedOrder(models.Model):
    """An order that came in a file, and where in it."""

    order_import = models.ForeignKey(
        OrderImport, on_delete=models.PROTECT, related_name="orders"
    )
    order = models.OneToOneField(
        PurchaseOrder, on_delete=models.CASCADE, related_name="imported"
    )
    line = models.PositiveIntegerField(help_text="Of its first row.")

    class Meta:
        ordering = ["line"]

    def __str__(self) -> str:
        return f"{self.order} from {self.order_import}"


class ImportedItem(models.Model):
    """An item a file created, changed or priced."""

    class How(models.TextChoices):
        CREATED = "created", _("Created")
        CHANGED = "changed", _("Changed")
        UNCHANGED = "unchanged", _("As it was")

    item_import = models.ForeignKey(
        ItemImport, on_delete=models.PROTECT, related_name="items"
    )
    item = models.ForeignKey(SupplierItem, on_delete=models.CASCADE, related_name="+")
    line = models.PositiveIntegerField()
    how = models.CharField(max_length=10, choices=How)

    class Meta:
        ordering = ["line"]
        constraints = [
            models.UniqueConstraint(
                fields=["item_import", "item"], name="imported_item_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} from {self.item_import}"

"""What came of an order: shipments, receipts, invoices; how far we have read."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from procurement.money import ExactDecimalField
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.suppliers.models import Supplier
from procurement.texts import gettext_lazy


class Shipment(models.Model):
    """Goods the supplier sent off: as its API told, or as a person recorded."""

    order = models.ForeignKey(
        PurchaseOrder, on_delete=models.CASCADE, related_name="shipments"
    )
    number = models.CharField(max_length=80, db_index=True)
    shipped_at = models.DateTimeField(null=True)
    forwarder = models.CharField(max_length=80, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text=gettext_lazy(
            "Who recorded it by hand; empty where the supplier's API told."
        ),
    )
    evidence = models.TextField(blank=True)
    document = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "number"], name="shipment_once_per_order"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_manual(self) -> bool:
        return self.recorded_by_id is not None


class Package(models.Model):
    """A parcel of a shipment; people search for its number."""

    shipment = models.ForeignKey(
        Shipment, on_delete=models.CASCADE, related_name="packages"
    )
    number = models.CharField(max_length=80, db_index=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shipment", "number"], name="package_once_per_shipment"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class ShipmentLine(models.Model):
    shipment = models.ForeignKey(
        Shipment, on_delete=models.CASCADE, related_name="lines"
    )
    order_line = models.ForeignKey(
        OrderLine, on_delete=models.CASCADE, related_name="shipment_lines"
    )
    quantity = ExactDecimalField(decimal_places=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shipment", "order_line"], name="line_once_per_shipment"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="shipped_quantity_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.order_line}"


class GoodsReceipt(models.Model):
    """Goods we counted in; the evidence is the count of the person named."""

    order = models.ForeignKey(
        PurchaseOrder, on_delete=models.CASCADE, related_name="receipts"
    )
    note = models.CharField(max_length=400, blank=True)
    document = models.CharField(
        max_length=80, blank=True, help_text=gettext_lazy("The delivery note's number.")
    )
    received_on = models.DateField(
        null=True,
        help_text=gettext_lazy(
            "The day the goods came, where it is not that of the entry."
        ),
    )
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Receipt {self.pk} of {self.order}"


class GoodsReceiptLine(models.Model):
    receipt = models.ForeignKey(
        GoodsReceipt, on_delete=models.CASCADE, related_name="lines"
    )
    order_line = models.ForeignKey(
        OrderLine, on_delete=models.CASCADE, related_name="receipt_lines"
    )
    quantity = ExactDecimalField(decimal_places=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["receipt", "order_line"], name="line_once_per_receipt"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="received_quantity_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.order_line}"


class SupplierInvoice(models.Model):
    """An invoice of the supplier for one order; an order may have several."""

    order = models.ForeignKey(
        PurchaseOrder, on_delete=models.CASCADE, related_name="invoices"
    )
    supplier = models.ForeignKey(
        Supplier,
        on_delete=models.PROTECT,
        related_name="invoices",
        help_text=gettext_lazy(
            "The order's, once more: a number is unique within a supplier."
        ),
    )
    number = models.CharField(max_length=80, db_index=True)
    invoice_date = models.DateField()
    amount = ExactDecimalField(
        decimal_places=3,
        help_text=gettext_lazy("Without VAT, in the order's currency."),
    )
    is_final = models.BooleanField(default=False)
    evidence = models.TextField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                "supplier", Upper("number"), name="invoice_once_per_supplier"
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0), name="invoice_amount_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class StepImport(models.Model):
    """A file of steps a person brought, and what became of each of its rows."""

    name = models.CharField(max_length=120)
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField(auto_now_add=True)
    applied_at = models.DateTimeField(null=True)
    result = models.JSONField(
        default=list,
        help_text=gettext_lazy("One entry for each row, in the order of the file."),
    )

    class Meta:
        ordering = ["-pk"]
        verbose_name = gettext_lazy("import of steps")
        verbose_name_plural = gettext_lazy("imports of steps")
        constraints = [
            models.UniqueConstraint(
                fields=["sha256", "uploaded_by"], name="import_once_per_person"
            ),
            models.UniqueConstraint(
                fields=["sha256"],
                condition=Q(applied_at__isnull=False),
                name="import_applied_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ImportedStep(models.Model):
    """A step that came by a file, so that it is known when it comes again."""

    step_import = models.ForeignKey(
        StepImport, on_delete=models.PROTECT, related_name="steps"
    )
    order = models.ForeignKey(PurchaseOrder, on_delete=models.CASCADE, related_name="+")
    fingerprint = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "fingerprint"], name="imported_step_once"
            ),
        ]

    def __str__(self) -> str:
        return f"Step of {self.order} from {self.step_import}"


class PollState(models.Model):
    """How far a supplier's list of changes has been read, and when it is read next.

    Where there is no such list, a poll is a round of looks at single orders.

    `cursor` is a time the supplier itself gave, less what the reading took: changes
    before it have all been seen. `newest_seen` is the latest change any list showed.
    """

    supplier = models.OneToOneField(
        Supplier, on_delete=models.CASCADE, related_name="poll_state"
    )
    cursor = models.DateTimeField(null=True)
    newest_seen = models.DateTimeField(null=True)
    next_poll_at = models.DateTimeField(db_index=True)
    hinted_at = models.DateTimeField(null=True)
    last_success_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    orders_read = models.PositiveIntegerField(
        default=0, help_text=gettext_lazy("In the last poll that came to its end.")
    )
    quiet_polls = models.PositiveIntegerField(
        default=0,
        help_text=gettext_lazy("So many polls in a row found nothing that had moved."),
    )

    def __str__(self) -> str:
        return f"Polling of {self.supplier}"


class OrderLook(models.Model):
    """When an open order is looked at next, where no list tells that it has moved."""

    order = models.OneToOneField(
        PurchaseOrder,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="look",
    )
    supplier = models.ForeignKey(
        Supplier, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    next_look_at = models.DateTimeField()
    quiet_looks = models.PositiveIntegerField(
        default=0,
        help_text=gettext_lazy("So many looks in a row found nothing that had moved."),
    )

    class Meta:
        indexes = [models.Index(fields=["supplier", "next_look_at"])]

    def __str__(self) -> str:
        return f"Look at {self.order}"

"""What came of an order: shipments, receipts, and how far we have read."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from procurement.money import ExactDecimalField
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.suppliers.models import Supplier


class Shipment(models.Model):
    """Goods the supplier sent off, as it announced them."""

    order = models.ForeignKey(
        PurchaseOrder, on_delete=models.CASCADE, related_name="shipments"
    )
    number = models.CharField(max_length=80, db_index=True)
    shipped_at = models.DateTimeField(null=True)
    forwarder = models.CharField(max_length=80, blank=True)
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
    """Goods we counted in."""

    order = models.ForeignKey(
        PurchaseOrder, on_delete=models.CASCADE, related_name="receipts"
    )
    note = models.CharField(
        max_length=200, blank=True, help_text="Delivery note number, or a remark."
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


class PollState(models.Model):
    """How far a supplier's list of changes has been read.

    `cursor` is the latest change time the supplier itself gave, never our clock.
    """

    supplier = models.OneToOneField(
        Supplier, on_delete=models.CASCADE, related_name="poll_state"
    )
    cursor = models.DateTimeField(null=True)
    next_poll_at = models.DateTimeField(db_index=True)
    hinted_at = models.DateTimeField(null=True)
    last_success_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"Polling of {self.supplier}"

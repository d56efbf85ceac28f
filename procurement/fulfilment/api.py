"""REST: what the supplier sent off and invoiced."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from procurement.access.fields import ExactDecimal, ReadSerializer
from procurement.access.sparse import shows
from procurement.fulfilment.models import Shipment, ShipmentLine, SupplierInvoice
from procurement.orders.api import OfOneOrder


class ShipmentLineSerializer(ReadSerializer):
    position = serializers.IntegerField(source="order_line.position")
    item_number = serializers.CharField(source="order_line.item_number")
    quantity = ExactDecimal(decimal_places=3)

    class Meta:
        model = ShipmentLine
        fields = ["position", "item_number", "quantity"]


class ShipmentSerializer(ReadSerializer):
    packages: Any = serializers.SlugRelatedField(
        many=True, read_only=True, slug_field="number", help_text="Parcel numbers."
    )
    lines = ShipmentLineSerializer(many=True)
    is_manual = serializers.BooleanField(
        help_text="Recorded by a person, on the evidence named."
    )

    class Meta:
        model = Shipment
        fields = [
            "number",
            "shipped_at",
            "forwarder",
            "packages",
            "lines",
            "is_manual",
            "evidence",
            "document",
        ]


class OrderShipments(OfOneOrder):
    """Goods the supplier sent off: as its API told, or as a person recorded."""

    queryset = Shipment.objects.none()
    serializer_class = ShipmentSerializer

    def get_queryset(self) -> QuerySet[Shipment]:
        shipments = Shipment.objects.filter(order__number=self.order_number())
        neighbours = {"lines": "lines__order_line", "packages": "packages"}
        selection = self.selection()
        return shipments.prefetch_related(
            *(path for name, path in neighbours.items() if shows(selection, name))
        )


class InvoiceSerializer(ReadSerializer):
    amount = ExactDecimal(decimal_places=3, help_text="Without VAT.")
    currency = serializers.CharField(source="order.currency")
    recorded_by = serializers.CharField(source="recorded_by.username")

    class Meta:
        model = SupplierInvoice
        fields = [
            "number",
            "invoice_date",
            "amount",
            "currency",
            "is_final",
            "evidence",
            "recorded_by",
            "recorded_at",
        ]


class OrderInvoices(OfOneOrder):
    """The supplier's invoices for an order, as people recorded them."""

    queryset = SupplierInvoice.objects.none()
    serializer_class = InvoiceSerializer

    def get_queryset(self) -> QuerySet[SupplierInvoice]:
        return SupplierInvoice.objects.filter(
            order__number=self.order_number()
        ).select_related("order", "recorded_by")

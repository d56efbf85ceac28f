"""REST: what the supplier sent off."""

from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from procurement.access.fields import ExactDecimal, ReadSerializer
from procurement.fulfilment.models import Shipment, ShipmentLine
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

    class Meta:
        model = Shipment
        fields = ["number", "shipped_at", "forwarder", "packages", "lines"]


class OrderShipments(OfOneOrder):
    """Goods the supplier sent off, as it announced them."""

    queryset = Shipment.objects.none()
    serializer_class = ShipmentSerializer

    def get_queryset(self) -> QuerySet[Shipment]:
        return Shipment.objects.filter(
            order__number=self.order_number()
        ).prefetch_related("lines__order_line", "packages")

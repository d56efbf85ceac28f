"""Items, their offers and the checks of orders as other systems see them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from procurement.access.fields import ExactDecimal, ReadSerializer
from procurement.catalogue.models import ItemOffer, OrderCheck
from procurement.money import price_text
from procurement.suppliers.models import SupplierItem
from procurement.suppliers.serializers import PriceBreakSerializer
from procurement.texts import gettext_lazy


class KeptOfferSerializer(ReadSerializer):
    """What an item was offered for, from `as_of` until `last_seen_at` at least."""

    unit_price = serializers.SerializerMethodField(
        help_text=gettext_lazy("Without VAT; null if the supplier gave none.")
    )
    price_breaks = serializers.SerializerMethodField()
    quantity_available = ExactDecimal(decimal_places=3, allow_null=True)
    stock_by_kind = serializers.DictField(child=serializers.CharField())

    class Meta:
        model = ItemOffer
        fields = [
            "unit_price",
            "currency",
            "price_breaks",
            "quantity_available",
            "stock_by_kind",
            "lead_time_days",
            "next_receiving_on",
            "is_known",
            "source",
            "as_of",
            "last_seen_at",
            "priced_at",
            "warning",
            "is_quarantined",
            "is_current",
        ]

    @extend_schema_field(
        {"type": ["string", "null"], "format": "decimal", "examples": ["41.50"]}
    )
    def get_unit_price(self, offer: ItemOffer) -> str | None:
        return None if offer.price is None else price_text(offer.price, offer.currency)

    @extend_schema_field(PriceBreakSerializer(many=True))
    def get_price_breaks(self, offer: ItemOffer) -> list[dict[str, str]]:
        return [
            {"from_quantity": quantity, "unit_price": price}
            for quantity, price in offer.price_breaks
        ]


class ItemSerializer(ReadSerializer):
    pack_quantity = ExactDecimal(decimal_places=3)
    min_order_quantity = ExactDecimal(decimal_places=3)
    offer = serializers.SerializerMethodField(
        help_text=gettext_lazy(
            "The present one; null if the supplier told nothing so far."
        )
    )

    class Meta:
        model = SupplierItem
        fields = [
            "id",
            "item_number",
            "brand",
            "mpn",
            "gtin",
            "description",
            "unit",
            "pack_quantity",
            "min_order_quantity",
            "is_listed",
            "missing_since",
            "offer",
        ]

    @extend_schema_field(KeptOfferSerializer(allow_null=True))
    def get_offer(self, item: Any) -> dict[str, Any] | None:
        if not item.present_offers:
            return None
        return dict(KeptOfferSerializer(item.present_offers[0]).data)


class RemarkSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(
        help_text=gettext_lazy(
            "`unknown_item`, `no_price`, `other_currency`, `other_unit`, "
            "`stock_unknown`, `too_few`, `ambiguous_brand`, "
            "`below_minimum`, `not_whole_packs` or `warning`."
        )
    )
    text = serializers.CharField()


class CheckedLineSerializer(serializers.Serializer[Any]):
    """A line of the order beside what the supplier says; numbers are exact text."""

    position = serializers.IntegerField()
    item_number = serializers.CharField()
    brand = serializers.CharField()
    quantity = serializers.CharField()
    unit = serializers.CharField()
    ordered_price = serializers.CharField()
    price = serializers.CharField(
        allow_null=True, help_text=gettext_lazy("For one unit at this quantity, now.")
    )
    difference = serializers.CharField(allow_null=True)
    percent = serializers.CharField(allow_null=True)
    can_take = serializers.BooleanField(
        help_text=gettext_lazy("`take_prices` would take it over.")
    )
    is_known = serializers.BooleanField()
    quantity_available = serializers.CharField(allow_null=True)
    stock_by_kind = serializers.DictField(child=serializers.CharField())
    lead_time_days = serializers.IntegerField(allow_null=True)
    next_receiving_on = serializers.DateField(allow_null=True)
    as_of = serializers.CharField()
    remarks = RemarkSerializer(many=True)


class OrderCheckSerializer(ReadSerializer):
    order = serializers.CharField(source="order.number")
    checked_by = serializers.CharField(source="checked_by.username")
    total_ordered = serializers.SerializerMethodField()
    total_now = serializers.SerializerMethodField(
        help_text=gettext_lazy(
            "A line whose price is not known counts at the ordered one."
        )
    )
    difference = serializers.SerializerMethodField()
    is_stale = serializers.BooleanField(
        help_text=gettext_lazy("The order was changed since; check it again.")
    )
    lines = CheckedLineSerializer(many=True)

    class Meta:
        model = OrderCheck
        fields = [
            "order",
            "checked_at",
            "checked_by",
            "currency",
            "total_ordered",
            "total_now",
            "difference",
            "is_stale",
            "taken_at",
            "lines",
        ]

    def get_total_ordered(self, check: OrderCheck) -> str:
        return price_text(check.total_ordered, check.currency)

    def get_total_now(self, check: OrderCheck) -> str:
        return price_text(check.total_now, check.currency)

    def get_difference(self, check: OrderCheck) -> str:
        return price_text(check.difference, check.currency)

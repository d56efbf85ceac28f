"""Orders as other systems write and read them.

What comes in is checked here for its shape alone; `entry` says whether the values
will do. What goes out is built by hand, since a page holds hundreds of lines; the
declared fields describe it.
"""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import F, QuerySet
from rest_framework import serializers

from procurement.access.fields import (
    ExactDecimal,
    StrictSerializer,
    UtcDateTimeField,
    day_text,
    utc_text,
)
from procurement.addresses import FIELDS as ADDRESS_FIELDS
from procurement.customers.models import Customer
from procurement.money import plain, price_text, round_amount
from procurement.orders.entry import MAX_LINES
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.orders.states import Approval, Fulfilment, Sending, Status
from procurement.shops.models import Shop
from procurement.suppliers.models import Supplier

MAX_POSITION = 2**31 - 1
MAX_NOTE = PurchaseOrder._meta.get_field("note").max_length


# --- in ---------------------------------------------------------------------------


def text(**kwargs: Any) -> serializers.CharField:
    return serializers.CharField(required=False, allow_blank=True, **kwargs)


def by_name(model: Any, name: str, **kwargs: Any) -> serializers.SlugRelatedField[Any]:
    return serializers.SlugRelatedField(
        slug_field=name,
        queryset=model.objects.all(),
        error_messages={"does_not_exist": "There is no such one: {value}."},
        **kwargs,
    )


class AddressInput(StrictSerializer):
    name = text()
    street = text()
    street_number = text()
    entrance = text()
    zip_code = text()
    city = text()
    country_code = text(help_text="Two capital letters, such as SE.")


class LineInput(StrictSerializer):
    position = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=MAX_POSITION,
        help_text="Its place in the list, if not given.",
    )
    item_number = serializers.CharField()
    brand = text()
    description = text()
    quantity = ExactDecimal(decimal_places=3)
    unit = text()
    unit_price = ExactDecimal(decimal_places=4, help_text="Without VAT.")
    vat_percent = ExactDecimal(
        decimal_places=2, max_digits=5, required=False, allow_null=True
    )


class OrderInput(StrictSerializer):
    external_reference = text(
        help_text="Yours, unique within your system. Repeating the same body with it "
        "answers with the first order."
    )
    supplier = by_name(Supplier, "slug", help_text="Its slug.")
    shop = by_name(Shop, "slug", required=False, allow_null=True, help_text="Its slug.")
    customer = serializers.PrimaryKeyRelatedField(
        queryset=Customer.objects.all(), required=False, allow_null=True
    )
    buyer = by_name(
        User, "username", required=False, help_text="A user name; yours without it."
    )
    currency = text(help_text="ISO 4217; the supplier's without it.")
    requested_date = serializers.DateField(required=False, allow_null=True)
    note = text(max_length=MAX_NOTE, help_text="Goes to the supplier.")
    test = serializers.BooleanField(
        source="is_test",
        required=False,
        help_text="Not a real purchase; always so at a supplier in test mode.",
    )
    delivery_address = AddressInput(required=False)
    lines = LineInput(  # type: ignore[call-arg]
        many=True, allow_empty=False, max_length=MAX_LINES
    )


# --- out --------------------------------------------------------------------------


class AddressSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    street = serializers.CharField()
    street_number = serializers.CharField()
    entrance = serializers.CharField()
    zip_code = serializers.CharField()
    city = serializers.CharField()
    country_code = serializers.CharField()


def decimal_text(**kwargs: Any) -> serializers.RegexField:
    """A decimal as it is shown; input has `ExactDecimal`."""
    return serializers.RegexField(r"^-?\d+(\.\d+)?$", **kwargs)


class LineSerializer(serializers.Serializer[OrderLine]):
    position = serializers.IntegerField()
    item_number = serializers.CharField()
    brand = serializers.CharField()
    description = serializers.CharField()
    quantity = decimal_text()
    unit = serializers.CharField()
    unit_price = decimal_text()
    vat_percent = decimal_text(allow_null=True)
    is_confirmed = serializers.BooleanField()
    quantity_picking = decimal_text()
    quantity_shipped = decimal_text()
    quantity_received = decimal_text()
    quantity_cancelled = decimal_text()
    fulfilment = serializers.ChoiceField(Fulfilment.choices)
    supplier_status = serializers.CharField(help_text="The supplier's own word.")
    promised_date = serializers.DateField(allow_null=True)


class OrderSerializer(serializers.Serializer[PurchaseOrder]):
    """Shows an order of `shown_orders`."""

    number = serializers.CharField()
    external_reference = serializers.CharField()
    supplier = serializers.SlugField()
    shop = serializers.SlugField(allow_null=True)
    customer = serializers.IntegerField(allow_null=True)
    currency = serializers.CharField()
    requested_date = serializers.DateField(allow_null=True)
    note = serializers.CharField()
    test = serializers.BooleanField()
    delivery_address = AddressSerializer()
    lines = LineSerializer(many=True)
    total = decimal_text(help_text="Without VAT.")
    status = serializers.ChoiceField(Status.choices)
    approval = serializers.ChoiceField(Approval.choices)
    transmission = serializers.ChoiceField(Sending.choices)
    fulfilment = serializers.ChoiceField(Fulfilment.choices)
    attention = serializers.CharField(help_text="Why a person has to look at it.")
    supplier_order_number = serializers.CharField()
    version = serializers.IntegerField()
    source = serializers.CharField(  # type: ignore[assignment]
        help_text="The system that entered it."
    )
    buyer = serializers.CharField(help_text="A user name.")
    invoiced = serializers.BooleanField()
    supplier_status = serializers.CharField(help_text="The supplier's own word.")
    promised_date = serializers.DateField(allow_null=True)
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()
    submitted_at = UtcDateTimeField(allow_null=True)
    approved_at = UtcDateTimeField(allow_null=True)
    sent_at = UtcDateTimeField(allow_null=True)

    def to_representation(self, instance: PurchaseOrder) -> dict[str, Any]:
        return order_json(instance)


def shown_orders() -> QuerySet[PurchaseOrder]:
    """Orders with all that is shown of them: two queries, however many there are."""
    return PurchaseOrder.objects.annotate(
        supplier_slug=F("supplier__slug"),
        shop_slug=F("shop__slug"),
        buyer_name=F("buyer__username"),
    ).prefetch_related("lines")


def shown_order(order_id: int) -> dict[str, Any]:
    return order_json(shown_orders().get(pk=order_id))


def order_json(order: Any) -> dict[str, Any]:
    """The JSON of one of `shown_orders`."""
    return {
        "number": order.number,
        "external_reference": order.external_reference,
        "supplier": order.supplier_slug,
        "shop": order.shop_slug,
        "customer": order.customer_id,
        "currency": order.currency,
        "requested_date": day_text(order.requested_date),
        "note": order.note,
        "test": order.is_test,
        "delivery_address": {
            name: getattr(order, f"delivery_{name}") for name in ADDRESS_FIELDS
        },
        "lines": [line_json(line, order.currency) for line in order.lines.all()],
        "total": price_text(round_amount(order.total, order.currency), order.currency),
        "status": order.status.value,
        "approval": order.approval,
        "transmission": order.transmission,
        "fulfilment": order.fulfilment,
        "attention": order.attention,
        "supplier_order_number": order.supplier_order_number,
        "version": order.version,
        "source": order.source,
        "buyer": order.buyer_name,
        "invoiced": order.is_invoiced,
        "supplier_status": order.supplier_status,
        "promised_date": day_text(order.promised_date),
        "created_at": utc_text(order.created_at),
        "updated_at": utc_text(order.updated_at),
        "submitted_at": utc_text(order.submitted_at),
        "approved_at": utc_text(order.approved_at),
        "sent_at": utc_text(order.sent_at),
    }


def line_json(line: OrderLine, currency: str) -> dict[str, Any]:
    return {
        "position": line.position,
        "item_number": line.item_number,
        "brand": line.brand,
        "description": line.description,
        "quantity": plain(line.quantity),
        "unit": line.unit,
        "unit_price": price_text(line.unit_price, currency),
        "vat_percent": None if line.vat_percent is None else plain(line.vat_percent),
        "is_confirmed": line.is_confirmed,
        "quantity_picking": plain(line.quantity_picking),
        "quantity_shipped": plain(line.quantity_shipped),
        "quantity_received": plain(line.quantity_received),
        "quantity_cancelled": plain(line.quantity_cancelled),
        "fulfilment": line.fulfilment,
        "supplier_status": line.supplier_status,
        "promised_date": day_text(line.promised_date),
    }

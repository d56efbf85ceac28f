"""Orders as other systems write and read them.

What comes in is checked here for its shape alone; `entry` says whether the values
will do. What goes out is only described here: a page holds hundreds of lines, so
`representation` makes it without a field object for each value.
"""

from typing import Any

from django.contrib.auth.models import User
from rest_framework import serializers

from procurement.access.fields import (
    ExactDecimal,
    SeenKeyField,
    SeenSlugField,
    StrictSerializer,
    UtcDateTimeField,
    longest,
)
from procurement.addresses import COUNTRY_BY_CODE
from procurement.customers.models import Customer
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


def of_order(name: str, **kwargs: Any) -> serializers.CharField:
    return text(max_length=longest(PurchaseOrder, name), **kwargs)


def of_line(name: str, **kwargs: Any) -> serializers.CharField:
    return text(max_length=longest(OrderLine, name), **kwargs)


def by_name(
    model: Any, name: str, what: str, **kwargs: Any
) -> serializers.SlugRelatedField[Any]:
    return SeenSlugField(
        slug_field=name,
        queryset=model.objects.all(),
        error_messages={
            "does_not_exist": f"There is no {what} {{value}}; give the {name} of one."
        },
        **kwargs,
    )


class AddressInput(StrictSerializer):
    name = of_order("delivery_name")
    street = of_order("delivery_street")
    street_number = of_order("delivery_street_number")
    entrance = of_order("delivery_entrance")
    zip_code = of_order("delivery_zip_code")
    city = of_order("delivery_city")
    country_code = of_order(
        "delivery_country_code",
        help_text="Two capital letters, such as SE.",
        error_messages={"max_length": COUNTRY_BY_CODE},
    )


class LineInput(StrictSerializer):
    position = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=MAX_POSITION,
        help_text="Its place in the list, if not given.",
    )
    item_number = serializers.CharField(max_length=longest(OrderLine, "item_number"))
    brand = of_line("brand")
    description = of_line("description")
    quantity = ExactDecimal(decimal_places=3)
    unit = of_line("unit")
    unit_price = ExactDecimal(decimal_places=4, help_text="Without VAT.")
    vat_percent = ExactDecimal(
        decimal_places=2, max_digits=5, required=False, allow_null=True
    )


class OrderInput(StrictSerializer):
    external_reference = of_order(
        "external_reference",
        help_text="Yours, unique within your system. Repeating the same body with it "
        "answers with the first order.",
    )
    supplier = by_name(Supplier, "slug", "supplier", help_text="Its slug.")
    shop = by_name(
        Shop, "slug", "shop", required=False, allow_null=True, help_text="Its slug."
    )
    customer = SeenKeyField(
        queryset=Customer.objects.all(),
        required=False,
        allow_null=True,
        error_messages={
            "does_not_exist": "There is no customer {pk_value}; give the id of one."
        },
    )
    buyer = by_name(
        User,
        "username",
        "user",
        required=False,
        help_text="A user name; yours without it.",
    )
    currency = of_order(
        "currency",
        help_text="ISO 4217; the supplier's without it.",
        error_messages={
            "max_length": "Give a currency by its three letters, such as SEK."
        },
    )
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
    first_promised_date = serializers.DateField(
        allow_null=True, help_text="The first day promised; lateness is from there."
    )


class ChargeSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    amount = serializers.CharField()


class OrderSerializer(serializers.Serializer[PurchaseOrder]):
    """A purchase order."""

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
    payment_status = serializers.CharField(
        help_text="The supplier's own word for the payment, where it gives one."
    )
    supplier_charges = ChargeSerializer(
        many=True, help_text="What the supplier added by itself, without VAT."
    )
    promised_date = serializers.DateField(allow_null=True)
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()
    submitted_at = UtcDateTimeField(allow_null=True)
    approved_at = UtcDateTimeField(allow_null=True)
    sent_at = UtcDateTimeField(allow_null=True)


class StatusSumSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(Status.choices)
    orders = serializers.IntegerField()
    total = decimal_text(help_text="Without VAT.")


class CurrencySumSerializer(serializers.Serializer[Any]):
    currency = serializers.CharField()
    test = serializers.BooleanField(help_text="Not real purchases.")
    orders = serializers.IntegerField(help_text="How many there are.")
    total = decimal_text(help_text="Without VAT.")
    by_status = StatusSumSerializer(many=True)


class OrderSumsSerializer(serializers.Serializer[Any]):
    by_currency = CurrencySumSerializer(
        many=True, help_text="Currencies are never added up, nor tests with purchases."
    )


STEP_STATES = [
    (word, word)
    for word in ("later", "waiting", "approved", "returned", "rejected", "void")
]


class ApprovalStepSerializer(serializers.Serializer[Any]):
    """One level an order has to go through, in their order."""

    position = serializers.IntegerField(help_text="From 1; as many as there are rows.")
    level = serializers.CharField()
    rule = serializers.CharField(help_text="Which demands it; empty for none.")
    state = serializers.ChoiceField(STEP_STATES)
    groups = serializers.ListField(child=serializers.CharField())
    people = serializers.ListField(
        child=serializers.CharField(), help_text="User names, beside the groups."
    )
    handed_to = serializers.CharField(
        allow_null=True, help_text="Who decides instead of all those."
    )
    decided_by = serializers.CharField(allow_null=True)
    in_place_of = serializers.CharField(
        allow_null=True, help_text="For whom it was decided, who was away."
    )
    decided_at = UtcDateTimeField(allow_null=True)
    comment = serializers.CharField()


class OrderDetailSerializer(OrderSerializer):
    """An order read by its number."""

    approval_steps = ApprovalStepSerializer(
        many=True, help_text="None where no rule demands levels."
    )

"""Suppliers and vendors as other systems see them: no secret ever goes out."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from procurement.access.fields import (
    ExactDecimal,
    ReadSerializer,
    StrictSerializer,
    UtcDateTimeField,
    longest,
)
from procurement.money import plain, price_text
from procurement.suppliers.admin_health import Health
from procurement.suppliers.hours import last_day
from procurement.suppliers.models import Language, Mode, Supplier, SupplierHealth
from procurement.suppliers.standing import standings
from vendors.contracts import Capability, FieldKind, SettingField, Vendor

VENDOR_CODES = list(Supplier._meta.get_field("vendor").choices or [])
SETTING_KINDS = [(kind.value, kind.value) for kind in FieldKind]
MAX_SETTING = 2000
"""Characters of one option or credential; a private key in text has fewer."""

# --- suppliers --------------------------------------------------------------------


@extend_schema_field(
    {"type": ["string", "number", "boolean"], "maxLength": MAX_SETTING}
)
class SettingValue(serializers.Field[Any, Any, Any, Any]):
    """One value of an option; the vendor's own table says of what kind it has to be."""

    default_error_messages = {
        "invalid": "Give a text, a number, or true or false.",
        "long": "Give a text of at most {most} characters.",
    }
    remedy = default_error_messages["invalid"]

    def to_internal_value(self, data: Any) -> str | int | bool | Decimal:
        if not isinstance(data, str | int | Decimal):
            self.fail("invalid")
        if isinstance(data, str) and len(data) > MAX_SETTING:
            self.fail("long", most=MAX_SETTING)
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class SupplierInput(StrictSerializer):
    slug = serializers.CharField(max_length=longest(Supplier, "slug"))
    name = serializers.CharField(max_length=longest(Supplier, "name"))
    vendor = serializers.ChoiceField(choices=VENDOR_CODES)
    mode = serializers.ChoiceField(Mode.choices, required=False)
    is_paused = serializers.BooleanField(required=False)
    base_url = serializers.CharField(max_length=longest(Supplier, "base_url"))
    auth_url = serializers.CharField(
        required=False, allow_blank=True, max_length=longest(Supplier, "auth_url")
    )
    credentials = serializers.DictField(
        child=serializers.CharField(
            allow_blank=True, trim_whitespace=False, max_length=MAX_SETTING
        ),
        required=False,
        write_only=True,
        help_text="Those not given stay as they are. They never come out again.",
    )
    options = serializers.DictField(
        child=SettingValue(), required=False, help_text="See `vendors/`."
    )
    mapping = serializers.DictField(
        child=serializers.CharField(max_length=MAX_SETTING),
        required=False,
        help_text="Names and status words that differ from the vendor's table.",
    )
    currency = serializers.CharField(
        required=False, allow_blank=True, max_length=longest(Supplier, "currency")
    )
    language = serializers.ChoiceField(
        Language.choices,
        required=False,
        help_text="Of what is printed for the supplier.",
    )


class SupplierSerializer(ReadSerializer):
    vendor = serializers.ChoiceField(
        choices=VENDOR_CODES, help_text="The kind of API behind it."
    )
    credentials_set = serializers.SerializerMethodField(
        help_text="The names of the credentials that are stored."
    )
    options = serializers.DictField(child=SettingValue())
    mapping = serializers.DictField(child=serializers.CharField())

    class Meta:
        model = Supplier
        fields = [
            "slug",
            "name",
            "vendor",
            "mode",
            "is_paused",
            "base_url",
            "auth_url",
            "credentials_set",
            "options",
            "mapping",
            "currency",
            "language",
            "version",
            "created_at",
            "updated_at",
        ]

    def get_credentials_set(self, supplier: Supplier) -> list[str]:
        return sorted(name for name, value in supplier.credentials.items() if value)


class CheckSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(help_text="What was learnt about the account.")


class BudgetSerializer(serializers.Serializer[Any]):
    group = serializers.CharField(
        help_text="The vendor's own name for these calls; empty for all others."
    )
    calls_per_minute = serializers.IntegerField(
        allow_null=True, help_text="Null: there is no limit."
    )
    source = serializers.CharField(  # type: ignore[assignment]
        help_text="How sure the figure is, or that it was set for this supplier."
    )
    left = serializers.IntegerField(
        allow_null=True, help_text="Calls that could be made at once now."
    )
    closed_until = UtcDateTimeField(allow_null=True)
    closed_why = serializers.CharField()


class HourSerializer(serializers.Serializer[Any]):
    begins = UtcDateTimeField()
    calls = serializers.IntegerField()
    errors = serializers.IntegerField(  # type: ignore[assignment]
        help_text="Calls without an answer, or with a status of 400 and above."
    )
    throttled = serializers.IntegerField(
        help_text="Those among them that asked us to wait."
    )
    average_ms = serializers.IntegerField(allow_null=True)


class HealthSerializer(ReadSerializer):
    is_paused = serializers.BooleanField(source="supplier.is_paused")
    paused_at = UtcDateTimeField(source="supplier.paused_at", allow_null=True)
    paused_by = serializers.CharField(
        source="supplier.paused_by.username", default=None, allow_null=True
    )
    pause_reason = serializers.CharField(source="supplier.pause_reason")
    state = serializers.SerializerMethodField(help_text="All of it in plain words.")
    budgets = serializers.SerializerMethodField(
        help_text="How often the supplier may be called, all machines together."
    )

    hours = serializers.SerializerMethodField(
        help_text="The calls of the last 24 hours, the present hour last. They are "
        "counted once a minute."
    )

    class Meta:
        model = SupplierHealth
        fields = [
            "is_paused",
            "last_success_at",
            "last_failure_at",
            "last_failure_kind",
            "last_failure_text",
            "failures_in_a_row",
            "blocked_until",
            "throttled_until",
            "paused_at",
            "paused_by",
            "pause_reason",
            "state",
            "breaker",
            "breaker_failures",
            "breaker_until",
            "budgets",
            "hours",
        ]

    def get_state(self, health: SupplierHealth) -> str:
        return Health.of(health.supplier).word

    @extend_schema_field(BudgetSerializer(many=True))
    def get_budgets(self, health: SupplierHealth) -> Any:
        return BudgetSerializer(standings(health.supplier), many=True).data

    @extend_schema_field(HourSerializer(many=True))
    def get_hours(self, health: SupplierHealth) -> Any:
        key = health.supplier_id
        return HourSerializer(last_day([key], timezone.now())[key], many=True).data


# --- offers -----------------------------------------------------------------------


class PriceBreakSerializer(serializers.Serializer[Any]):
    from_quantity = ExactDecimal(decimal_places=3, source="0")
    unit_price = ExactDecimal(decimal_places=4, source="1")

    def to_representation(self, instance: tuple[Decimal, Decimal]) -> dict[str, str]:
        quantity, price = instance
        return {"from_quantity": plain(quantity), "unit_price": plain(price)}


class OfferSerializer(serializers.Serializer[Any]):
    item_number = serializers.CharField()
    brand = serializers.CharField()
    is_known = serializers.BooleanField(
        help_text="False: the supplier does not know the item, whatever its stock."
    )
    description = serializers.CharField()
    mpn = serializers.CharField(help_text="The maker's number.")
    gtin = serializers.CharField()
    unit = serializers.CharField()
    unit_price = ExactDecimal(
        decimal_places=4, allow_null=True, help_text="Without VAT."
    )
    currency = serializers.CharField()
    price_breaks = PriceBreakSerializer(many=True)
    quantity_available = ExactDecimal(decimal_places=3, allow_null=True)
    stock_by_kind = serializers.DictField(child=ExactDecimal(decimal_places=3))
    lead_time_days = serializers.IntegerField(allow_null=True)
    next_receiving_on = serializers.DateField(allow_null=True)
    as_of = UtcDateTimeField()
    warning = serializers.CharField(
        help_text="Why the figures should not be bought on, if they should not."
    )

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if not instance.currency:
            return shown
        for priced in (shown, *shown["price_breaks"]):
            if priced["unit_price"] is not None:
                exact = Decimal(priced["unit_price"])
                priced["unit_price"] = price_text(exact, instance.currency)
        return shown


class OfferListSerializer(serializers.Serializer[Any]):
    results = OfferSerializer(many=True)


# --- vendors ----------------------------------------------------------------------


class CapabilitySerializer(serializers.Serializer[Any]):
    offered = serializers.BooleanField()
    reason = serializers.CharField(help_text="Why it is not there; empty if it is.")


class SettingSerializer(serializers.Serializer[SettingField]):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    kind = serializers.ChoiceField(SETTING_KINDS)
    default = serializers.JSONField(allow_null=True)
    is_required = serializers.BooleanField()
    choices = serializers.ListField(child=serializers.CharField())
    help = serializers.CharField()

    def to_representation(self, instance: SettingField) -> dict[str, Any]:
        default = instance.default
        if isinstance(default, Decimal):
            default = plain(default)
        return {**asdict(instance), "default": default, "kind": instance.kind.value}


class VendorSerializer(serializers.Serializer[Vendor]):
    code = serializers.CharField()
    name = serializers.CharField()
    has_test_flag = serializers.BooleanField(
        help_text="Whether a live account takes orders that are only a test."
    )
    capabilities = serializers.DictField(child=CapabilitySerializer())
    credentials = SettingSerializer(many=True)
    options = SettingSerializer(many=True)
    shop_fields = SettingSerializer(
        many=True, help_text="What a shop needs there besides name and address."
    )

    def to_representation(self, instance: Vendor) -> dict[str, Any]:
        setting = SettingSerializer()
        return {
            "code": instance.code,
            "name": instance.name,
            "has_test_flag": instance.has_test_flag,
            "capabilities": {
                capability.value: {
                    "offered": instance.offers(capability),
                    "reason": instance.why_not(capability),
                }
                for capability in Capability
            },
            "credentials": [setting.to_representation(s) for s in instance.credentials],
            "options": [setting.to_representation(s) for s in instance.options],
            "shop_fields": [setting.to_representation(s) for s in instance.shop_fields],
        }


class VendorListSerializer(serializers.Serializer[Any]):
    results = VendorSerializer(many=True)

"""Shops as other systems write and read them."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers

from procurement.access.fields import (
    StrictSerializer,
    UtcDateTimeField,
    longest,
    utc_text,
)
from procurement.access.sparse import Selection, shows
from procurement.shops.models import (
    ID_LENGTH,
    PushState,
    Shop,
    ShopEvent,
    ShopRegistration,
    ShopState,
)
from procurement.shops.operations import FIELDS
from procurement.suppliers.serializers import SettingValue
from procurement.transmissions.party_api import (
    EVENT_FIELDS,
    EVIDENCE,
    MAX_EVIDENCE,
    OUTCOMES,
    PartyAddress,
    PartyAddressInput,
    PartyEventSerializer,
    party_json,
    supplier_field,
    text,
)

# --- in ---------------------------------------------------------------------------


def of_shop(name: str, **kwargs: Any) -> serializers.CharField:
    return text(max_length=longest(Shop, name), **kwargs)


class ShopInput(StrictSerializer):
    slug = serializers.CharField(
        max_length=longest(Shop, "slug"), help_text="What orders name it by; it stays."
    )
    name = serializers.CharField(max_length=longest(Shop, "name"))
    legal_name = of_shop("legal_name", help_text="Left empty, it is the name.")
    organization_number = of_shop("organization_number")
    email = of_shop("email")
    phone = of_shop("phone")
    address = PartyAddressInput(required=False)


class AtSupplierInput(StrictSerializer):
    supplier = supplier_field()
    details = serializers.DictField(
        child=SettingValue(),
        required=False,
        help_text="What this vendor alone asks for, all of it: `shop_fields` in "
        "`vendors/`. Not given, it stays as it is.",
    )


class RecordIdInput(StrictSerializer):
    supplier = supplier_field()
    vendor_id = serializers.CharField(max_length=ID_LENGTH)
    evidence = serializers.CharField(max_length=MAX_EVIDENCE, help_text=EVIDENCE)


class ResolveShopInput(StrictSerializer):
    supplier = supplier_field()
    outcome = serializers.ChoiceField(OUTCOMES)
    vendor_id = text(
        max_length=ID_LENGTH, help_text="Of a shop that was created, where known."
    )
    evidence = serializers.CharField(max_length=MAX_EVIDENCE, help_text=EVIDENCE)


# --- out --------------------------------------------------------------------------


class RegistrationSerializer(serializers.Serializer[ShopRegistration]):
    supplier = serializers.SlugField()
    state = serializers.ChoiceField(ShopState.choices)
    push = serializers.ChoiceField(
        PushState.choices, help_text="How far the latest push has come."
    )
    test = serializers.BooleanField(help_text="It was made in test mode.")
    vendor_id = serializers.CharField(help_text="Its id at the supplier.")
    details = serializers.DictField(child=SettingValue())
    attention = serializers.CharField(help_text="Why a person has to look at it.")
    updated_at = UtcDateTimeField()


class ShopSerializer(serializers.Serializer[Shop]):
    """A web shop that is bought for, with how it stands at suppliers."""

    id = serializers.IntegerField()
    slug = serializers.SlugField()
    name = serializers.CharField()
    legal_name = serializers.CharField()
    organization_number = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField()
    address = PartyAddress()
    registrations = RegistrationSerializer(many=True)
    version = serializers.IntegerField()
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()


class ChangeSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    before = serializers.JSONField(
        allow_null=True, help_text="Null where nobody knows what the supplier has."
    )
    after = serializers.JSONField()


class PushPreviewSerializer(serializers.Serializer[Any]):
    changes = ChangeSerializer(many=True)
    objections = serializers.ListField(
        child=serializers.CharField(),
        help_text="What stands against it; empty if nothing does.",
    )
    version = serializers.IntegerField(help_text="For `If-Match` of the push.")


class ShopEventSerializer(PartyEventSerializer):
    class Meta:
        model = ShopEvent
        fields = EVENT_FIELDS


def shown_shops(selection: Selection | None = None) -> QuerySet[Shop]:
    """Shops with how they stand at suppliers, in two queries however many.

    Args:
        selection: the members that are shown, if not all of them are.
    """
    if not shows(selection, "registrations"):
        return Shop.objects.all()
    registrations = ShopRegistration.objects.select_related("supplier").defer(
        "supplier__credentials"
    )
    return Shop.objects.prefetch_related(Prefetch("registrations", registrations))


def shop_json(shop: Shop, selection: Selection | None = None) -> dict[str, Any]:
    shown = party_json(shop, FIELDS)
    if not shows(selection, "registrations"):
        return shown
    shown["registrations"] = [
        {
            "supplier": each.supplier.slug,
            "state": each.state,
            "push": each.push_state,
            "test": each.is_test,
            "vendor_id": each.vendor_id,
            "details": each.details,
            "attention": each.attention,
            "updated_at": utc_text(each.updated_at),
        }
        for each in shop.registrations.all()
    ]
    return shown


def shops_json(
    shops: Iterable[Shop], selection: Selection | None = None
) -> list[dict[str, Any]]:
    shown = [shop_json(shop, selection) for shop in shops]
    return [selection.cut(one) for one in shown] if selection else shown

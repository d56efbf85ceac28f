"""What the REST calls of shops and customers have in common."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from procurement.access.fields import (
    ReadSerializer,
    SeenSlugField,
    StrictSerializer,
    longest,
    utc_text,
)
from procurement.addresses import COUNTRY_BY_CODE, PostalAddress
from procurement.parties import ADDRESS_FIELDS
from procurement.suppliers.models import Supplier
from procurement.transmissions.history import PartyEvent

EVIDENCE = "Whom you asked or where you looked, and what was said."
OUTCOMES = (
    ("done", "The supplier has it"),
    ("not_done", "The supplier does not have it"),
)
MAX_EVIDENCE = 5000


def text(**kwargs: Any) -> serializers.CharField:
    return serializers.CharField(required=False, allow_blank=True, **kwargs)


def supplier_field(**kwargs: Any) -> serializers.SlugRelatedField[Any]:
    return SeenSlugField(
        slug_field="slug",
        queryset=Supplier.objects.defer("credentials"),
        error_messages={
            "does_not_exist": "There is no supplier {value}; give the slug of one."
        },
        help_text="Its slug.",
        **kwargs,
    )


def of_address(name: str, **kwargs: Any) -> serializers.CharField:
    return text(max_length=longest(PostalAddress, name), **kwargs)


class PartyAddressInput(StrictSerializer):
    street = of_address("street")
    street_number = of_address("street_number")
    entrance = of_address("entrance")
    zip_code = of_address("zip_code")
    city = of_address("city")
    country_code = of_address(
        "country_code",
        help_text="Two capital letters, such as SE.",
        error_messages={"max_length": COUNTRY_BY_CODE},
    )


class PartyAddress(serializers.Serializer[Any]):
    street = serializers.CharField()
    street_number = serializers.CharField()
    entrance = serializers.CharField()
    zip_code = serializers.CharField()
    city = serializers.CharField()
    country_code = serializers.CharField()


class PartyEventSerializer(ReadSerializer):
    """An event of a shop or a customer; which of them says the address."""

    supplier = serializers.SlugRelatedField(  # type: ignore[var-annotated]
        slug_field="slug", read_only=True, allow_null=True
    )
    actor = serializers.CharField(
        source="actor_name", help_text="A person, or the system."
    )
    data = serializers.SerializerMethodField()  # type: ignore[assignment]

    @extend_schema_field({"type": "object", "additionalProperties": {}})
    def get_data(self, event: PartyEvent) -> Mapping[str, Any]:
        found: Mapping[str, Any] = event.data
        return found


EVENT_FIELDS = ["id", "kind", "at", "supplier", "actor", "text", "data"]


def party_json(party: Any, fields: tuple[str, ...]) -> dict[str, Any]:
    """What a shop and a customer show alike, as plain JSON values."""
    return {
        "id": party.pk,
        **{name: getattr(party, name) for name in fields},
        "address": {name: getattr(party, name) for name in ADDRESS_FIELDS},
        "version": party.version,
        "created_at": utc_text(party.created_at),
        "updated_at": utc_text(party.updated_at),
    }

"""Customers as other systems write and read them."""

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
from procurement.customers.models import (
    Customer,
    CustomerEvent,
    CustomerLink,
    LinkedBy,
    LinkState,
)
from procurement.customers.operations import FIELDS
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


def of_customer(name: str, **kwargs: Any) -> serializers.CharField:
    return text(max_length=longest(Customer, name), **kwargs)


def of_link(**kwargs: Any) -> serializers.CharField:
    return text(max_length=longest(CustomerLink, "number"), **kwargs)


class CustomerInput(StrictSerializer):
    name = serializers.CharField(max_length=longest(Customer, "name"))
    organization_number = of_customer("organization_number")
    email = of_customer("email")
    phone = of_customer("phone")
    external_reference = of_customer(
        "external_reference", help_text="Yours, such as its number in an ERP."
    )
    address = PartyAddressInput(required=False)


class LinkInput(StrictSerializer):
    supplier = supplier_field()
    create = serializers.BooleanField(  # type: ignore[assignment]
        required=False, help_text="Create it there if it is not there."
    )
    number = of_link(help_text="Of the one that is meant, where several may be.")


class RecordNumberInput(StrictSerializer):
    supplier = supplier_field()
    number = serializers.CharField(max_length=longest(CustomerLink, "number"))
    evidence = serializers.CharField(max_length=MAX_EVIDENCE, help_text=EVIDENCE)


class UnlinkInput(StrictSerializer):
    supplier = supplier_field()
    reason = serializers.CharField(max_length=MAX_EVIDENCE)


class ResolveCustomerInput(StrictSerializer):
    supplier = supplier_field()
    outcome = serializers.ChoiceField(OUTCOMES)
    number = of_link(help_text="Where the supplier has it and told one.")
    evidence = serializers.CharField(max_length=MAX_EVIDENCE, help_text=EVIDENCE)


# --- out --------------------------------------------------------------------------


class LinkSerializer(serializers.Serializer[CustomerLink]):
    supplier = serializers.SlugField()
    state = serializers.ChoiceField(LinkState.choices)
    number = serializers.CharField(help_text="The customer's, at the supplier.")
    linked_by = serializers.ChoiceField(LinkedBy.choices, allow_blank=True)
    linked_at = UtcDateTimeField(allow_null=True)
    attention = serializers.CharField(help_text="Why a person has to look at it.")


class CustomerSerializer(serializers.Serializer[Customer]):
    """A customer, with its numbers at suppliers."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    organization_number = serializers.CharField()
    email = serializers.CharField()
    phone = serializers.CharField()
    external_reference = serializers.CharField()
    address = PartyAddress()
    links = LinkSerializer(many=True)
    version = serializers.IntegerField()
    created_at = UtcDateTimeField()
    updated_at = UtcDateTimeField()


class CustomerEventSerializer(PartyEventSerializer):
    class Meta:
        model = CustomerEvent
        fields = EVENT_FIELDS


def shown_customers(selection: Selection | None = None) -> QuerySet[Customer]:
    """Customers with their links, in two queries however many.

    Args:
        selection: the members that are shown, if not all of them are.
    """
    if not shows(selection, "links"):
        return Customer.objects.all()
    links = CustomerLink.objects.select_related("supplier").defer(
        "supplier__credentials"
    )
    return Customer.objects.prefetch_related(Prefetch("links", links))


def customer_json(
    customer: Customer, selection: Selection | None = None
) -> dict[str, Any]:
    shown = party_json(customer, FIELDS)
    if not shows(selection, "links"):
        return shown
    shown["links"] = [
        {
            "supplier": link.supplier.slug,
            "state": link.state,
            "number": link.number,
            "linked_by": link.linked_by,
            "linked_at": utc_text(link.linked_at),
            "attention": link.attention,
        }
        for link in customer.links.all()
    ]
    return shown


def customers_json(
    customers: Iterable[Customer], selection: Selection | None = None
) -> list[dict[str, Any]]:
    shown = [customer_json(customer, selection) for customer in customers]
    return [selection.cut(one) for one in shown] if selection else shown

"""Which orders a list shows; every way of choosing them has an index to go by."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters

from procurement.access.filters import AnyOfFilter, StrictFilterSet
from procurement.customers.models import Customer
from procurement.orders import queries
from procurement.orders.models import PurchaseOrder
from procurement.orders.states import Approval, Fulfilment, Sending, Status
from procurement.scoping import scoped
from procurement.shops.models import Shop
from procurement.suppliers.models import Supplier


def _seen(model: Any) -> Any:
    """What the caller may see of a model, read when it is asked for."""

    def rows(request: Any) -> QuerySet[Any]:
        every = model.objects.all()
        return every if request is None else scoped(every, request.user)

    return rows


class OrderFilter(StrictFilterSet):
    # Names are looked up first, so that the list itself goes by the index on the id.
    supplier = filters.ModelChoiceFilter(
        queryset=Supplier.objects.defer("credentials"), to_field_name="slug"
    )
    shop = filters.ModelChoiceFilter(queryset=_seen(Shop), to_field_name="slug")
    customer = filters.ModelChoiceFilter(queryset=_seen(Customer))
    status = AnyOfFilter(field_name="headline", choices=Status.choices)
    approval = AnyOfFilter(choices=Approval.choices)
    transmission = AnyOfFilter(choices=Sending.choices)
    fulfilment = AnyOfFilter(choices=Fulfilment.choices)
    updated_since = filters.IsoDateTimeFilter(
        field_name="updated_at", lookup_expr="gte", help_text="ISO 8601; this or later."
    )
    search = filters.CharFilter(
        method="having_number",
        max_length=80,
        help_text="A whole number: ours, the external reference, the supplier's order "
        "number, an item, a shipment or a parcel.",
    )

    class Meta:
        model = PurchaseOrder
        fields: list[str] = []

    def having_number(
        self, queryset: QuerySet[PurchaseOrder], name: str, value: str
    ) -> QuerySet[PurchaseOrder]:
        return queryset.filter(pk__in=queries.orders_carrying(value.strip()))

"""Which orders a list shows; every way of choosing them has an index to go by."""

from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from procurement.access.filters import (
    AnyOfFilter,
    DayFilter,
    NeighbourFilter,
    StrictFilterSet,
    TextFilter,
    YesNoFilter,
    before,
    since,
)
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
    supplier = NeighbourFilter(
        queryset=Supplier.objects.defer("credentials"),
        to_field_name="slug",
        where="suppliers/",
        help_text="Its slug.",
    )
    shop = NeighbourFilter(
        queryset=_seen(Shop),
        to_field_name="slug",
        where="shops/",
        help_text="Its slug.",
    )
    customer = NeighbourFilter(
        queryset=_seen(Customer), where="customers/", help_text="Its id."
    )
    buyer = NeighbourFilter(
        queryset=User.objects.only("pk"),
        to_field_name="username",
        where="`buyer` of an order",
        help_text="A user name.",
    )
    status = AnyOfFilter(field_name="headline", choices=Status.choices)
    approval = AnyOfFilter(choices=Approval.choices)
    transmission = AnyOfFilter(choices=Sending.choices)
    fulfilment = AnyOfFilter(choices=Fulfilment.choices)
    attention = YesNoFilter(
        method="having_attention",
        help_text="Whether a person has to look at it; `attention` says why.",
    )
    test = YesNoFilter(field_name="is_test", help_text="Not a real purchase.")
    external_reference = TextFilter(
        method="called_by_another_system", help_text="Another system's, whole."
    )
    supplier_order_number = TextFilter(help_text="The supplier's, whole.")
    created_since = since("created_at")
    created_before = before("created_at")
    updated_since = since("updated_at")
    updated_before = before("updated_at")
    requested_since = DayFilter(
        field_name="requested_date",
        lookup_expr="gte",
        help_text="Goods wanted on this day or later.",
    )
    requested_before = DayFilter(
        field_name="requested_date",
        lookup_expr="lt",
        help_text="Goods wanted earlier than this day.",
    )
    search = TextFilter(
        method="having_number",
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

    def having_attention(
        self, queryset: QuerySet[PurchaseOrder], name: str, value: bool
    ) -> QuerySet[PurchaseOrder]:
        has_some = ~Q(attention="")
        return queryset.filter(has_some if value else ~has_some)

    def called_by_another_system(
        self, queryset: QuerySet[PurchaseOrder], name: str, value: str
    ) -> QuerySet[PurchaseOrder]:
        # The index is on orders that have one; SQLite takes it only if that is said.
        called = queryset.filter(external_reference=value)
        return called.exclude(external_reference="")


class SumFilter(OrderFilter):
    """The same for sums, which have no pages."""

    parameters = ()

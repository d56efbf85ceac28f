"""REST: entering, changing and reading orders, and what happened to them."""

from dataclasses import replace
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.urls import register_converter
from django.urls.converters import StringConverter
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSetMixin

from procurement.access.authentication import key_of, user_of
from procurement.access.cursors import BY_CHANGE, OLDEST_FIRST, Ordering
from procurement.access.fields import seen_by
from procurement.access.idempotency import (
    Answer,
    answer_of,
    answer_once,
    claim,
    is_same_call,
    save,
)
from procurement.access.openapi import (
    FIELDS,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    IF_NONE_MATCH,
    UNCHANGED,
)
from procurement.access.permissions import Needs
from procurement.access.sparse import shows
from procurement.access.views import (
    ApiView,
    Listed,
    etag,
    precondition,
    read_answer,
    refuse_version,
    version_of,
)
from procurement.errors import OperationNotAllowed
from procurement.orders import operations
from procurement.orders.filters import OrderFilter, SumFilter
from procurement.orders.history import (
    AttemptSerializer,
    EventSerializer,
    attach_exchanges,
    shown_events,
)
from procurement.orders.models import OrderEvent, PurchaseOrder
from procurement.orders.process import process
from procurement.orders.representation import (
    orders_json,
    selected_order,
    shown_order,
    shown_orders,
)
from procurement.orders.serializers import (
    OrderDetailSerializer,
    OrderInput,
    OrderSerializer,
    OrderSumsSerializer,
)
from procurement.orders.sums import MOST, TooMany, sum_orders
from procurement.prepared import PreparedRead
from procurement.scoping import scoped, sight_of
from procurement.transmissions.models import Attempt


class OrderNumberConverter(StringConverter):
    regex = "[A-Z0-9-]{1,20}"


register_converter(OrderNumberConverter, "order_number")
VIEW = "orders.view_purchaseorder"
_ids = PurchaseOrder.objects.order_by().values_list("pk", flat=True)
_id_of = PreparedRead(
    lambda number: (
        PurchaseOrder.objects.order_by().filter(number=number).values_list("pk")
    ),
    "a number",
)
READ = Needs("orders:read", (VIEW,))
_AS_ENTERED = dict.fromkeys(("created_since", "created_before"), ("created_at", "pk"))
ORDERINGS = {
    **BY_CHANGE,
    "-id": replace(BY_CHANGE["-id"], with_filter=_AS_ENTERED),
    "id": replace(BY_CHANGE["id"], with_filter=_AS_ENTERED),
    "requested_date": Ordering(
        ("requested_date", "pk"),
        "what is wanted first; orders without a day are left out",
        is_partial=True,
    ),
}


def order_id_of(number: str, request: Request) -> int:
    """The id behind an order number.

    Raises:
        NotFound: there is none that the key's user may see.
    """
    user = user_of(request)
    if user.is_active and sight_of(user) is None:
        found = [pk for (pk,) in _id_of(number)]
    else:
        found = list(scoped(_ids.filter(number=number), user))
    if not found:
        raise NotFound(f"There is no order {number}.")
    order_id: int = found[0]
    return order_id


def _is_seen(request: Request, answer: Answer) -> bool:
    """Whether the order in an answer given before is still the user's to see."""
    found = _ids.filter(number=answer.body.get("number", ""))
    return bool(list(scoped(found, user_of(request))))


class OrderViewSet(ViewSetMixin, ApiView):
    """Purchase orders, newest first."""

    queryset = PurchaseOrder.objects.none()
    serializer_class = OrderSerializer
    filterset_class = OrderFilter
    orderings = ORDERINGS
    parameters = (FIELDS.name,)
    lookup_field = "number"
    lookup_value_regex = OrderNumberConverter.regex
    needs = {
        "list": READ,
        "retrieve": READ,
        "create": Needs("orders:write", (VIEW, "orders.add_purchaseorder")),
        "partial_update": Needs("orders:write", (VIEW, "orders.change_purchaseorder")),
    }

    def get_queryset(self) -> QuerySet[PurchaseOrder]:
        return shown_orders()

    def list(self, request: Request) -> Response:
        """Orders, newest first."""
        selection = self.selection()
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(orders_json(page or [], selection))

    @extend_schema(
        responses={200: OrderDetailSerializer, 304: UNCHANGED},
        parameters=[FIELDS, IF_NONE_MATCH],
    )
    def retrieve(self, request: Request, number: str) -> Response:
        """Read one order, with the levels of approval it goes through."""
        selection = self.selection(OrderDetailSerializer)
        order_id = order_id_of(number, request)
        shown, version = selected_order(order_id, selection)
        if shows(selection, "approval_steps"):
            steps = process().steps_json(order_id)
            part = selection.of("approval_steps") if selection else None
            shown["approval_steps"] = part.cut(steps) if part else steps
        return read_answer(request, shown, version)

    @extend_schema(
        request=OrderInput,
        responses={201: OrderSerializer, 200: OrderSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    def create(self, request: Request) -> Response:
        """Enter an order as a draft.

        The same external reference with the same body again answers 200 with the
        first order; with another body it is a 409.
        """
        refuse_version(request)
        return answer_once(
            request, lambda: self._enter(request), is_seen=partial(_is_seen, request)
        )

    def _enter(self, request: Request) -> Answer:
        data = self.read_input(OrderInput(data=request.data, context=seen_by(request)))
        reference = data.get("external_reference")
        with transaction.atomic():
            if reference:
                record, is_new = claim(request, f"external_reference:{reference}")
                if not is_new:
                    return self._entered_before(request, record, reference)
            order = operations.create_order(
                actor=user_of(request), data=data, source=key_of(request).source
            )
            if reference:
                save(record, Answer(201, {"number": order.number}))
        return Answer(201, shown_order(order.pk))

    def _entered_before(self, request: Request, record: Any, reference: str) -> Answer:
        """The order that the same body made; its number stands in the record."""
        number = answer_of(record).body["number"]
        found = orders_json(
            scoped(shown_orders().filter(number=number), user_of(request))
        )
        if not found:
            raise operations.reference_refusal(reference)
        if not is_same_call(record, request):
            raise OperationNotAllowed(
                f"The external reference {reference} belongs to {number}, which was "
                "entered with another body.",
                code="external_reference_taken",
            )
        return Answer(200, found[0])

    @extend_schema(request=OrderInput, parameters=[IF_MATCH])
    def partial_update(self, request: Request, number: str) -> Response:
        """Change the given fields of an order; `lines` replaces all of them.

        A change of what would be sent takes an approval away.
        """
        order_id, version = order_id_of(number, request), version_of(request)
        data = self.read_input(
            OrderInput(data=request.data, partial=True, context=seen_by(request))
        )
        with precondition(version):
            operations.change_order(
                order_id=order_id, actor=user_of(request), data=data, version=version
            )
        shown = shown_order(order_id)
        return Response(shown, headers=etag(shown["version"]))


class OrderSums(ApiView):
    """What orders come to."""

    queryset = PurchaseOrder.objects.none()
    filterset_class = SumFilter
    pagination_class = None
    needs = {"get": READ}

    @extend_schema(
        operation_id="orders_sums", responses=OrderSumsSerializer, filters=True
    )
    def get(self, request: Request) -> Response:
        """How many orders there are and what they come to, by currency and status.

        It takes the filters of the list. Of more than 100,000 orders there is no sum:
        that is a 400, and takes a narrower filter, such as one month.
        """
        orders = self.filter_queryset(PurchaseOrder.objects.all())
        try:
            found = sum_orders(orders)
        except TooMany:
            text = (
                f"More than {MOST:,} orders are chosen. Take fewer at a time, such as "
                "those of one month, by `created_since` and `created_before`."
            )
            raise ValidationError({"created_since": text}) from None
        return Response({"by_currency": [each.json() for each in found]})


class OfOneOrder(Listed, ApiView):
    """Rows that belong to one order, oldest first."""

    needs = {"get": READ}
    orderings = OLDEST_FIRST
    filter_backends = []

    def get(self, request: Request, number: str) -> Response:
        return self.list(request)

    def order_number(self) -> str:
        number: str = self.kwargs["number"]
        order_id_of(number, self.request)
        return number


class OrderEvents(OfOneOrder):
    """What happened to an order."""

    queryset = OrderEvent.objects.none()
    serializer_class = EventSerializer

    def get_queryset(self) -> QuerySet[OrderEvent]:
        return shown_events().filter(order__number=self.order_number())


class OrderAttempts(OfOneOrder):
    """Each try to get the order, or its cancellation, to the supplier."""

    queryset = Attempt.objects.none()
    serializer_class = AttemptSerializer

    def get_queryset(self) -> QuerySet[Attempt]:
        return Attempt.objects.select_related("transmission").filter(
            transmission__subject=self.order_number()
        )

    def paginate_queryset(self, queryset: Any) -> list[Any]:
        attempts = super().paginate_queryset(queryset) or []
        if shows(self.selection(), "exchanges"):
            attach_exchanges(attempts, user=user_of(self.request))
        return attempts

"""REST: customers, and their numbers at suppliers."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSetMixin

from procurement.access.asking import answer_asking_once
from procurement.access.authentication import user_of
from procurement.access.cursors import BY_CHANGE, OLDEST_FIRST
from procurement.access.filters import StrictFilterSet, TextFilter, before, since
from procurement.access.idempotency import Answer, answer_once
from procurement.access.openapi import (
    FIELDS,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    IF_NONE_MATCH,
    UNCHANGED,
)
from procurement.access.permissions import Needs, is_permitted
from procurement.access.problems import PermissionMissing
from procurement.access.views import (
    ApiView,
    Listed,
    etag,
    precondition,
    read_answer,
    refuse_version,
    version_of,
)
from procurement.customers import operations
from procurement.customers.models import Customer, CustomerEvent, LinkState
from procurement.customers.serializers import (
    CustomerEventSerializer,
    CustomerInput,
    CustomerSerializer,
    LinkInput,
    RecordNumberInput,
    ResolveCustomerInput,
    UnlinkInput,
    customer_json,
    customers_json,
    shown_customers,
)
from procurement.scoping import scoped

VIEW = "customers.view_customer"
LINK = "customers.link_customer"
CREATE_THERE = "customers.register_customer"
WRITE = "customers:write"
READ = Needs("orders:read", (VIEW,))
FIND_OR_CREATE = OpenApiExample(
    "Find it, or have it created",
    {"supplier": "simutek-syd", "create": True},
    request_only=True,
)
CHOSEN = OpenApiExample(
    "One of several",
    {"supplier": "simutek-syd", "number": "K200731"},
    request_only=True,
)


class CustomerFilter(StrictFilterSet):
    organization_number = TextFilter(help_text="As it is written here.")
    external_reference = TextFilter(help_text="Another system's, whole.")
    updated_since = since("updated_at")
    updated_before = before("updated_at")

    class Meta:
        model = Customer
        fields: list[str] = []


def customer_id_of(pk: Any, request: Request) -> int:
    """The id of a customer, if there is one.

    Raises:
        NotFound: there is none that the key's user may see.
    """
    seen = scoped(Customer.objects.filter(pk=pk), user_of(request))
    found = seen.values_list("pk", flat=True).first()
    if found is None:
        raise NotFound(f"There is no customer {pk}.")
    return found


def _is_seen(request: Request, answer: Answer) -> bool:
    """Whether the customer in an answer given before is still the user's to see."""
    seen = scoped(Customer.objects.filter(pk=answer.body["id"]), user_of(request))
    return seen.exists()


def shown_customer(customer_id: int) -> dict[str, Any]:
    return customer_json(shown_customers().get(pk=customer_id))


class CustomerViewSet(ViewSetMixin, ApiView):
    """Customers, newest first."""

    queryset = Customer.objects.none()
    serializer_class = CustomerSerializer
    filterset_class = CustomerFilter
    orderings = BY_CHANGE
    parameters = (FIELDS.name,)
    lookup_value_regex = r"\d{1,18}"
    needs = {
        "list": READ,
        "retrieve": READ,
        "create": Needs(WRITE, (VIEW, "customers.add_customer")),
        "partial_update": Needs(WRITE, (VIEW, "customers.change_customer")),
    }

    def get_queryset(self) -> QuerySet[Customer]:
        return shown_customers(self.selection())

    def list(self, request: Request) -> Response:
        """Customers with their numbers at suppliers, newest first."""
        selection = self.selection()
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(customers_json(page or [], selection))

    @extend_schema(
        responses={200: CustomerSerializer, 304: UNCHANGED},
        parameters=[FIELDS, IF_NONE_MATCH],
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        """Read one customer."""
        selection = self.selection()
        customer = shown_customers(selection).get(pk=customer_id_of(pk, request))
        (shown,) = customers_json([customer], selection)
        return read_answer(request, shown, customer.version)

    @extend_schema(
        request=CustomerInput,
        responses={201: CustomerSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    def create(self, request: Request) -> Response:
        """Enter a customer; no supplier hears of it."""
        refuse_version(request)

        def perform() -> Answer:
            data = self.read_input(CustomerInput(data=request.data))
            customer = operations.create_customer(actor=user_of(request), data=data)
            return Answer(201, shown_customer(customer.pk))

        return answer_once(request, perform, is_seen=partial(_is_seen, request))

    @extend_schema(request=CustomerInput, parameters=[IF_MATCH])
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change the given fields here; no supplier hears of it."""
        customer_id, version = customer_id_of(pk, request), version_of(request)
        data = self.read_input(CustomerInput(data=request.data, partial=True))
        with precondition(version):
            operations.change_customer(
                customer_id=customer_id,
                actor=user_of(request),
                data=data,
                version=version,
            )
        shown = shown_customer(customer_id)
        return Response(shown, headers=etag(shown["version"]))


class CustomerLinkView(ApiView):
    """Finding or creating a customer at a supplier."""

    asks_supplier = True
    queryset = Customer.objects.none()
    needs = {"post": Needs(WRITE, (VIEW, LINK))}

    @extend_schema(
        operation_id="customers_link",
        request=LinkInput,
        responses={200: CustomerSerializer, 202: CustomerSerializer},
        parameters=[IF_MATCH, IDEMPOTENCY_KEY],
        examples=[FIND_OR_CREATE, CHOSEN],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Find a customer at a supplier and link it; or have it created there.

        The supplier is asked while you wait. 200: it is linked. 202: it was not there
        and a worker creates it; this takes `customers.register_customer` as well. It
        is created once, so the call may be repeated: 409 `already_there` then.
        """
        customer_id = customer_id_of(pk, request)
        return answer_asking_once(request, partial(self._link, request, customer_id))

    def _link(self, request: Request, customer_id: int) -> Answer:
        version, user = version_of(request), user_of(request)
        inputs = dict(self.read_input(LinkInput(data=request.data)))
        if inputs.get("create") and not is_permitted(user, CREATE_THERE):
            raise PermissionMissing(CREATE_THERE)
        supplier = inputs.pop("supplier")
        with precondition(version):
            link = operations.link_customer(
                customer_id=customer_id,
                supplier_id=supplier.pk,
                actor=user,
                version=version,
                **inputs,
            )
        is_done = link.state == LinkState.LINKED
        return Answer(200 if is_done else 202, shown_customer(customer_id))


class OfOneCustomer(ApiView):
    """A call about one customer at one supplier; the answer is the customer."""

    queryset = Customer.objects.none()

    def answer(
        self,
        request: Request,
        pk: int,
        input_class: Callable[..., Any],
        operation: Callable[..., Any],
    ) -> Response:
        customer_id = customer_id_of(pk, request)
        refuse_version(request)

        def perform() -> Answer:
            inputs = dict(self.read_input(input_class(data=request.data)))
            supplier = inputs.pop("supplier")
            operation(
                customer_id=customer_id,
                supplier_id=supplier.pk,
                actor=user_of(request),
                **inputs,
            )
            return Answer(200, shown_customer(customer_id))

        return answer_once(request, perform)


class CustomerRecord(OfOneCustomer):
    """The number of a customer, found out by a person."""

    needs = {"post": Needs(WRITE, (VIEW, LINK))}

    @extend_schema(
        operation_id="customers_record",
        request=RecordNumberInput,
        responses=CustomerSerializer,
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Record the number that a customer has at a supplier."""
        return self.answer(request, pk, RecordNumberInput, operations.record_number)


class CustomerUnlink(OfOneCustomer):
    """Taking a number off."""

    needs = {"post": Needs(WRITE, (VIEW, LINK))}

    @extend_schema(
        operation_id="customers_unlink",
        request=UnlinkInput,
        responses=CustomerSerializer,
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Take a customer's number at a supplier off; the supplier hears nothing."""
        return self.answer(request, pk, UnlinkInput, operations.unlink_customer)


class CustomerResolve(OfOneCustomer):
    """An unknown outcome, found out by a person."""

    needs = {"post": Needs(WRITE, (VIEW, "customers.resolve_customer"))}

    @extend_schema(
        operation_id="customers_resolve",
        request=ResolveCustomerInput,
        responses=CustomerSerializer,
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Record what was found out about an unknown outcome of creating it."""
        return self.answer(
            request, pk, ResolveCustomerInput, operations.resolve_customer
        )


class CustomerEvents(Listed, ApiView):
    """What happened to a customer, oldest first."""

    queryset = CustomerEvent.objects.none()
    serializer_class = CustomerEventSerializer
    needs = {"get": READ}
    orderings = OLDEST_FIRST
    filter_backends = []

    def get(self, request: Request, pk: int) -> Response:
        return self.list(request)

    def get_queryset(self) -> QuerySet[CustomerEvent]:
        customer_id = customer_id_of(self.kwargs["pk"], self.request)
        events = CustomerEvent.objects.select_related("supplier")
        return events.defer("supplier__credentials").filter(customer_id=customer_id)

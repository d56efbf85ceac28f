"""REST: shops, and getting them to suppliers."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSetMixin

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
from procurement.access.permissions import Needs
from procurement.access.views import (
    ApiView,
    Listed,
    etag,
    precondition,
    read_answer,
    refuse_version,
    version_of,
)
from procurement.scoping import scoped
from procurement.shops import operations, queries, rules
from procurement.shops.models import Shop, ShopEvent, ShopRegistration
from procurement.shops.serializers import (
    AtSupplierInput,
    PushPreviewSerializer,
    RecordIdInput,
    ResolveShopInput,
    ShopEventSerializer,
    ShopInput,
    ShopSerializer,
    shop_json,
    shops_json,
    shown_shops,
)
from procurement.suppliers import gateway
from procurement.suppliers.models import Supplier

VIEW = "shops.view_shop"
WRITE = "shops:write"
READ = Needs("orders:read", (VIEW,))
SUPPLIER = OpenApiParameter("supplier", str, required=True, description="Its slug.")
DETAILS = OpenApiExample(
    "A shop at DI",
    {
        "supplier": "di-norge",
        "details": {
            "owner_party_key": "nordlys-pakker",
            "transport_solution_ids": "4, 17",
            "vat_liable": True,
        },
    },
    request_only=True,
)
SETTLED = OpenApiExample(
    "It is there",
    {
        "supplier": "di-norge",
        "outcome": "done",
        "vendor_id": "20431",
        "evidence": "Asked DI by phone; Kari found the shop.",
    },
    request_only=True,
)


class ShopFilter(StrictFilterSet):
    slug = TextFilter(help_text="The whole slug.")
    organization_number = TextFilter(help_text="As it is written here.")
    name = TextFilter(
        lookup_expr="istartswith",
        max_length=120,
        help_text="What the name begins with.",
    )
    updated_since = since("updated_at")
    updated_before = before("updated_at")

    class Meta:
        model = Shop
        fields: list[str] = []


def shop_id_of(pk: Any, request: Request) -> int:
    """The id of a shop, if there is one.

    Raises:
        NotFound: there is none that the key's user may see.
    """
    seen = scoped(Shop.objects.filter(pk=pk), user_of(request))
    found = seen.values_list("pk", flat=True).first()
    if found is None:
        raise NotFound(f"There is no shop {pk}.")
    return found


def _is_seen(request: Request, answer: Answer) -> bool:
    """Whether the shop in an answer given before is still the user's to see."""
    seen = scoped(Shop.objects.filter(pk=answer.body["id"]), user_of(request))
    return seen.exists()


def shown_shop(shop_id: int) -> dict[str, Any]:
    return shop_json(shown_shops().get(pk=shop_id))


class ShopViewSet(ViewSetMixin, ApiView):
    """Shops, newest first."""

    queryset = Shop.objects.none()
    serializer_class = ShopSerializer
    filterset_class = ShopFilter
    orderings = BY_CHANGE
    parameters = (FIELDS.name,)
    lookup_value_regex = r"\d{1,18}"
    needs = {
        "list": READ,
        "retrieve": READ,
        "create": Needs(WRITE, (VIEW, "shops.add_shop")),
        "partial_update": Needs(WRITE, (VIEW, "shops.change_shop")),
    }

    def get_queryset(self) -> QuerySet[Shop]:
        return shown_shops(self.selection())

    def list(self, request: Request) -> Response:
        """Shops with how they stand at suppliers, newest first."""
        selection = self.selection()
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(shops_json(page or [], selection))

    @extend_schema(
        responses={200: ShopSerializer, 304: UNCHANGED},
        parameters=[FIELDS, IF_NONE_MATCH],
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        """Read one shop."""
        selection = self.selection()
        shop = shown_shops(selection).get(pk=shop_id_of(pk, request))
        (shown,) = shops_json([shop], selection)
        return read_answer(request, shown, shop.version)

    @extend_schema(
        request=ShopInput, responses={201: ShopSerializer}, parameters=[IDEMPOTENCY_KEY]
    )
    def create(self, request: Request) -> Response:
        """Enter a shop; no supplier hears of it."""
        refuse_version(request)

        def perform() -> Answer:
            data = self.read_input(ShopInput(data=request.data))
            shop = operations.create_shop(actor=user_of(request), data=data)
            return Answer(201, shown_shop(shop.pk))

        return answer_once(request, perform, is_seen=partial(_is_seen, request))

    @extend_schema(request=ShopInput, parameters=[IF_MATCH])
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change the given fields here; suppliers get them by a push."""
        shop_id, version = shop_id_of(pk, request), version_of(request)
        data = self.read_input(ShopInput(data=request.data, partial=True))
        with precondition(version):
            operations.change_shop(
                shop_id=shop_id, actor=user_of(request), data=data, version=version
            )
        shown = shown_shop(shop_id)
        return Response(shown, headers=etag(shown["version"]))


class OfOneShop(ApiView):
    """A call about one shop at one supplier; the answer is the shop."""

    queryset = Shop.objects.none()

    def answer(
        self,
        request: Request,
        pk: int,
        input_class: Callable[..., Any],
        operation: Callable[..., Any],
        *,
        status: int,
        takes_version: bool = True,
    ) -> Response:
        shop_id = shop_id_of(pk, request)

        def perform() -> Answer:
            inputs = dict(self.read_input(input_class(data=request.data)))
            supplier = inputs.pop("supplier")
            version = version_of(request)
            if takes_version:
                inputs["version"] = version
            else:
                refuse_version(request)
            with precondition(version):
                operation(
                    shop_id=shop_id,
                    supplier_id=supplier.pk,
                    actor=user_of(request),
                    **inputs,
                )
            return Answer(status, shown_shop(shop_id))

        return answer_once(request, perform)


class ShopRegister(OfOneShop):
    """Getting a shop made at a supplier."""

    needs = {"post": Needs(WRITE, (VIEW, "shops.register_shop"))}

    @extend_schema(
        operation_id="shops_register",
        request=AtSupplierInput,
        responses={202: ShopSerializer},
        parameters=[IF_MATCH, IDEMPOTENCY_KEY],
        examples=[DETAILS],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Ask for a shop to be created at a supplier; a worker carries it there.

        It is made once. Where the answer was lost, `resolve` comes next; where no id
        was told, `record`.
        """
        return self.answer(
            request, pk, AtSupplierInput, operations.register_shop, status=202
        )


class ShopPush(OfOneShop):
    """Bringing a shop at a supplier to what it is here."""

    filter_backends = []
    pagination_class = None
    parameters = ("supplier",)
    needs = {"get": READ, "post": Needs(WRITE, (VIEW, "shops.push_shop"))}

    @extend_schema(
        operation_id="shops_push_preview",
        responses=PushPreviewSerializer,
        parameters=[SUPPLIER],
    )
    def get(self, request: Request, pk: int) -> Response:
        """What a push would change, field by field; no supplier is called."""
        registration = registration_at(pk, request)
        reason = rules.why_not_push(registration)
        objections = [reason] if reason else objections_to(registration)
        changes = [] if reason else queries.changes_to_push(registration)
        preview = {
            "changes": changes,
            "objections": objections,
            "version": registration.shop.version,
        }
        return Response(PushPreviewSerializer(preview).data)

    @extend_schema(
        operation_id="shops_push",
        request=AtSupplierInput,
        responses={202: ShopSerializer},
        parameters=[IF_MATCH, IDEMPOTENCY_KEY],
        examples=[DETAILS],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Ask for the whole shop to be pushed; a worker carries it there."""
        return self.answer(
            request, pk, AtSupplierInput, operations.push_shop, status=202
        )


class ShopRecord(OfOneShop):
    """The id of a shop, found out by a person."""

    needs = {"post": Needs(WRITE, (VIEW, "shops.resolve_shop"))}

    @extend_schema(
        operation_id="shops_record",
        request=RecordIdInput,
        responses=ShopSerializer,
        parameters=[IF_MATCH, IDEMPOTENCY_KEY],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Record the id of a shop that the supplier has."""
        return self.answer(
            request, pk, RecordIdInput, operations.record_vendor_id, status=200
        )


class ShopResolve(OfOneShop):
    """An unknown outcome, found out by a person."""

    needs = {"post": Needs(WRITE, (VIEW, "shops.resolve_shop"))}

    @extend_schema(
        operation_id="shops_resolve",
        request=ResolveShopInput,
        responses=ShopSerializer,
        parameters=[IDEMPOTENCY_KEY],
        examples=[SETTLED],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Record what was found out about an unknown outcome."""
        return self.answer(
            request,
            pk,
            ResolveShopInput,
            operations.resolve_shop,
            status=200,
            takes_version=False,
        )


class ShopEvents(Listed, ApiView):
    """What happened to a shop, oldest first."""

    queryset = ShopEvent.objects.none()
    serializer_class = ShopEventSerializer
    needs = {"get": READ}
    orderings = OLDEST_FIRST
    filter_backends = []

    def get(self, request: Request, pk: int) -> Response:
        return self.list(request)

    def get_queryset(self) -> QuerySet[ShopEvent]:
        shop_id = shop_id_of(self.kwargs["pk"], self.request)
        events = ShopEvent.objects.select_related("supplier")
        return events.defer("supplier__credentials").filter(shop_id=shop_id)


def registration_at(pk: int, request: Request) -> ShopRegistration:
    """How a shop stands at the supplier that the address names.

    Raises:
        NotFound: there is no such shop.
        ValidationError: there is no such supplier.
    """
    shop = Shop.objects.get(pk=shop_id_of(pk, request))
    slug = request.query_params.get("supplier", "")
    supplier = Supplier.objects.filter(slug=slug).first()
    if supplier is None:
        raise ValidationError(
            {"supplier": f"There is no supplier {slug[:80]!r}; give the slug of one."}
        )
    return queries.registration_of(shop, supplier)


def objections_to(registration: ShopRegistration) -> list[str]:
    account = gateway.account_of(registration.supplier)
    request = queries.shop_request(registration)
    return list(registration.supplier.api.shop_objections(account, request))

"""REST: suppliers, what they can be asked now, and the vendors there are."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSetMixin

import vendors
from procurement.access.asking import answer_asking_once
from procurement.access.authentication import user_of
from procurement.access.cursors import BY_CHANGE
from procurement.access.fields import NothingInput
from procurement.access.filters import (
    AnyOfFilter,
    StrictFilterSet,
    YesNoFilter,
    before,
    since,
)
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
from procurement.access.sparse import prune
from procurement.access.views import (
    ApiView,
    Listed,
    etag,
    precondition,
    read_answer,
    refuse_version,
    version_of,
)
from procurement.suppliers import operations
from procurement.suppliers.models import (
    Mode,
    Supplier,
    SupplierHealth,
    vendor_choices,
)
from procurement.suppliers.serializers import (
    CheckSerializer,
    HealthSerializer,
    OfferListSerializer,
    SupplierInput,
    SupplierSerializer,
    VendorListSerializer,
    VendorSerializer,
)
from vendors.contracts import ItemKey

VIEW = "suppliers.view_supplier"
PAUSE = "suppliers.pause_supplier"
READ = Needs("suppliers:read", (VIEW,))
MAX_ITEMS = 50
MAX_ITEM_LENGTH = 80


class SupplierFilter(StrictFilterSet):
    """An installation has some dozens of suppliers, so none of it needs an index."""

    vendor = AnyOfFilter(choices=vendor_choices())
    mode = AnyOfFilter(choices=Mode.choices)
    paused = YesNoFilter(field_name="is_paused", help_text="Held in the queue.")
    updated_since = since("updated_at")
    updated_before = before("updated_at")

    class Meta:
        model = Supplier
        fields: list[str] = []


class SupplierViewSet(ViewSetMixin, Listed, ApiView):
    """Accounts at vendors, newest first."""

    queryset = Supplier.objects.all()
    serializer_class = SupplierSerializer
    filterset_class = SupplierFilter
    orderings = BY_CHANGE
    parameters = (FIELDS.name,)
    lookup_field = "slug"
    lookup_value_regex = "[-a-zA-Z0-9_]{1,60}"
    needs = {
        "list": READ,
        "retrieve": READ,
        "create": Needs("suppliers:write", (VIEW, "suppliers.add_supplier")),
        "partial_update": Needs("suppliers:write", (VIEW, "suppliers.change_supplier")),
    }

    def get_queryset(self) -> QuerySet[Supplier]:
        return Supplier.objects.all()

    @extend_schema(
        responses={200: SupplierSerializer, 304: UNCHANGED},
        parameters=[FIELDS, IF_NONE_MATCH],
    )
    def retrieve(self, request: Request, slug: str) -> Response:
        """Read one supplier."""
        selection = self.selection()
        supplier = supplier_called(slug)
        serializer = SupplierSerializer(supplier)
        if selection is not None:
            prune(serializer, selection)
        return read_answer(request, dict(serializer.data), supplier.version)

    @extend_schema(
        request=SupplierInput,
        responses={201: SupplierSerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    def create(self, request: Request) -> Response:
        """Create a supplier, in test mode unless said otherwise."""
        refuse_version(request)

        def perform() -> Answer:
            data = self.read_input(SupplierInput(data=request.data))
            require_pause_permission(request, data, was_paused=False)
            supplier = operations.create_supplier(actor=user_of(request), data=data)
            return Answer(201, shown(supplier))

        return answer_once(request, perform)

    @extend_schema(request=SupplierInput, parameters=[IF_MATCH])
    def partial_update(self, request: Request, slug: str) -> Response:
        """Change the given fields; `options` and `mapping` are replaced whole."""
        supplier, version = supplier_called(slug), version_of(request)
        data = self.read_input(SupplierInput(data=request.data, partial=True))
        require_pause_permission(request, data, was_paused=supplier.is_paused)
        with precondition(version):
            changed = operations.change_supplier(
                supplier_id=supplier.pk,
                actor=user_of(request),
                data=data,
                version=version,
            )
        return Response(shown(changed), headers=etag(changed.version))


class SupplierCheck(ApiView):
    """Calls the supplier to see whether the account works."""

    asks_supplier = True
    queryset = Supplier.objects.none()
    needs = {"post": Needs("suppliers:read", (VIEW, "suppliers.check_supplier"))}

    @extend_schema(
        request=None, responses=CheckSerializer, parameters=[IDEMPOTENCY_KEY]
    )
    def post(self, request: Request, slug: str) -> Response:
        supplier = supplier_called(slug)
        refuse_version(request)

        def perform() -> Answer:
            self.read_input(NothingInput(data=request.data))
            text = operations.check_supplier(
                supplier_id=supplier.pk, actor=user_of(request)
            )
            return Answer(200, dict(CheckSerializer({"text": text}).data))

        return answer_asking_once(request, perform)


class SupplierHealthView(ApiView):
    """How calls to the supplier have gone lately; it is not called for this."""

    queryset = SupplierHealth.objects.none()
    needs = {"get": READ}
    pagination_class = None

    @extend_schema(responses=HealthSerializer)
    def get(self, request: Request, slug: str) -> Response:
        rows = SupplierHealth.objects.select_related("supplier__paused_by")
        health = rows.get(supplier=supplier_called(slug))
        return Response(HealthSerializer(health).data)


class SupplierAvailability(ApiView):
    """Asks the supplier for price, availability and lead time now."""

    asks_supplier = True
    queryset = Supplier.objects.none()
    needs = {"get": READ}
    pagination_class = None
    parameters = ("item", "brand")

    @extend_schema(
        responses=OfferListSerializer,
        parameters=[
            OpenApiParameter(
                "item",
                str,
                required=True,
                many=True,
                description=f"Item numbers, {MAX_ITEMS} at most; one parameter each.",
            ),
            OpenApiParameter(
                "brand",
                str,
                many=True,
                description="Where the vendor wants brands: one for each item.",
            ),
        ],
    )
    def get(self, request: Request, slug: str) -> Response:
        supplier, items = supplier_called(slug), read_items(request)
        offers = operations.fetch_offers(supplier_id=supplier.pk, items=items)
        return Response(OfferListSerializer({"results": offers}).data)


class Vendors(ApiView):
    """The kinds of API this installation can talk to, and what each of them can do."""

    queryset = Supplier.objects.none()
    needs = {"get": READ}
    serializer_class = VendorSerializer
    pagination_class = None
    filter_backends = []

    @extend_schema(operation_id="vendors_list", responses=VendorListSerializer)
    def get(self, request: Request) -> Response:
        found = [vendors.get(code) for code in vendors.CODES]
        shown = VendorSerializer()
        return Response({"results": [shown.to_representation(v) for v in found]})


def supplier_called(slug: str) -> Supplier:
    """The supplier of a slug.

    Raises:
        NotFound: there is none.
    """
    supplier = Supplier.objects.filter(slug=slug).first()
    if supplier is None:
        raise NotFound(f"There is no supplier {slug}.")
    return supplier


def shown(supplier: Supplier) -> dict[str, Any]:
    return dict(SupplierSerializer(supplier).data)


def require_pause_permission(
    request: Request, data: dict[str, Any], *, was_paused: bool
) -> None:
    """Pausing has a permission of its own, through whichever door it is done."""
    is_changed = data.get("is_paused", was_paused) != was_paused
    if is_changed and not is_permitted(user_of(request), PAUSE):
        raise PermissionMissing(PAUSE)


def read_items(request: Request) -> list[ItemKey]:
    """The items asked about, one or more.

    Raises:
        ValidationError: none, too many, or brands for some of them only.
    """
    items = [text.strip() for text in request.query_params.getlist("item")]
    brands = [text.strip() for text in request.query_params.getlist("brand")]
    if not 1 <= len(items) <= MAX_ITEMS:
        raise ValidationError({"item": f"Give 1 to {MAX_ITEMS} item numbers."})
    for text in (*items, *brands):
        if len(text) > MAX_ITEM_LENGTH or not text.isprintable():
            raise ValidationError({"item": "This can't be an item number or brand."})
    if not all(items):
        raise ValidationError({"item": "Give an item number, not an empty text."})
    if brands and len(brands) != len(items):
        raise ValidationError({"brand": "Give one for each item, or none at all."})
    brands = brands or [""] * len(items)
    return [ItemKey(*pair) for pair in zip(items, brands, strict=True)]

"""REST: items of suppliers, what they were offered for, and checks of orders."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from procurement.access.filters import StrictFilterSet, TextFilter, YesNoFilter
from procurement.access.permissions import Needs
from procurement.access.sparse import shows
from procurement.access.views import ApiView, Listed
from procurement.catalogue import queries
from procurement.catalogue.models import ItemOffer, OrderCheck
from procurement.catalogue.representation import (
    ItemSerializer,
    KeptOfferSerializer,
    OrderCheckSerializer,
)
from procurement.orders.api import OfOneOrder
from procurement.orders.queries import content_hash
from procurement.suppliers.api import VIEW, supplier_called
from procurement.suppliers.models import SupplierItem

MAX_ITEM_ID = 2**63 - 1
READ = Needs("suppliers:read", (VIEW, "suppliers.view_supplieritem"))


class ItemFilter(StrictFilterSet):
    item_number = TextFilter(help_text="The whole number.")
    mpn = TextFilter(help_text="The maker's number, whole.")
    gtin = TextFilter(max_length=14, help_text="EAN or UPC, whole.")
    listed = YesNoFilter(
        field_name="is_listed", help_text="In the last price file that was taken over."
    )

    class Meta:
        model = SupplierItem
        fields: list[str] = []


class SupplierItems(Listed, ApiView):
    """What we know of a supplier's items; it is not called for this.

    Each with its present offer. A price that can't be right is not among them.
    """

    queryset = SupplierItem.objects.none()
    serializer_class = ItemSerializer
    filterset_class = ItemFilter
    needs = {"get": READ}

    def get(self, request: Request, slug: str) -> Response:
        return self.list(request)

    def get_queryset(self) -> QuerySet[SupplierItem]:
        if "slug" not in self.kwargs:
            return self.queryset
        supplier = supplier_called(self.kwargs["slug"])
        items = SupplierItem.objects.filter(supplier=supplier)
        if not shows(self.selection(), "offer"):
            return items
        return queries.with_present_offers(items)


class ItemOffers(Listed, ApiView):
    """What one item was offered for over time, newest first."""

    queryset = ItemOffer.objects.none()
    serializer_class = KeptOfferSerializer
    filter_backends = []
    needs = {"get": READ}

    def get(self, request: Request, slug: str, item_id: int) -> Response:
        return self.list(request)

    def get_queryset(self) -> QuerySet[ItemOffer]:
        supplier = supplier_called(self.kwargs["slug"])
        item_id = min(self.kwargs["item_id"], MAX_ITEM_ID)
        items = SupplierItem.objects.filter(supplier=supplier, pk=item_id)
        if not items.exists():
            raise NotFound(f"{supplier} has no item {item_id}.")
        return ItemOffer.objects.filter(item=item_id)


class OrderChecks(OfOneOrder):
    """What the supplier said to the lines when it was asked; the last ones."""

    queryset = OrderCheck.objects.none()
    serializer_class = OrderCheckSerializer

    def paginate_queryset(self, queryset: Any) -> Any:
        """All of them are of one order, which is looked at once."""
        checks = super().paginate_queryset(queryset) or []
        if checks and shows(self.selection(), "is_stale"):
            now = content_hash(checks[0].order)
            for check in checks:
                check.present_hash = now
        return checks

    def get_queryset(self) -> QuerySet[OrderCheck]:
        return (
            OrderCheck.objects.filter(order__number=self.order_number())
            .select_related("order__supplier", "checked_by")
            .defer("order__supplier__credentials")
        )

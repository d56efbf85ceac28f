"""The screens of suppliers' items: what they cost, over time, and who bought them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from procurement.adminbase import NumberWidget, OperationAdmin, OperationForm
from procurement.adminfilters import SelectFilter
from procurement.adminshow import age, amount, badge
from procurement.catalogue import operations, queries
from procurement.catalogue.drawing import chart
from procurement.catalogue.models import ItemOffer
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.money import plain, price_text
from procurement.orders.admin_lists import status_badge
from procurement.orders.models import OrderLine
from procurement.suppliers.admin_exchanges import SupplierFilter
from procurement.suppliers.items import FIELDS, change_item, create_item, remove_item
from procurement.suppliers.models import SupplierItem
from procurement.texts import gettext_lazy
from vendors.contracts import Capability

LATEST_OFFERS = 100
LATEST_ORDERS = 20


class ItemForm(OperationForm):
    class Meta:
        model = SupplierItem
        fields = FIELDS
        widgets = dict.fromkeys(("pack_quantity", "min_order_quantity"), NumberWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("pack_quantity", "min_order_quantity"):
            if self.instance.pk and name in self.fields:
                self.initial[name] = plain(getattr(self.instance, name))

    def changed_values(self) -> dict[str, Any]:
        names = self.changed_data if self.instance.pk else self.cleaned_data
        return {name: self.cleaned_data[name] for name in names if name in FIELDS}


class ConcernsFilter(SelectFilter):
    title, parameter_name = gettext_lazy("Show"), "show"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("held", _("Price held back")),
            ("missing", _("Not sold any more")),
            ("sold", _("Sold")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "held":
                held = ItemOffer.objects.filter(is_current=True, is_quarantined=True)
                return queryset.filter(pk__in=held.values("item"))
            case "missing":
                return queryset.filter(missing_since__isnull=False)
            case "sold":
                return queryset.filter(missing_since=None)
        return queryset


class EvidenceForm(forms.Form):
    evidence = forms.CharField(max_length=2000)


@admin.register(SupplierItem)
class SupplierItemAdmin(OperationAdmin):
    form = ItemForm
    fields = FIELDS
    list_display = [
        "item_number",
        "supplier",
        "brand",
        "mpn",
        "gtin",
        "description",
        "price_now",
        "available",
        "told",
    ]
    list_only = (
        "item_number",
        "supplier__name",
        "brand",
        "mpn",
        "gtin",
        "description",
        "missing_since",
    )
    list_select_related = ["supplier"]
    list_filter = [SupplierFilter, ConcernsFilter]
    search_fields = ["item_number"]
    search_help_text = gettext_lazy(
        "Item number, maker's number, EAN or how the text begins"
    )
    ordering = ["supplier_id", "item_number", "brand"]
    sortable_by = ()
    change_form_template = "admin/catalogue/item.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return queries.with_present_offers(super().get_queryset(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        text = search_term.strip()
        if not text:
            return queryset, False
        return queryset.filter(pk__in=queries.items_beginning_with(text)), False

    # --- writing ---

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["supplier"] if obj else []

    def save_by_operation(
        self, request: HttpRequest, form: Any, formsets: Any, change: bool
    ) -> Model:
        data, actor = form.changed_values(), request.user
        if not change:
            return create_item(actor=actor, data=data)  # type: ignore[arg-type]
        if not data:
            unchanged: SupplierItem = form.instance
            return unchanged
        return change_item(item_id=form.instance.pk, actor=actor, data=data)  # type: ignore[arg-type]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only what was entered by mistake: what was told of an item stays."""
        may = super().has_delete_permission(request, obj)
        return may and (obj is None or not obj.offers.exists())

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        remove_item(item_id=obj.pk, actor=request.user)  # type: ignore[arg-type]

    # --- the page of one item ---

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        context["show_save_and_add_another"] = False
        if obj is not None:
            context |= item_page(obj)
            context["may_ask"] = request.user.has_perm("catalogue.fetch_itemoffer")
            context["may_release"] = request.user.has_perm(
                "catalogue.release_itemoffer"
            )
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_urls(self) -> list[URLPattern]:
        wrap, name = self.admin_site.admin_view, "suppliers_supplieritem"
        return [
            path("<int:item_id>/ask/", wrap(self.ask_view), name=f"{name}_ask"),
            path(
                "<int:item_id>/release/<int:offer_id>/",
                wrap(self.release_view),
                name=f"{name}_release",
            ),
            *super().get_urls(),
        ]

    def ask_view(self, request: HttpRequest, item_id: int) -> HttpResponse:
        item = self._item(request, item_id, "catalogue.fetch_itemoffer")
        if request.method == "POST":
            try:
                offer = operations.ask_now(item_id=item.pk, actor=request.user)  # type: ignore[arg-type]
            except OperationNotAllowed as refusal:
                self.message_user(request, refusal.text, messages.ERROR)
            else:
                if not offer.is_known:
                    text, level = _("does not know it."), messages.WARNING
                elif offer.warning:
                    text, level = f"warns: {offer.warning}", messages.WARNING
                else:
                    text, level = _("has answered."), messages.SUCCESS
                self.message_user(request, f"{item}: {item.supplier} {text}", level)
        return HttpResponseRedirect(self.object_url(item.pk))

    def release_view(
        self, request: HttpRequest, item_id: int, offer_id: int
    ) -> HttpResponse:
        item = self._item(request, item_id, "catalogue.release_itemoffer")
        if not item.offers.filter(pk=offer_id).exists():
            raise Http404(_("There is no such offer."))
        form = EvidenceForm(request.POST or None)
        if request.method == "POST":
            form.is_valid()
            try:
                operations.release_offer(
                    offer_id=offer_id,
                    actor=request.user,  # type: ignore[arg-type]
                    evidence=form.cleaned_data.get("evidence", ""),
                )
            except (OperationNotAllowed, InvalidInput) as refusal:
                self.message_user(request, refusal.text, messages.WARNING)
            else:
                self.message_user(request, _("The price counts now."), messages.SUCCESS)
        return HttpResponseRedirect(self.object_url(item.pk))

    def _item(
        self, request: HttpRequest, item_id: int, permission: str
    ) -> SupplierItem:
        item = SupplierItem.objects.select_related("supplier").filter(pk=item_id)
        found = item.defer("supplier__credentials").first()
        if found is None:
            raise Http404(_("There is no such item."))
        may_look = self.has_view_permission(request, found)
        if not may_look or not request.user.has_perm(permission):
            raise PermissionDenied
        return found

    # --- columns ---

    @admin.display(description=gettext_lazy("Price"))
    def price_now(self, item: Any) -> str:
        return price_of(_present(item))

    @admin.display(description=gettext_lazy("Available"))
    def available(self, item: Any) -> str | SafeString:
        if item.missing_since:
            return badge(_("not sold"), "amber", f"Since {item.missing_since:%Y-%m-%d}")
        return quantity_of(_present(item))

    @admin.display(description=gettext_lazy("Told"))
    def told(self, item: Any) -> Any:
        offer = _present(item)
        return age(offer.last_seen_at if offer else None)


def _present(item: Any) -> ItemOffer | None:
    return item.present_offers[0] if item.present_offers else None


def price_of(offer: ItemOffer | None) -> str:
    if offer is None or offer.price is None:
        return "–"
    if not offer.currency:
        return plain(offer.price)
    return amount(offer.price, offer.currency)


def quantity_of(offer: ItemOffer | None) -> str:
    if offer is None or offer.quantity_available is None:
        return "–"
    return plain(offer.quantity_available)


def item_page(item: SupplierItem) -> dict[str, Any]:
    """What the page of an item shows; the number of queries is always the same."""
    offers = list(item.offers.all()[:LATEST_OFFERS])
    present = item.offers.filter(is_current=True, is_quarantined=False).first()
    held = item.offers.filter(is_current=True, is_quarantined=True).first()
    lines = list(queries.lines_with(item)[:LATEST_ORDERS])
    paid = queries.last_paid(item)
    points = queries.price_points(offers)
    return {
        "title": str(item),
        "subtitle": str(item.supplier),
        "present": present,
        "present_price": price_of(present),
        "present_quantity": quantity_of(present),
        "held": held,
        "held_price": price_of(held),
        "why_not_ask": item.supplier.api.why_not(Capability.FETCH_OFFERS),
        "ask_url": reverse("admin:suppliers_supplieritem_ask", args=[item.pk]),
        "offers": [(each, price_of(each), quantity_of(each)) for each in offers],
        "chart": chart(points, timezone.now()),
        "paid": paid,
        "paid_price": price_in_order(paid) if paid else "",
        "order_lines": [
            (line, plain(line.quantity), price_in_order(line), status_badge(line.order))
            for line in lines
        ],
    }


def price_in_order(line: OrderLine) -> str:
    return f"{price_text(line.unit_price, line.order.currency)} {line.order.currency}"

from django.contrib import admin
from django.contrib.auth.models import User
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.shops.models import Shop
from procurement.suppliers.models import Supplier
from tests.bench.floor import api


class LineInline(admin.TabularInline):  # type: ignore[type-arg]
    model = OrderLine


class OrderAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """The columns, the search and the filters of the product's list, by the book."""

    inlines = [LineInline]
    list_per_page = 50
    list_display = [
        "number",
        "external_reference",
        "supplier",
        "supplier_order_number",
        "headline",
        "approval",
        "transmission",
        "fulfilment",
        "promised_date",
        "buyer",
        "shop",
        "total",
        "is_test",
        "state_since",
    ]
    list_select_related = ["supplier", "shop", "buyer"]
    list_filter = [
        "headline",
        "approval",
        "transmission",
        "fulfilment",
        "supplier",
        "shop",
        "buyer",
        "is_test",
        "created_at",
    ]
    search_fields = ["number", "external_reference", "supplier_order_number"]


site = admin.AdminSite()
site.register(PurchaseOrder, OrderAdmin)
for model in (Supplier, Shop, User):
    site.register(model)
router = SimpleRouter()
router.register("orders", api.OrderViewSet)

urlpatterns = [
    path("admin/", site.urls),
    path("api/", include(router.urls)),
    path("api/create/", api.CreateOrder.as_view()),
    path("api/approve/<str:number>/", api.ApproveOrder.as_view()),
]

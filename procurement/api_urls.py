"""Addresses under `/api/`; each app's are listed together."""

from django.contrib.admin.views.decorators import staff_member_required
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import AllowAny
from rest_framework.routers import SimpleRouter

from procurement.access.authentication import ApiKeyAuthentication
from procurement.access.permissions import KeyOrStaff
from procurement.access.problems import not_found
from procurement.fulfilment.api import OrderShipments
from procurement.orders.action_api import action_urls
from procurement.orders.api import Events, OrderAttempts, OrderEvents, OrderViewSet
from procurement.suppliers.api import (
    SupplierAvailability,
    SupplierCheck,
    SupplierHealthView,
    SupplierViewSet,
    Vendors,
)

router = SimpleRouter()
router.register("orders", OrderViewSet, basename="order")
router.register("suppliers", SupplierViewSet, basename="supplier")

ORDER = "orders/<order_number:number>"
SUPPLIER = "suppliers/<slug:slug>"

v1 = [
    *router.urls,
    *action_urls(),
    path(f"{ORDER}/events/", OrderEvents.as_view(), name="order-events"),
    path(f"{ORDER}/attempts/", OrderAttempts.as_view(), name="order-attempts"),
    path(f"{ORDER}/shipments/", OrderShipments.as_view(), name="order-shipments"),
    path("events/", Events.as_view(), name="events"),
    path("vendors/", Vendors.as_view(), name="vendors"),
    path(f"{SUPPLIER}/check/", SupplierCheck.as_view(), name="supplier-check"),
    path(f"{SUPPLIER}/health/", SupplierHealthView.as_view(), name="supplier-health"),
    path(
        f"{SUPPLIER}/availability/",
        SupplierAvailability.as_view(),
        name="supplier-availability",
    ),
]

schema = SpectacularAPIView.as_view(
    authentication_classes=[ApiKeyAuthentication, SessionAuthentication],
    permission_classes=[KeyOrStaff],
)
# The page itself holds nothing; it is closed so that it is not found by strangers.
docs = staff_member_required(
    SpectacularSwaggerView.as_view(
        url_name="schema", authentication_classes=[], permission_classes=[AllowAny]
    )
)

urlpatterns = [
    path("v1/", include(v1)),
    path("schema/", schema, name="schema"),
    path("docs/", docs, name="docs"),
    re_path("", not_found),
]

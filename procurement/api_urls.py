"""Addresses under `/api/`; each app's are listed together."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from procurement.access.problem_pages import all_problems, one_problem
from procurement.access.problems import not_found
from procurement.catalogue.api import ItemOffers, OrderChecks, SupplierItems
from procurement.customers.api import (
    CustomerEvents,
    CustomerLinkView,
    CustomerRecord,
    CustomerResolve,
    CustomerUnlink,
    CustomerViewSet,
)
from procurement.describing.views import DescriptionView, guide, reference
from procurement.documents.api import OrderPdf
from procurement.events.api import Events
from procurement.fulfilment.api import OrderInvoices, OrderShipments
from procurement.orders.action_api import action_urls
from procurement.orders.api import (
    OrderAttempts,
    OrderEvents,
    OrderSums,
    OrderViewSet,
)
from procurement.shops.api import (
    ShopEvents,
    ShopPush,
    ShopRecord,
    ShopRegister,
    ShopResolve,
    ShopViewSet,
)
from procurement.suppliers.api import (
    SupplierAvailability,
    SupplierCheck,
    SupplierHealthView,
    SupplierViewSet,
    Vendors,
)
from procurement.webhooks.api import (
    DeliveryRedelivery,
    EndpointDeliveries,
    EndpointRedelivery,
    EndpointRotation,
    EndpointTest,
    EndpointViewSet,
    OneDelivery,
)

router = SimpleRouter()
router.register("orders", OrderViewSet, basename="order")
router.register("suppliers", SupplierViewSet, basename="supplier")
router.register("shops", ShopViewSet, basename="shop")
router.register("customers", CustomerViewSet, basename="customer")
router.register("webhook-endpoints", EndpointViewSet, basename="webhook-endpoint")

ORDER = "orders/<order_number:number>"
SUPPLIER = "suppliers/<slug:slug>"
SHOP = "shops/<int:pk>"
CUSTOMER = "customers/<int:pk>"
ENDPOINT = "webhook-endpoints/<int:pk>"
DELIVERY = f"{ENDPOINT}/deliveries/<int:delivery_id>"

v1 = [
    *router.urls,
    path("orders/sums/", OrderSums.as_view(), name="order-sums"),
    *action_urls(),
    path(f"{ORDER}/events/", OrderEvents.as_view(), name="order-events"),
    path(f"{ORDER}/attempts/", OrderAttempts.as_view(), name="order-attempts"),
    path(f"{ORDER}/checks/", OrderChecks.as_view(), name="order-checks"),
    path(f"{ORDER}/invoices/", OrderInvoices.as_view(), name="order-invoices"),
    path(f"{ORDER}/pdf/", OrderPdf.as_view(), name="order-pdf"),
    path(f"{ORDER}/shipments/", OrderShipments.as_view(), name="order-shipments"),
    path("events/", Events.as_view(), name="events"),
    path("vendors/", Vendors.as_view(), name="vendors"),
    path(f"{SUPPLIER}/check/", SupplierCheck.as_view(), name="supplier-check"),
    path(f"{SUPPLIER}/health/", SupplierHealthView.as_view(), name="supplier-health"),
    path(f"{SUPPLIER}/items/", SupplierItems.as_view(), name="supplier-items"),
    path(
        f"{SUPPLIER}/items/<int:item_id>/offers/",
        ItemOffers.as_view(),
        name="supplier-item-offers",
    ),
    path(
        f"{SUPPLIER}/availability/",
        SupplierAvailability.as_view(),
        name="supplier-availability",
    ),
    path(f"{SHOP}/register/", ShopRegister.as_view(), name="shop-register"),
    path(f"{SHOP}/push/", ShopPush.as_view(), name="shop-push"),
    path(f"{SHOP}/record/", ShopRecord.as_view(), name="shop-record"),
    path(f"{SHOP}/resolve/", ShopResolve.as_view(), name="shop-resolve"),
    path(f"{SHOP}/events/", ShopEvents.as_view(), name="shop-events"),
    path(f"{CUSTOMER}/link/", CustomerLinkView.as_view(), name="customer-link"),
    path(f"{CUSTOMER}/record/", CustomerRecord.as_view(), name="customer-record"),
    path(f"{CUSTOMER}/unlink/", CustomerUnlink.as_view(), name="customer-unlink"),
    path(f"{CUSTOMER}/resolve/", CustomerResolve.as_view(), name="customer-resolve"),
    path(f"{CUSTOMER}/events/", CustomerEvents.as_view(), name="customer-events"),
    path(
        f"{ENDPOINT}/rotate-secret/",
        EndpointRotation.as_view(),
        name="webhook-endpoint-rotate-secret",
    ),
    path(f"{ENDPOINT}/test/", EndpointTest.as_view(), name="webhook-endpoint-test"),
    path(
        f"{ENDPOINT}/redeliver/",
        EndpointRedelivery.as_view(),
        name="webhook-endpoint-redeliver",
    ),
    path(
        f"{ENDPOINT}/deliveries/",
        EndpointDeliveries.as_view(),
        name="webhook-endpoint-deliveries",
    ),
    path(f"{DELIVERY}/", OneDelivery.as_view(), name="webhook-delivery"),
    path(
        f"{DELIVERY}/redeliver/",
        DeliveryRedelivery.as_view(),
        name="webhook-delivery-redeliver",
    ),
]

urlpatterns = [
    path("v1/", include(v1)),
    path("schema/", DescriptionView.as_view(), name="schema"),
    path("docs/", reference, name="docs"),
    path("docs/<slug:name>.md", guide, name="guide"),
    path("problems/", all_problems, name="problems"),
    path("problems/<slug:code>/", one_problem, name="problem"),
    re_path("", not_found),
]

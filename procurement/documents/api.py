"""REST: an order on paper."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from procurement.access.authentication import user_of
from procurement.access.views import ApiView
from procurement.documents.queries import orders_pdf, printable_orders
from procurement.documents.views import PDF, pdf_response
from procurement.orders.api import READ
from procurement.orders.models import PurchaseOrder


class PdfRenderer(BaseRenderer):
    """Says that a PDF may be asked for; the view makes it."""

    media_type = PDF
    format = "pdf"
    charset = None

    def render(self, data: Any, *args: Any, **kwargs: Any) -> Any:
        return data


class OrderPdf(ApiView):
    """The order as it is printed for the supplier, in the supplier's language.

    It says so at the top of every page if it is a test, or not approved.
    """

    queryset = PurchaseOrder.objects.none()
    renderer_classes = [PdfRenderer]
    filter_backends = []
    pagination_class = None
    needs = {"get": READ}

    @extend_schema(responses={(200, PDF): OpenApiTypes.BINARY})
    def get(self, request: Request, number: str) -> HttpResponse:
        order = printable_orders(user_of(request)).filter(number=number).first()
        if order is None:
            raise NotFound(f"There is no order {number}.")
        return pdf_response(orders_pdf([order]), order.number)

"""Paper on the screen. Nothing is changed here: a print is a way of reading."""

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from procurement import trail
from procurement.adminshow import list_url
from procurement.documents.queries import (
    orders_pdf,
    print_orders,
    printable_orders,
)
from procurement.errors import OperationNotAllowed

VIEW = "orders.view_purchaseorder"
PDF = "application/pdf"


def pdf_response(content: bytes, name: str) -> HttpResponse:
    """Shown by the browser's own reader; kept nowhere on the way."""
    return HttpResponse(
        content,
        content_type=PDF,
        headers={"Content-Disposition": f'inline; filename="{name}.pdf"'},
    )


@require_safe
@never_cache
def print_order(request: HttpRequest, order_id: int) -> HttpResponse:
    _require_view(request)
    order = printable_orders(request.user).filter(pk=order_id).first()  # type: ignore[arg-type]
    if order is None:
        raise Http404(_("There is no such order."))
    return pdf_response(orders_pdf([order]), order.number)


@require_POST
@never_cache
def print_ticked(request: HttpRequest) -> HttpResponse:
    """The orders ticked in the list; by POST, as their keys don't fit an address."""
    _require_view(request)
    order_ids = _keys(request.POST.getlist("order"))
    try:
        content = print_orders(
            order_ids=order_ids,
            actor=request.user,  # type: ignore[arg-type]
        )
    except OperationNotAllowed as refusal:
        messages.warning(request, refusal.text)
        return HttpResponseRedirect(list_url("orders_purchaseorder"))
    trail.record(
        "export.printed", subject_text="orders.pdf", details={"orders": len(order_ids)}
    )
    return pdf_response(content, "orders")


def _require_view(request: HttpRequest) -> None:
    if not request.user.has_perm(VIEW):
        raise PermissionDenied


def _keys(values: list[str]) -> list[int]:
    """The list says `7:3` for version 3 of the order with the key 7."""
    keys = [value.partition(":")[0] for value in values]
    if not all(key.isascii() and key.isdigit() and len(key) < 19 for key in keys):
        raise BadRequest(_("That is no order."))
    return [int(key) for key in keys]

"""Addresses of the screens, and what a browser would post from their forms."""

from decimal import Decimal
from typing import Any

from django.test import Client
from django.urls import reverse

from procurement.orders.models import PurchaseOrder

ORDERS = "/admin/orders/purchaseorder/"
NEW_ORDER = f"{ORDERS}add/"
SUPPLIERS = "/admin/suppliers/supplier/"


def order_page(order: PurchaseOrder) -> str:
    return reverse("admin:orders_purchaseorder_change", args=[order.pk])


def action_page(order: PurchaseOrder, name: str) -> str:
    return reverse("admin:orders_purchaseorder_action", args=[order.pk, name])


def filled_in(client: Client, address: str) -> dict[str, Any]:
    """The order form as it stands on the screen, ready to be changed and posted."""
    context = client.get(address).context
    form = context["adminform"].form
    (lines,) = [each.formset for each in context["inline_admin_formsets"]]
    posted = {name: form[name].value() for name in form.fields}
    for each in (*lines.initial_forms, lines.management_form):
        posted |= {
            each.add_prefix(name): each[name].value()
            for name in each.fields
            if name != "DELETE"
        }
    return {name: _typed(value) for name, value in posted.items()}


def _typed(value: Any) -> Any:
    if value is None or value is False:
        return ""
    return str(value) if isinstance(value, Decimal) else value


def text_of(response: Any) -> str:
    return response.content.decode()


def said(response: Any) -> str:
    """The messages on the page a redirect led to."""
    return " ".join(str(message) for message in response.context["messages"])

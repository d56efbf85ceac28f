"""One action on many orders: what will happen, then what happened to each."""

import logging
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from procurement.adminshow import amount, list_url
from procurement.errors import (
    InvalidInput,
    OperationNotAllowed,
    SupplierUnavailable,
)
from procurement.orders.actions import OrderAction, all_actions
from procurement.orders.admin_actions import named_action, reason_against
from procurement.orders.admin_forms import ActionForm
from procurement.orders.admin_lists import Row
from procurement.orders.models import PurchaseOrder
from procurement.orders.queries import orders_with_names

log = logging.getLogger(__name__)

MOST_AT_ONCE = {"refresh": 25}
"""Refreshing asks a supplier for each order while the person waits."""
MOST_AT_ONCE_OTHERWISE = 200
SESSION_KEY = "bulk_result"


@dataclass(frozen=True)
class Candidate:
    """A chosen order on the page that asks once more."""

    row: Row
    reason: str


class BulkActionsMixin:
    """The pages of one action on the orders ticked in the list."""

    admin_site: Any
    message_user: Any
    opts: Any

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        name = "orders_purchaseorder_bulk"
        return [
            path("bulk/", wrap(self.bulk_view), name=name),
            path("bulk/run/", wrap(self.bulk_run_view), name=f"{name}_run"),
            path("bulk/result/", wrap(self.bulk_result_view), name=f"{name}_result"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def bulk_view(self, request: HttpRequest) -> HttpResponse:
        """Ask once more; nothing is done here."""
        action = self._bulk_action(request)
        keys = _keys(request.POST.getlist("order"))
        most = MOST_AT_ONCE.get(action.name, MOST_AT_ONCE_OTHERWISE)
        if not keys or len(keys) > most:
            text = (
                f"“{action.label}” takes {most} orders at a time, not {len(keys)}."
                if keys
                else "Tick the orders first."
            )
            self.message_user(request, text, messages.WARNING)
            return HttpResponseRedirect(list_url("orders_purchaseorder"))
        return self._confirmation(request, action, keys, ActionForm(action, ()))

    def _confirmation(
        self, request: HttpRequest, action: OrderAction, keys: list[int], form: Any
    ) -> HttpResponse:
        candidates = [
            Candidate(Row.of(order), reason_against(action, order, request.user))  # type: ignore[arg-type]
            for order in _orders(keys, request.user)
        ]
        able = [each.row.order for each in candidates if not each.reason]
        context = {
            **self.admin_site.each_context(request),
            **_summary(able),
            "title": f"{action.label}: {len(able)} of {len(candidates)} orders",
            "opts": self.opts,
            "action": action,
            "form": form,
            "candidates": candidates,
            "able": able,
            "back": list_url("orders_purchaseorder"),
        }
        return TemplateResponse(request, "admin/orders/bulk_confirm.html", context)

    def bulk_run_view(self, request: HttpRequest) -> HttpResponse:
        """Do it, order by order, and show the outcome on a page of its own.

        The redirect keeps a reload of the result from asking for it all again.
        """
        action = self._bulk_action(request)
        versions = _versions(request.POST.getlist("order"))
        form = ActionForm(action, (), {**request.POST.dict(), "version": 0})
        if not form.is_valid():
            left_out = _keys(request.POST.getlist("left_out"))
            return self._confirmation(request, action, [*versions, *left_out], form)
        outcomes: dict[str, list[list[str]]] = {"done": [], "skipped": [], "failed": []}
        user: Any = request.user
        seen = PurchaseOrder.objects.visible_to(user)
        orders = seen.filter(pk__in=versions).order_by("-pk")
        for pk, number in orders.values_list("pk", "number"):
            kind, text = _run_one(action, pk, versions[pk], request, form)
            outcomes[kind].append([number, self._url(pk), text])
        for order in _orders(_keys(request.POST.getlist("left_out")), user):
            reason = reason_against(action, order, request.user)  # type: ignore[arg-type]
            outcomes["skipped"].append(
                [order.number, self._url(order.pk), reason or "It was left out."]
            )
        request.session[SESSION_KEY] = {"action": action.name, **outcomes}
        return HttpResponseRedirect(reverse("admin:orders_purchaseorder_bulk_result"))

    def bulk_result_view(self, request: HttpRequest) -> HttpResponse:
        result = request.session.get(SESSION_KEY)
        if result is None:
            raise Http404("There is no result to show.")
        action = named_action(result["action"], request.user)  # type: ignore[arg-type]
        context = {
            **self.admin_site.each_context(request),
            "title": f"{action.label}: what became of each",
            "opts": self.opts,
            "action": action,
            "groups": [
                ("Done", "green", result["done"]),
                ("Skipped", "amber", result["skipped"]),
                ("Failed", "red", result["failed"]),
            ],
            "back": list_url("orders_purchaseorder"),
        }
        return TemplateResponse(request, "admin/orders/bulk_result.html", context)

    def bulk_actions(self, request: HttpRequest) -> list[OrderAction]:
        return [
            action
            for action in all_actions()
            if action.is_bulk and action.may(request.user)  # type: ignore[arg-type]
        ]

    def _bulk_action(self, request: HttpRequest) -> OrderAction:
        if request.method != "POST":
            raise Http404("Begin in the list of orders.")
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        action = named_action(request.POST.get("action", ""), request.user)  # type: ignore[arg-type]
        if not action.is_bulk:
            raise Http404(f"{action.label} is done order by order.")
        return action

    def _url(self, pk: int) -> str:
        return reverse("admin:orders_purchaseorder_change", args=[pk])


def _run_one(
    action: OrderAction,
    pk: int,
    version: int | None,
    request: HttpRequest,
    form: ActionForm,
) -> tuple[str, str]:
    """Do it to one order; return how it went and the reason or the new state."""
    values = form.values()
    if action.takes_version:
        if version is None:
            return "skipped", "The page did not say which version you looked at."
        values["version"] = version
    try:
        action.run(order_id=pk, actor=request.user, **values)
    except SupplierUnavailable as refusal:
        return "failed", refusal.text
    except OperationNotAllowed as refusal:
        return "skipped", refusal.text
    except InvalidInput as refusal:
        return "failed", refusal.text
    except Exception:
        # The orders before it are done, so the page has to come and say so.
        log.exception("Bulk %s of order %s failed", action.name, pk)
        return "failed", "An error of this program; it is in the log."
    order = PurchaseOrder.objects.get(pk=pk)
    return "done", f"Now: {order.status.label}"


def _summary(orders: list[PurchaseOrder]) -> dict[str, Any]:
    """How many, to whom, for how much in each currency, and whether it is real."""
    totals: dict[str, Decimal] = {}
    for order in orders:
        totals[order.currency] = totals.get(order.currency, Decimal(0)) + order.total
    return {
        "suppliers": sorted(Counter(order.supplier.name for order in orders).items()),
        "totals": [
            amount(total, currency) for currency, total in sorted(totals.items())
        ],
        "tests": sum(order.is_test for order in orders),
        "lives": sum(not order.is_test for order in orders),
    }


def _orders(keys: list[int], user: Any) -> list[PurchaseOrder]:
    return list(orders_with_names(user).filter(pk__in=keys).order_by("-pk"))


def _keys(values: list[str]) -> list[int]:
    return list(_versions(values))


def _versions(values: list[str]) -> dict[int, int | None]:
    """`7:3` is version 3 of the order with the key 7; `7` is any version of it."""
    versions: dict[int, int | None] = {}
    for value in values:
        pk, _, version = value.partition(":")
        try:
            versions[int(pk)] = int(version) if version else None
        except ValueError:
            raise BadRequest("That is no order.") from None
    return versions

"""One action on many orders: what will happen, then a run that shows what did."""

import secrets
from collections import Counter
from contextlib import suppress
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    QueryDict,
)
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from procurement.adminshow import amount, list_url
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.orders import bulk
from procurement.orders.actions import OrderAction, all_actions
from procurement.orders.admin_actions import GRAVE, named_action, reason_against
from procurement.orders.admin_forms import ActionForm
from procurement.orders.admin_lists import Row, found_by
from procurement.orders.models import PurchaseOrder
from procurement.runs.models import Run
from procurement.runs.operations import run_of_form
from procurement.runs.working import work_off

AT_ONCE = 20
"""So few are done while the person waits, as far as the seconds reach."""
SECONDS_AT_ONCE = 3


@dataclass(frozen=True)
class Candidate:
    """A chosen order on the page that asks once more."""

    row: Row
    reason: str

    @property
    def version(self) -> str:
        return f"{self.row.order.pk}:{self.row.order.version}"


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
            *super().get_urls(),  # type: ignore[misc]
        ]

    def bulk_context(self, request: HttpRequest) -> dict[str, Any]:
        """What the list needs to offer the actions."""
        return {
            "bulk_actions": [
                action
                for action in all_actions()
                if action.is_bulk and action.may(_user(request))
            ],
            "bulk_query": request.GET.urlencode(),
            "bulk_most": bulk.MOST_ORDERS,
        }

    def bulk_view(self, request: HttpRequest) -> HttpResponse:
        """Ask once more; nothing is done here."""
        action = self._bulk_action(request)
        if request.POST.get("matching"):
            keys = self._matching(request, bulk.most_orders(action))
        else:
            keys = list(_versions(request.POST.getlist("order")))
        if refusal := _refusal(action, keys):
            self.message_user(request, refusal, messages.WARNING)
            query = request.POST.get("query", "")
            address = list_url("orders_purchaseorder")
            return HttpResponseRedirect(f"{address}?{query}" if query else address)
        return self._confirmation(request, action, keys, ActionForm(action, ()))

    def _matching(self, request: HttpRequest, most: int) -> list[int]:
        """Keys of the orders in the list as it was filtered, one more than allowed."""
        listed: Any = copy(request)
        listed.GET = QueryDict(request.POST.get("query", ""), mutable=True)
        listed.GET.pop("p", None)
        if text := listed.GET.get("q", "").strip():
            listed.carrying = found_by(text, _user(request))
        try:
            changelist = self.get_changelist_instance(listed)  # type: ignore[attr-defined]
        except IncorrectLookupParameters:
            raise BadRequest(_("There is no such filter.")) from None
        return list(changelist.queryset.values_list("pk", flat=True)[: most + 1])

    def _confirmation(
        self,
        request: HttpRequest,
        action: OrderAction,
        keys: list[int],
        form: ActionForm,
        *,
        tick_missing: bool = False,
    ) -> HttpResponse:
        user = _user(request)
        candidates = [
            Candidate(Row.of(order), reason_against(action, order, user))
            for order in bulk.orders_to_judge(action, user, keys)
        ]
        able = [each for each in candidates if not each.reason]
        summary = _summary([each.row.order for each in able])
        context = {
            **self.admin_site.each_context(request),
            **summary,
            "title": _("%(action)s: %(able)d of %(all)d orders")
            % {"action": action.label, "able": len(able), "all": len(candidates)},
            "opts": self.opts,
            "action": action,
            "button": bulk.title_of(action, len(able)),
            "is_grave": action.name in GRAVE,
            "form": form,
            "candidates": candidates,
            "able_count": len(able),
            "left_out_count": len(candidates) - len(able),
            "chosen": " ".join(each.version for each in able),
            "left_out": " ".join(
                str(each.row.order.pk) for each in candidates if each.reason
            ),
            "needs_tick": bool(_is_purchase(action) and summary["lives"]),
            "tick_missing": tick_missing,
            "token": secrets.token_urlsafe(18),
            "back": list_url("orders_purchaseorder"),
        }
        return TemplateResponse(request, "admin/orders/bulk_confirm.html", context)

    def bulk_run_view(self, request: HttpRequest) -> HttpResponse:
        """Make a run of it. A confirmation makes one, however often it is sent."""
        action = self._bulk_action(request)
        token = request.POST.get("token", "")[:64]
        if not token:
            raise BadRequest(_("The page is out of date. Begin in the list of orders."))
        if known := run_of_form(_user(request), token):
            return HttpResponseRedirect(known.url)
        versions = _versions(request.POST.get("chosen", "").split())
        left_out = list(_versions(request.POST.get("left_out", "").split()))
        keys = [*versions, *left_out]
        if refusal := _refusal(action, keys):
            raise BadRequest(refusal)
        form = ActionForm(action, (), {**request.POST.dict(), "version": 0})
        is_ticked = bool(request.POST.get("real"))
        needs_tick = _is_purchase(action) and _any_live(_user(request), versions)
        if not form.is_valid() or (needs_tick and not is_ticked):
            missing = needs_tick and not is_ticked
            return self._confirmation(request, action, keys, form, tick_missing=missing)
        try:
            run = _ask(request, action, versions, left_out, token)
        except (InvalidInput, OperationNotAllowed) as refused:
            self.message_user(request, refused.text, messages.WARNING)
            return HttpResponseRedirect(list_url("orders_purchaseorder"))
        return HttpResponseRedirect(run.url)

    def _bulk_action(self, request: HttpRequest) -> OrderAction:
        if request.method != "POST":
            raise Http404(_("Begin in the list of orders."))
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied
        action = named_action(request.POST.get("action", ""), _user(request))
        if not action.is_bulk:
            raise Http404(
                _("%(action_label)s is done order by order.")
                % {"action_label": action.label}
            )
        return action


def _ask(
    request: HttpRequest,
    action: OrderAction,
    versions: bulk.Versions,
    left_out: list[int],
    token: str,
) -> Run:
    """Ask for the run; a short one is done before the page of it is shown."""
    is_short = len(versions) <= AT_ONCE and not action.is_question
    run = bulk.ask_for_action(
        action=action,
        actor=_user(request),
        versions=versions,
        left_out=left_out,
        entered={
            given.name: request.POST.get(given.name, "") for given in action.inputs
        },
        token=token,
        wake=not is_short,
    )
    if is_short:
        # What the database's trouble of the moment leaves over, a worker does.
        with suppress(OperationalError, InterfaceError):
            work_off(run_id=run.pk, seconds=SECONDS_AT_ONCE)
    return run


def _refusal(action: OrderAction, keys: list[int]) -> str:
    if not keys:
        return _("Tick the orders first.")
    most = bulk.most_orders(action)
    if len(keys) <= most:
        return ""
    return _(
        "“%(action)s” takes %(most)s orders at a time, and these are more. Narrow "
        "the list down by a filter."
    ) % {"action": action.label, "most": f"{most:,}"}


def _is_purchase(action: OrderAction) -> bool:
    return action.name == "send"


def _any_live(user: User, keys: bulk.Versions) -> bool:
    seen = PurchaseOrder.objects.visible_to(user)
    return seen.filter(pk__in=list(keys), is_test=False).exists()


def _user(request: HttpRequest) -> User:
    user: Any = request.user
    known: User = user
    return known


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


def _versions(values: list[str]) -> dict[int, int | None]:
    """`7:3` is version 3 of the order with the key 7; `7` is any version of it."""
    versions: dict[int, int | None] = {}
    for value in values:
        pk, _colon, version = value.partition(":")
        try:
            versions[int(pk)] = int(version) if version else None
        except ValueError:
            raise BadRequest(_("That is no order.")) from None
    return versions

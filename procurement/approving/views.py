"""The pages where orders are approved. A GET shows; only a POST decides."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import InvalidPage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from procurement.adminbase import PAGE_SIZE, WindowPaginator
from procurement.adminshow import list_url
from procurement.approving.deciding import COMMENT, choices, decide
from procurement.approving.queries import (
    may_decide,
    next_after,
    orders_shown_to,
    waiting_for,
)
from procurement.approving.screen import order_screen, queue_rows
from procurement.errors import OperationNotAllowed
from procurement.orders.actions import OrderAction
from procurement.orders.admin_actions import named_action, reason_against
from procurement.orders.models import PurchaseOrder

ASK = "check_lines"


def queue(request: HttpRequest) -> HttpResponse:
    """What waits for this person, the longest first."""
    user = _approver(request)
    waiting = waiting_for(user).select_related("supplier", "shop", "customer", "buyer")
    paginator = WindowPaginator(waiting.defer("supplier__credentials"), PAGE_SIZE)
    try:
        page = paginator.page(request.GET.get("p", 1))
    except InvalidPage:
        return HttpResponseRedirect(reverse("approving:queue"))
    context = {
        **admin.site.each_context(request),
        "title": _("To approve"),
        "rows": queue_rows(page.object_list, user),  # type: ignore[arg-type]
        "page": page,
        "has_next": paginator.count > page.number * PAGE_SIZE,
    }
    return TemplateResponse(request, "admin/approving/queue.html", context)


def order(request: HttpRequest, order_id: int) -> HttpResponse:
    """The screen of one order; a POST takes a decision and opens the next one."""
    user = _approver(request)
    shown = _order(order_id, user)
    if request.method != "POST":
        return _screen(request, shown)
    offered = {each.action.name: each.action for each in choices(shown, user)}
    action = offered.get(request.POST.get("decision", ""))
    if action is None:
        return _screen(request, shown, refusal=_("Choose one of the decisions."))
    if refusal := decide(action, shown, user, request.POST):
        # The order may have changed since it was read, and that may be the reason.
        return _screen(request, _order(order_id, user), refusal=refusal)
    following = next_after(shown, user)
    messages.success(request, _done(action, order_id, following))
    return HttpResponseRedirect(_address_of(following))


def ask(request: HttpRequest, order_id: int) -> HttpResponse:
    """Ask the supplier about the lines now, if the button was pressed."""
    user = _approver(request)
    action = named_action(ASK, user)
    shown = _order(order_id, user)
    if request.method == "POST":
        try:
            action.run(order_id=shown.pk, actor=user)
        except OperationNotAllowed as refusal:
            messages.warning(request, refusal.text)
        else:
            text = _("%(supplier)s has answered; the figures below are of now.")
            messages.success(request, text % {"supplier": shown.supplier.name})
    return HttpResponseRedirect(_address_of(shown))


def _approver(request: HttpRequest) -> User:
    user: Any = request.user
    if not may_decide(user):
        raise PermissionDenied
    approver: User = user
    return approver


def _order(order_id: int, user: User) -> PurchaseOrder:
    found = orders_shown_to(user).filter(pk=order_id).first()
    if found is None:
        raise Http404(_("There is no such order."))
    return found


def _address_of(shown: PurchaseOrder | None) -> str:
    if shown is None:
        return reverse("approving:queue")
    return reverse("approving:order", args=[shown.pk])


def _done(action: OrderAction, order_id: int, following: PurchaseOrder | None) -> str:
    decided = PurchaseOrder.objects.get(pk=order_id)
    text = _("%(order)s: “%(action)s” is done. It is now: %(status)s.") % {
        "order": decided.number,
        "action": action.label,
        "status": decided.status.label,
    }
    if following is None:
        return f"{text} {_('Nothing else waits for you.')}"
    return f"{text} {_('This is the next one.')}"


def _screen(
    request: HttpRequest, shown: PurchaseOrder, *, refusal: str = ""
) -> TemplateResponse:
    user: Any = request.user
    posted = request.POST if request.method == "POST" else None
    following = next_after(shown, user)
    context = {
        **admin.site.each_context(request),
        **order_screen(shown, user),
        **_asking(shown, user),
        "title": _("Approve %(order)s") % {"order": shown.number},
        "choices": choices(shown, user, posted),
        "comment": request.POST.get(COMMENT, ""),
        "chosen": request.POST.get("decision", ""),
        "refusal": refusal,
        "skip_url": _address_of(following) if following else "",
        "queue_url": reverse("approving:queue"),
        "list_url": list_url("orders_purchaseorder"),
    }
    return TemplateResponse(request, "admin/approving/order.html", context)


def _asking(shown: PurchaseOrder, user: User) -> dict[str, Any]:
    """Whether the supplier can be asked now, and why not."""
    try:
        action = named_action(ASK, user)
    except (Http404, PermissionDenied):
        return {"ask_url": ""}
    return {
        "ask_url": reverse("approving:ask", args=[shown.pk]),
        "why_not_ask": reason_against(action, shown, user),
    }

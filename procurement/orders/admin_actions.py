"""Buttons and pages of what can be done to an order, made from the registered actions.

A GET shows; only a POST with the form's token acts. Who may and whether it can be
done is asked again at that moment, here and in the operation.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from procurement.adminshow import amount, list_url
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.orders.actions import OrderAction, all_actions, get_action
from procurement.orders.admin_forms import ActionForm
from procurement.orders.admin_lists import mode_badge, status_badge
from procurement.orders.admin_page import LineRow
from procurement.orders.models import PurchaseOrder
from procurement.orders.queries import orders_with_names
from procurement.orders.ready_views import to_approve

DECISIONS = {"approve", "return", "reject", "forward"}


@dataclass(frozen=True)
class Button:
    """An action as the order page offers it; `reason` says why not now."""

    action: OrderAction
    url: str
    reason: str
    label: str
    title: str

    @property
    def asks_first(self) -> bool:
        return asks_first(self.action)

    @property
    def tone(self) -> str:
        if self.action.name in GRAVE:
            return "button-grave"
        return "button-primary" if self.action.name in _FORWARD else ""


GRAVE = {"cancel", "reject", "record_cancellation"}
_FORWARD = {"submit", "approve", "send", "receive", "resolve"}


def asks_first(action: OrderAction) -> bool:
    """Whether a page comes before it: to enter something, or to look once more."""
    return bool(action.inputs) or action.is_dangerous or action.takes_version


def buttons(order: PurchaseOrder, user: User) -> list[Button]:
    """Every action the person has a permission for, in the usual order."""
    actions = [action for action in all_actions() if action.may(user)]
    for prepare in {action.prepare for action in actions if action.prepare}:
        prepare([order], user)
    return [
        Button(
            action=action,
            url=reverse(
                "admin:orders_purchaseorder_action", args=[order.pk, action.name]
            ),
            reason=reason_against(action, order, user),
            label=action.label_for(order),
            title=f"{action.summary} {action.remark(order)}".strip(),
        )
        for action in actions
    ]


def reason_against(action: OrderAction, order: PurchaseOrder, user: User) -> str:
    """Why not now, where the order's number stands beside it and need not be said."""
    text = action.why_not(order, user).removeprefix(f"{order} ")
    return text[:1].upper() + text[1:]


def named_action(name: str, user: User) -> OrderAction:
    """The action of that name, if there is one and the person may.

    Raises:
        Http404: there is none.
        PermissionDenied: the person may not.
    """
    try:
        action = get_action(name)
    except KeyError:
        raise Http404(_("There is no action %(name)s.") % {"name": name}) from None
    if not action.may(user):
        raise PermissionDenied
    return action


class OrderActionsMixin:
    """The page of one action on one order."""

    admin_site: Any
    message_user: Any

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.action_view)
        name = "orders_purchaseorder_action"
        return [
            path("<int:order_id>/do/<slug:name>/", view, name=name),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def action_view(
        self, request: HttpRequest, order_id: int, name: str
    ) -> HttpResponse:
        action = named_action(name, request.user)  # type: ignore[arg-type]
        order = orders_with_names(request.user).filter(pk=order_id).first()  # type: ignore[arg-type]
        if order is None:
            raise Http404(_("There is no such order."))
        if not self.has_view_permission(request, order):  # type: ignore[attr-defined]
            raise PermissionDenied
        if request.method != "POST":
            form = self._form(action, order, initial={"version": order.version})
            return self._page(request, action, order, form)
        form = self._form(action, order, data=request.POST)
        if not form.is_valid():
            return self._page(request, action, order, form)
        return self._act(request, action, order, form)

    def _act(
        self,
        request: HttpRequest,
        action: OrderAction,
        order: PurchaseOrder,
        form: ActionForm,
    ) -> HttpResponse:
        try:
            run_action(action, order.pk, request.user, form)  # type: ignore[arg-type]
        except InvalidInput as refusal:
            form.show_refusal(refusal)
            return self._page(request, action, order, form)
        except OperationNotAllowed as refusal:
            self.message_user(request, refusal.text, messages.WARNING)
        else:
            order.refresh_from_db()
            self.message_user(request, self._done(request, action, order))
        return HttpResponseRedirect(
            reverse("admin:orders_purchaseorder_change", args=[order.pk])
        )

    def _done(
        self, request: HttpRequest, action: OrderAction, order: PurchaseOrder
    ) -> str:
        text = _(
            "%(order)s: “%(action_label)s” is done. It is now: %(status_label)s."
        ) % {
            "order": order,
            "action_label": action.label,
            "status_label": order.status.label,
        }
        if action.name not in DECISIONS:
            return text
        user: Any = request.user
        waiting = to_approve(PurchaseOrder.objects.visible_to(user), user)
        following = waiting.order_by("-pk").first()
        if following is None:
            return _("%(text)s Nothing else waits for you.") % {"text": text}
        return format_html(
            '{} <a class="link" href="{}">Next to approve: {}</a>',
            text,
            reverse("admin:orders_purchaseorder_change", args=[following.pk]),
            following,
        )

    def _form(
        self, action: OrderAction, order: PurchaseOrder, **kwargs: Any
    ) -> ActionForm:
        lines = list(order.lines.all())
        for line in lines:
            line.order = order
        return ActionForm(action, lines, order=order, **kwargs)

    def _page(
        self,
        request: HttpRequest,
        action: OrderAction,
        order: PurchaseOrder,
        form: ActionForm,
    ) -> TemplateResponse:
        lines = list(order.lines.all())
        for line in lines:
            line.order = order
        context = {
            **self.admin_site.each_context(request),
            "title": f"{action.label}: {order}",
            "opts": self.opts,  # type: ignore[attr-defined]
            "action": action,
            "label": action.label_for(order),
            "remark": action.remark(order),
            "is_grave": action.name in GRAVE,
            "order": order,
            "form": form,
            "reason": reason_against(action, order, request.user),  # type: ignore[arg-type]
            "status": status_badge(order),
            "mode": mode_badge(order.is_test),
            "total": amount(order.total, order.currency),
            "lines": [
                LineRow.of(line, order.currency, form.line_entries(line))
                for line in lines
            ],
            "entry_columns": form.line_columns(),
            "back": reverse("admin:orders_purchaseorder_change", args=[order.pk]),
            "list_url": list_url("orders_purchaseorder"),
        }
        return TemplateResponse(request, "admin/orders/action.html", context)


def run_action(
    action: OrderAction, order_id: int, actor: User, form: ActionForm
) -> None:
    """Call the operation behind an action with what was entered for it."""
    values = form.values()
    if action.takes_version:
        values["version"] = form.cleaned_data["version"]
    action.run(order_id=order_id, actor=actor, **values)

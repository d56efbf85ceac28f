"""`/approve/{token}/`: where an approver decides without opening the back-office.

Showing the page changes nothing; only its form does. Whoever has the address is taken
for the approver, unless the installation wants a login.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from procurement.adminshow import amount
from procurement.approvals import links
from procurement.approvals.changes import changes_since_approval
from procurement.approvals.models import ApprovalLink
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.orders.admin_page import LineRow
from procurement.orders.entry import total_of
from procurement.orders.models import PurchaseOrder

PAGE = "approvals/link.html"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, token: str) -> HttpResponse:
    link = links.find_link(token)
    if link is None:
        return _closed(request, _("There is no such link."), 404)
    if why := _why_not_for(request.user, link):
        return _closed(request, why, 403)
    if why := links.why_not_use(link):
        return _closed(request, why, 410)
    if request.method != "POST":
        return _open(request, link)
    comment = request.POST.get("comment", "")
    try:
        done = links.use_link(
            link_id=link.pk, decision=request.POST.get("decision", ""), comment=comment
        )
    except InvalidInput as refusal:
        return _open(request, link, refusal.errors, comment)
    except OperationNotAllowed as refusal:
        return _closed(request, refusal.text, 410)
    return _done(request, done)


def _why_not_for(user: Any, link: ApprovalLink) -> str:
    """Whoever is logged in as somebody else does not decide by a link of this one."""
    is_known = isinstance(user, User) and user.is_active
    if is_known and user.pk != link.approver_id:
        return _("This link is for somebody else than who is logged in here.")
    if settings.APPROVAL_LINKS_NEED_LOGIN and not is_known:
        return _("Log in first; then open the link again.")
    return ""


def _open(
    request: HttpRequest,
    link: ApprovalLink,
    errors: dict[str, str] | None = None,
    comment: str = "",
) -> HttpResponse:
    order = PurchaseOrder.objects.select_related(
        "supplier", "shop", "customer", "buyer"
    ).get(pk=link.order_id)
    lines = list(order.lines.all())
    for line in lines:
        line.order = order
    context = {
        "order": order,
        "link": link,
        "lines": [LineRow.of(line, order.currency) for line in lines],
        # Of what is shown and sent, whatever a script left in the order's own total.
        "total": amount(total_of(lines, order.currency), order.currency),
        "changes": changes_since_approval(order),
        "errors": errors or {},
        "comment": comment,
    }
    return _page(request, context, 400 if errors else 200)


def _done(request: HttpRequest, order: PurchaseOrder) -> HttpResponse:
    texts = {
        "approved": _("%(order)s is approved."),
        "pending": _("Your approval of %(order)s is recorded. Others follow."),
        "returned": _("%(order)s is sent back to its buyer."),
        "rejected": _("%(order)s is rejected."),
    }
    text = texts[order.approval] % {"order": order}
    return _page(request, {"done": text}, 200)


def _closed(request: HttpRequest, why: str, status: int) -> HttpResponse:
    return _page(request, {"why": why}, status)


def _page(
    request: HttpRequest, context: dict[str, Any], status: int
) -> TemplateResponse:
    response = TemplateResponse(request, PAGE, context, status=status)
    # The address is a secret, and never told to anybody. A page without any referrer
    # could hold no form: its posts come with the origin `null`, and are refused.
    has_form = "order" in context
    response["Referrer-Policy"] = "strict-origin" if has_form else "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    return response

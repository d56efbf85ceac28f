"""`/logins/return/`: where a shop sends the browser back to.

Whatever happens, the browser leaves this address for a page without the code and
state in its own; only who has no page of their own stays here, on one without forms
and without anything from elsewhere.
"""

from collections.abc import Callable
from functools import wraps

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from procurement.errors import OperationNotAllowed
from procurement.logins.models import LoginAttempt, Outcome
from procurement.logins.returning import Reply, take_return

CONNECT = "logins.connect_customer"
View = Callable[[HttpRequest], HttpResponse]


def leaves_no_trace(view: View) -> View:
    """Keep an address with secrets in it out of caches and of other sites' logs.

    A page with this policy could hold no form: its posts would come with the origin
    `null`, which the check against forged posts refuses.
    """

    @never_cache
    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        response = view(request)
        response["Referrer-Policy"] = "no-referrer"
        return response

    return wrapped


@require_GET
@leaves_no_trace
def come_back(request: HttpRequest) -> HttpResponse:
    user = request.user
    if not isinstance(user, User) or not (user.is_active and user.is_staff):
        # No way to the login from here: it would carry the code and state along.
        return TemplateResponse(request, "admin/logins/outside.html", status=403)
    if not user.has_perm(CONNECT):
        return _nothing_done(request, _("You may not connect shop logins."), 403)
    try:
        attempt, is_new = take_return(
            reply=Reply.of(request.GET),
            actor=user,
            session_key=request.session.session_key or "",
        )
    except OperationNotAllowed as refusal:
        return _nothing_done(request, refusal.text, 400)
    return _on_to_its_page(request, attempt, is_new)


def _on_to_its_page(
    request: HttpRequest, attempt: LoginAttempt, is_new: bool
) -> HttpResponse:
    if attempt.outcome == Outcome.CONNECTED:
        shop = attempt.supplier
        if is_new:
            text = _("%(customer)s is connected at %(shop)s.") % {
                "customer": attempt.customer,
                "shop": shop,
            }
            messages.success(request, text)
        else:
            text = _("%(customer)s is already connected by this login; ") % {
                "customer": attempt.customer
            }
            messages.info(request, f"{text}{shop} was not asked again.")
        pair = [attempt.customer_id, attempt.supplier_id]
        return _see(reverse("admin:logins_pair", args=pair))
    return _see(reverse("admin:logins_attempt", args=[attempt.pk]))


def _see(address: str) -> HttpResponse:
    return HttpResponseRedirect(address, status=303)


def _nothing_done(request: HttpRequest, why: str, status: int) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": _("Nothing was connected"),
        "why": why,
    }
    return TemplateResponse(
        request, "admin/logins/nothing_done.html", context, status=status
    )

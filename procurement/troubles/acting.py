"""What people do about troubles: each a POST that calls one operation.

Who may is asked here, whether it can be done by the operation, at that moment.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.transmissions.operations import ask_for_look_up, try_now
from procurement.troubles import queries
from procurement.troubles.buttons import HANDLE
from procurement.troubles.forms import HandOverForm
from procurement.troubles.operations import hand_over
from procurement.troubles.views import seen_by, trouble_page, viewer

MOST_TICKED = 100
SESSION_KEY = "troubles_result"
TICKED = {
    "look_up": gettext_lazy("Look up"),
    "hand_over": gettext_lazy("Hand over"),
}


def handler(request: HttpRequest) -> User:
    """Whoever acts, if they may."""
    user = viewer(request)
    if not user.has_perm(HANDLE):
        raise PermissionDenied
    return user


@require_POST
def look_up_view(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(
        request,
        pk,
        lambda user: ask_for_look_up(transmission_id=pk, actor=user),
        _("The supplier is asked in a moment. Load the page again to see the answer."),
    )


@require_POST
def try_now_view(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(
        request,
        pk,
        lambda user: try_now(transmission_id=pk, actor=user),
        _("It goes out as soon as the supplier may be called."),
    )


def _act(
    request: HttpRequest, pk: int, run: Callable[[User], object], done: str
) -> HttpResponse:
    user = handler(request)
    transmission = seen_by(user, pk)
    try:
        run(user)
    except OperationNotAllowed as refusal:
        messages.warning(request, refusal.text)
    else:
        messages.success(request, f"{transmission.subject}: {done}")
    return HttpResponseRedirect(_back(request, reverse("troubles:one", args=[pk])))


def _back(request: HttpRequest, otherwise: str) -> str:
    """The page the button stood on, if it is one of ours."""
    address = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if is_ours else otherwise


@require_POST
def hand_over_view(request: HttpRequest, pk: int) -> HttpResponse:
    user = handler(request)
    transmission = seen_by(user, pk)
    form = HandOverForm(request.POST, me=user)
    if not form.is_valid():
        return trouble_page(request, transmission, form)
    try:
        owned = hand_over(
            transmission_id=pk,
            owner_id=form.owner_id,
            actor=user,
            note=form.cleaned_data["note"],
        )
    except InvalidInput as refusal:
        for name, text in refusal.errors.items():
            form.add_error(name, text)
        return trouble_page(request, transmission, form)
    except OperationNotAllowed as refusal:
        messages.warning(request, refusal.text)
    else:
        told = _("%(owner)s looks after %(subject)s now.") % {
            "owner": owned.owner.get_username(),
            "subject": transmission.subject,
        }
        messages.success(request, told)
    return HttpResponseRedirect(reverse("troubles:one", args=[pk]))


# --- several at once --------------------------------------------------------------


@require_POST
def ticked_view(request: HttpRequest) -> HttpResponse:
    """Do one thing to each ticked row, and show what became of each on a page of its
    own, so that a reload does not ask for it again."""
    user = handler(request)
    name = request.POST.get("act", "")
    if name not in TICKED:
        raise Http404(_("There is nothing of that name to do."))
    ids = [int(pk) for pk in request.POST.getlist("trouble") if pk.isdecimal()]
    back = _back(request, reverse("troubles:list"))
    if not ids or len(ids) > MOST_TICKED:
        text = (
            _("Tick at most %(most)s rows at a time.") % {"most": MOST_TICKED}
            if ids
            else _("Tick the rows first.")
        )
        messages.warning(request, text)
        return HttpResponseRedirect(back)
    result: dict[str, Any] = {"act": name, "back": back, "done": [], "skipped": []}
    rows = queries.visible_transmissions(user).filter(pk__in=ids)
    for pk, subject in rows.order_by("pk").values_list("pk", "subject"):
        kind, text = _run_one(request, user, name, pk)
        address = reverse("troubles:one", args=[pk])
        result[kind].append([subject, address, text])
    request.session[SESSION_KEY] = result
    return HttpResponseRedirect(reverse("troubles:ticked_result"))


def _run_one(request: HttpRequest, user: User, name: str, pk: int) -> tuple[str, str]:
    """Do it to one; say how it went, and the reason where it did not."""
    owner = request.POST.get("owner", "")
    try:
        if name == "look_up":
            ask_for_look_up(transmission_id=pk, actor=user)
            return "done", _("To be looked up.")
        owned = hand_over(
            transmission_id=pk,
            owner_id=int(owner) if owner.isdecimal() else None,
            actor=user,
            note=request.POST.get("note", ""),
        )
    except (InvalidInput, OperationNotAllowed) as refusal:
        return "skipped", refusal.text
    told = {"owner": owned.owner.get_username()}
    return "done", _("%(owner)s looks after it now.") % told


@require_safe
def ticked_result_view(request: HttpRequest) -> HttpResponse:
    handler(request)
    result = request.session.get(SESSION_KEY)
    if result is None:
        raise Http404(_("There is no result to show."))
    context = {
        **admin.site.each_context(request),
        "title": _("%(what)s: what became of each") % {"what": TICKED[result["act"]]},
        "groups": [
            (_("Done"), "green", result["done"]),
            (_("Skipped"), "amber", result["skipped"]),
        ],
        "back": result["back"],
    }
    return TemplateResponse(request, "admin/troubles/result.html", context)

"""The list of what needs a person, one trouble, and its evidence. All of it reads."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from procurement.adminshow import list_url
from procurement.transmissions.admin_attempts import AttemptRow
from procurement.transmissions.models import Transmission
from procurement.troubles import lists, queries
from procurement.troubles.accounts import account_cards
from procurement.troubles.buttons import HANDLE, buttons
from procurement.troubles.evidence import evidence_text
from procurement.troubles.forms import HandOverForm, people
from procurement.troubles.operations import is_open
from procurement.troubles.rows import read_rows

VIEW = "transmissions.view_transmission"


def viewer(request: HttpRequest) -> User:
    """Whoever asks, if they may see transmissions at all."""
    user: Any = request.user
    if not user.has_perm(VIEW):
        raise PermissionDenied
    return user  # type: ignore[no-any-return]


def seen_by(user: User, pk: int) -> Transmission:
    """One transmission of those the person may see.

    Raises:
        Http404: there is none of that number, or it is not theirs to see.
    """
    rows = queries.visible_transmissions(user).select_related("supplier__health")
    found = rows.defer("supplier__credentials").filter(pk=pk).first()
    if found is None:
        raise Http404(_("There is no such transmission."))
    return found


@require_safe
def trouble_list_view(request: HttpRequest) -> HttpResponse:
    user = viewer(request)
    choice = lists.Choice.of(request.GET.dict())
    may_handle = user.has_perm(HANDLE)
    context = {
        **admin.site.each_context(request),
        "title": _("Needs a person"),
        "found": lists.trouble_list(user, choice),
        "choice": choice,
        "cards": [] if choice.page > 1 else account_cards(user),
        "suppliers": lists.supplier_options(),
        "causes": lists.cause_options(),
        "whose": lists.WHOSE.items(),
        "sorts": lists.SORTS.items(),
        "may_handle": may_handle,
        "people": people(user) if may_handle else [],
        "here": request.get_full_path(),
        "transmissions_url": list_url("transmissions_transmission"),
    }
    return TemplateResponse(request, "admin/troubles/list.html", context)


@require_safe
def trouble_view(request: HttpRequest, pk: int) -> HttpResponse:
    user = viewer(request)
    return trouble_page(request, seen_by(user, pk), HandOverForm(me=user))


def trouble_page(
    request: HttpRequest, transmission: Transmission, form: HandOverForm
) -> HttpResponse:
    user = viewer(request)
    rows = read_rows([transmission], user)
    if not rows:
        raise Http404(_("There is no such transmission."))
    row, is_in_trouble = rows[0], is_open(transmission)
    row.buttons = buttons(row, user) if is_in_trouble else []
    context = {
        **admin.site.each_context(request),
        "title": row.name,
        "subtitle": str(transmission.supplier),
        "row": row,
        "is_in_trouble": is_in_trouble,
        "attempts": [AttemptRow.of(each) for each in transmission.attempts.all()],
        "form": form if is_in_trouble and user.has_perm(HANDLE) else None,
        "here": request.get_full_path(),
        "back": reverse("troubles:list"),
        "transmission_url": reverse(
            "admin:transmissions_transmission_change", args=[transmission.pk]
        ),
    }
    return TemplateResponse(request, "admin/troubles/trouble.html", context)


# --- evidence ---------------------------------------------------------------------


@require_safe
def evidence_view(request: HttpRequest, pk: int) -> HttpResponse:
    user = viewer(request)
    transmission = seen_by(user, pk)
    context = {
        **admin.site.each_context(request),
        "title": _("Evidence: %(reference)s") % {"reference": transmission.reference},
        "transmission": transmission,
        "text": _evidence(transmission, user),
        "back": reverse("troubles:one", args=[pk]),
    }
    return TemplateResponse(request, "admin/troubles/evidence.html", context)


@require_safe
def evidence_file(request: HttpRequest, pk: int) -> HttpResponse:
    user = viewer(request)
    transmission = seen_by(user, pk)
    answer = HttpResponse(
        _evidence(transmission, user), content_type="text/plain; charset=utf-8"
    )
    name = "".join(
        letter if letter.isalnum() or letter == "-" else "-"
        for letter in transmission.reference
    )
    answer["Content-Disposition"] = f'attachment; filename="evidence-{name}.txt"'
    return answer


def _evidence(transmission: Transmission, user: User) -> str:
    sees_exchanges = user.has_perm("suppliers.view_exchange")
    return evidence_text(transmission, user if sees_exchanges else None)

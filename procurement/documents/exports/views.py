"""The page that asks for a file of the list as it is filtered."""

import secrets
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from procurement.adminshow import list_url
from procurement.documents.exports.columns import CHOSEN_AT_FIRST, COLUMNS, What
from procurement.documents.exports.operations import VIEW, Format, ask_for_export
from procurement.errors import InvalidInput, OperationNotAllowed


@require_http_methods(["GET", "HEAD", "POST"])
def export_page(request: HttpRequest) -> HttpResponse:
    """Choose table, format and columns; a POST has it made, and follows it."""
    user = request.user
    if not isinstance(user, User) or not user.has_perm(VIEW):
        raise PermissionDenied
    if request.method == "POST":
        query = request.POST.get("query", "")
        try:
            return _ask(request, user, query)
        except InvalidInput as refusal:
            return _page(request, query, refusal.errors)
        except OperationNotAllowed as refusal:
            messages.warning(request, refusal.text)
    else:
        query = request.GET.urlencode()
    return _page(request, query, {})


def _ask(request: HttpRequest, user: User, query: str) -> HttpResponse:
    what = request.POST.get("what", "")
    run = ask_for_export(
        actor=user,
        what=what,
        file_format=request.POST.get("file_format", ""),
        columns=request.POST.getlist(f"columns_{what}"),
        query=query,
        with_mark=bool(request.POST.get("with_mark")),
        token=request.POST.get("token", "")[:64],
    )
    return HttpResponseRedirect(run.url)


def _page(request: HttpRequest, query: str, errors: dict[str, str]) -> HttpResponse:
    back = list_url("orders_purchaseorder")
    posted = request.POST
    context = {
        **admin.site.each_context(request),
        "title": _("Export orders"),
        "query": query,
        "errors": errors,
        "tables": [_table(what, posted) for what in What],
        "what": posted.get("what", What.ORDERS),
        "formats": Format.choices,
        "file_format": posted.get("file_format", Format.XLSX),
        "with_mark": not posted or bool(posted.get("with_mark")),
        "token": posted.get("token") or secrets.token_urlsafe(18),
        "back": f"{back}?{query}" if query else back,
    }
    status = 400 if errors else 200
    template = "admin/documents/export.html"
    return TemplateResponse(request, template, context, status=status)


def _table(what: What, posted: Any) -> dict[str, Any]:
    """One table with its columns, those ticked that were before, or at first."""
    ticked = posted.getlist(f"columns_{what}") if posted else CHOSEN_AT_FIRST[what]
    return {
        "value": what.value,
        "label": what.label,
        "columns": [
            (column.name, column.label, column.name in ticked)
            for column in COLUMNS[what]
        ],
    }

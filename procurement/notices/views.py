"""A person's own notices. The list shows; only a POST marks anything as read."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import InvalidPage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from procurement.adminbase import PAGE_SIZE, WindowPaginator
from procurement.errors import OperationNotAllowed
from procurement.notices import operations
from procurement.notices.menu import MAY_SEE
from procurement.notices.models import Notice
from procurement.notices.words import told
from procurement.tiles import count_again


@require_safe
def notice_list(request: HttpRequest) -> HttpResponse:
    """The unread ones first, each with the way to what it is about."""
    person = _reader(request)
    rows = (
        Notice.objects.shown_to(person)
        .select_related("order__supplier")
        .defer("order__supplier__credentials")
        .order_by("-is_unread", "-pk")
    )
    paginator = WindowPaginator(rows, _page_size(request))
    try:
        page = paginator.page(request.GET.get("p", 1))
    except InvalidPage:
        return HttpResponseRedirect(reverse("notices_list"))
    shown = [told(notice) for notice in page.object_list]
    context = {
        **admin.site.each_context(request),
        "title": _("Notices"),
        "rows": shown,
        "page": page,
        "has_next": paginator.after is not None,
        "newest": max((row.pk for row in shown), default=0),
        "has_unread": any(row.is_unread for row in shown),
    }
    return TemplateResponse(request, "admin/notices/list.html", context)


@require_POST
def read(request: HttpRequest, notice_id: int) -> HttpResponse:
    person = _reader(request)
    try:
        operations.mark_read(notice_id=notice_id, actor=person)
    except OperationNotAllowed as refusal:
        raise Http404(refusal.text) from None
    count_again(person)
    return _back()


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark as read what was there when the page was loaded."""
    person = _reader(request)
    up_to = request.POST.get("up_to", "")
    if not (up_to.isascii() and up_to.isdigit() and len(up_to) < 19):
        messages.warning(request, _("The page is out of date. Load it again."))
        return _back()
    count = operations.mark_all_read(actor=person, up_to=int(up_to))
    count_again(person)
    text = ngettext(
        "%(count)s notice marked as read.", "%(count)s notices marked as read.", count
    )
    messages.success(request, text % {"count": count})
    return _back()


def _reader(request: HttpRequest) -> User:
    person: Any = request.user
    if not person.has_perm(MAY_SEE):
        raise PermissionDenied
    reader: User = person
    return reader


def _page_size(request: HttpRequest) -> int:
    chosen = getattr(request, "preferences", None)
    return (chosen and chosen.page_size) or PAGE_SIZE


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("notices_list"))

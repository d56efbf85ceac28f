"""The calendar in the admin, and the page of its secret address."""

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from procurement import clock
from procurement.documents.calendars import operations
from procurement.documents.calendars.narrowing import Narrowing
from procurement.documents.calendars.operations import VIEW
from procurement.documents.calendars.reading import expected_by_day
from procurement.documents.calendars.showing import (
    FIRST_YEAR,
    LAST_YEAR,
    MONTH,
    MOST_A_DAY,
    WEEK,
    days_of,
    page_query,
    span_of,
    week_days,
)
from procurement.documents.models import CalendarFeed
from procurement.errors import OperationNotAllowed
from procurement.scoping import scoped
from procurement.shops.models import Shop
from procurement.suppliers.models import Supplier


@require_safe
def calendar_page(request: HttpRequest) -> HttpResponse:
    """Expected deliveries by day: a month, or a week in more detail."""
    user = _reader(request)
    today = clock.today()
    narrowing = Narrowing.of(request.GET.dict())
    view = WEEK if request.GET.get("view") == WEEK else MONTH
    span = span_of(view, _day(request.GET.get("day", ""), today))
    found = expected_by_day(user, narrowing, span.days, MOST_A_DAY[view])
    days = days_of(span, found, narrowing, user, today)
    context = {
        **admin.site.each_context(request),
        "title": _("Expected deliveries"),
        "span": span,
        "days": days,
        "is_empty": not any(day.entries for day in days),
        "week_days": week_days(span.days),
        "narrowing": narrowing,
        "selects": _selects(narrowing, user),
        "previous": page_query(narrowing, view, span.previous),
        "following": page_query(narrowing, view, span.following),
        "today": page_query(narrowing, view, today),
        "views": [
            (name, page_query(narrowing, key, span.anchor), key == view)
            for key, name in ((MONTH, _("Month")), (WEEK, _("Week")))
        ],
        "address_url": f"{reverse('calendar_address')}?{narrowing.query()}",
    }
    return TemplateResponse(request, "admin/documents/calendar.html", context)


def _reader(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User) or not user.has_perm(VIEW):
        raise PermissionDenied
    return user


def _day(text: str, today: date) -> date:
    """The day an address names; today if it names none there is."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else today


def _selects(narrowing: Narrowing, user: User) -> list[tuple[str, str, str, Any]]:
    """Name, label, the chosen key, and keys with names."""
    staff = User.objects.filter(is_staff=True).order_by("username")
    suppliers = Supplier.objects.order_by("name").values_list("pk", "name")
    shops = scoped(Shop.objects.order_by("name"), user).values_list("pk", "name")
    buyers = staff.values_list("pk", "username")
    return [
        (name, label, getattr(narrowing, name), [(str(pk), text) for pk, text in rows])
        for name, label, rows in (
            ("supplier", _("Supplier"), suppliers),
            ("shop", _("Shop"), shops),
            ("buyer", _("Buyer"), buyers),
        )
    ]


# --- the secret address ---------------------------------------------------------------


@require_safe
@never_cache
def address_page(request: HttpRequest) -> HttpResponse:
    """What the person's address is, as far as anybody can say, and a form for one."""
    user = _reader(request)
    narrowing = Narrowing.of(request.GET.dict())
    feeds = CalendarFeed.objects.filter(user=user, revoked_at=None)
    context = {
        **admin.site.each_context(request),
        "title": _("Calendar address"),
        "feed": feeds.first(),
        "narrowing": narrowing,
        "selects": _selects(narrowing, user),
        "back": f"{reverse('calendar')}?{narrowing.query()}",
    }
    return TemplateResponse(request, "admin/documents/address.html", context)


@require_POST
@never_cache
def make_address(request: HttpRequest) -> HttpResponse:
    """Make an address and show it, this once."""
    user = _reader(request)
    try:
        feed, secret = operations.make_feed(actor=user, narrowing=request.POST.dict())
    except OperationNotAllowed as refusal:
        messages.warning(request, refusal.text)
        return HttpResponseRedirect(reverse("calendar_address"))
    path = reverse("calendar_file", args=[secret])
    base = settings.PUBLIC_URL.rstrip("/")
    context = {
        **admin.site.each_context(request),
        "title": _("Your calendar address"),
        "address": f"{base}{path}" if base else request.build_absolute_uri(path),
        "feed": feed,
        "back": reverse("calendar"),
    }
    return TemplateResponse(request, "admin/documents/address_once.html", context)


@require_POST
def revoke_address(request: HttpRequest) -> HttpResponse:
    user = _reader(request)
    try:
        operations.revoke_feed(actor=user)
    except OperationNotAllowed as refusal:
        messages.warning(request, refusal.text)
    else:
        messages.success(request, _("The address opens nothing any more."))
    return HttpResponseRedirect(reverse("calendar_address"))

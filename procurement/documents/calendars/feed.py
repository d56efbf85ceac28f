"""`/calendar/SECRET.ics`: expected deliveries for a calendar program."""

import hashlib
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from procurement import clock
from procurement.adminshow import figure
from procurement.documents.calendars.narrowing import Narrowing
from procurement.documents.calendars.operations import VIEW
from procurement.documents.calendars.reading import Expected, expected_from
from procurement.documents.models import CalendarFeed
from procurement.orders.expecting import expected_on
from procurement.orders.models import PurchaseOrder

if TYPE_CHECKING:
    from icalendar import Event

MOST_EVENTS = 1000
PAST_DAYS = 60
COMING_DAYS = 400
FRESH_SECONDS = 900
CONTENT_TYPE = "text/calendar; charset=utf-8"


@require_safe
def calendar_file(request: HttpRequest, secret: str) -> HttpResponse:
    """The calendar behind a secret address, with the sight of its person.

    Whoever asks with a wrong one learns nothing, not even whether it was right once.
    """
    feed = CalendarFeed.find(secret)
    if feed is None or not feed.user.has_perm(VIEW):
        raise Http404(_("There is no such calendar."))
    feed.note_reading()
    narrowing = Narrowing.of(feed.narrowing)
    content = as_ics(feed.user, narrowing, clock.today(), _address_of(request))
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {
        "ETag": tag,
        "Cache-Control": f"private, max-age={FRESH_SECONDS}",
        "Content-Disposition": 'inline; filename="deliveries.ics"',
        "Referrer-Policy": "no-referrer",
    }
    answer = HttpResponse(content, content_type=CONTENT_TYPE, headers=headers)
    return get_conditional_response(request, etag=tag, response=answer) or answer


def _address_of(request: HttpRequest) -> Callable[[PurchaseOrder], str]:
    base = settings.PUBLIC_URL.rstrip("/") or request.build_absolute_uri("/")[:-1]

    def address(order: PurchaseOrder) -> str:
        path = reverse("admin:orders_purchaseorder_change", args=[order.pk])
        return f"{base}{path}"

    return address


def as_ics(
    user: User,
    narrowing: Narrowing,
    today: date,
    address: Callable[[PurchaseOrder], str],
) -> bytes:
    """The calendar as a file; the same orders give the same bytes."""
    expected = expected_from(
        user,
        narrowing,
        today - timedelta(days=PAST_DAYS),
        today + timedelta(days=COMING_DAYS),
        MOST_EVENTS,
    )
    # Loaded by who is asked for a calendar; it is large.
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//Procurement//Expected deliveries//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("Expected deliveries"))
    calendar.add("x-wr-caldesc", _described(expected))
    calendar.add(
        "refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"}
    )
    for order in expected.orders:
        calendar.add_component(_event(order, today, address(order)))
    content: bytes = calendar.to_ical()
    return content


def _described(expected: Expected) -> str:
    if expected.has_more:
        return _("Only the first %(most)d deliveries are shown.") % {
            "most": MOST_EVENTS
        }
    return _("Orders on the day they are promised for, else wanted for.")


def _event(order: PurchaseOrder, today: date, url: str) -> "Event":
    day = expected_on(order)
    assert day is not None  # noqa: S101 - those without a day are not read
    from icalendar import Event

    event = Event()
    # The same order keeps its entry when its day moves.
    event.add("uid", f"{order.number}@procurement")
    event.add("dtstamp", order.updated_at)
    event.add("last-modified", order.updated_at)
    event.add("sequence", order.version)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    event.add("summary", _summary(order, is_late=day < today))
    event.add("description", _description(order))
    event.add("url", url)
    return event


def _summary(order: PurchaseOrder, *, is_late: bool) -> str:
    marks = (
        _("Late") if is_late else "",
        _("Test") if order.is_test else "",
        "" if order.promised_date else _("Wanted"),
    )
    told = ", ".join(filter(None, marks))
    name = f"{order.supplier.name}: {order.number}"
    return f"{name} ({told})" if told else name


def _description(order: PurchaseOrder) -> str:
    rows = (
        (_("Status"), str(order.status.label)),
        (_("Buyer"), order.buyer.get_username()),
        (_("Shop"), order.shop.name if order.shop else ""),
        (_("Supplier's number"), order.supplier_order_number),
        (_("Total"), f"{figure(order.total, order.currency)} {order.currency}"),
    )
    return "\n".join(f"{label}: {text}" for label, text in rows if text)

"""The days of a month or a week, as the page shows them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from procurement.adminshow import list_url
from procurement.documents.calendars.narrowing import Narrowing
from procurement.documents.calendars.reading import Expected
from procurement.orders.admin_lists import status_badge
from procurement.orders.models import PurchaseOrder

MONTH, WEEK = "month", "week"
MOST_A_DAY = {MONTH: 4, WEEK: 25}
_WEEK = timedelta(days=7)
FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True)
class Entry:
    """One order on its day."""

    order: PurchaseOrder
    status: SafeString
    is_promised: bool
    is_late: bool


@dataclass(frozen=True)
class Day:
    day: date
    name: str
    entries: Sequence[Entry]
    more_url: str
    is_today: bool
    is_beside: bool
    """It belongs to the month before or after."""


@dataclass(frozen=True)
class Span:
    """The days on the page, and the way on and back."""

    view: str
    anchor: date
    days: Sequence[date]
    title: str
    previous: date | None
    following: date | None


def span_of(view: str, anchor: date) -> Span:
    if view == WEEK:
        monday = anchor - timedelta(days=anchor.weekday())
        days = [monday + timedelta(days=each) for each in range(7)]
        year, week, _day = monday.isocalendar()
        title = _("Week %(week)d, %(year)d") % {"week": week, "year": year}
        return Span(WEEK, anchor, days, title, _ok(monday - _WEEK), _ok(monday + _WEEK))
    first = anchor.replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    monday = first - timedelta(days=first.weekday())
    count = -(-(after - monday).days // 7) * 7
    days = [monday + timedelta(days=each) for each in range(count)]
    before = (first - timedelta(days=1)).replace(day=1)
    title = date_format(first, "F Y")
    return Span(MONTH, anchor, days, title, _ok(before), _ok(after))


def _ok(day: date) -> date | None:
    return day if FIRST_YEAR <= day.year <= LAST_YEAR else None


def days_of(
    span: Span,
    found: Mapping[date, Expected],
    narrowing: Narrowing,
    user: User,
    today: date,
) -> list[Day]:
    return [
        Day(
            day=day,
            name=date_format(day, "l j F"),
            entries=[_entry(order, day, today) for order in expected.orders],
            more_url=_list_of(day, narrowing, user) if expected.has_more else "",
            is_today=day == today,
            is_beside=span.view == MONTH and day.month != span.anchor.month,
        )
        for day in span.days
        for expected in [found.get(day, Expected())]
    ]


def _entry(order: PurchaseOrder, day: date, today: date) -> Entry:
    return Entry(
        order=order,
        status=status_badge(order),
        is_promised=order.promised_date is not None,
        is_late=day < today,
    )


def _list_of(day: date, narrowing: Narrowing, user: User) -> str:
    days = {"expected_from": day.isoformat(), "expected_to": day.isoformat()}
    return list_url("orders_purchaseorder", **narrowing.list_query(user), **days)


def week_days(days: Iterable[date]) -> list[str]:
    return [date_format(day, "D") for day in list(days)[:7]]


def page_query(narrowing: Narrowing, view: str, day: date | None) -> str:
    """The address of another page of the same calendar; empty if there is none."""
    if day is None:
        return ""
    more: dict[str, Any] = {"view": view, "day": day.isoformat()}
    return f"?{urlencode(more)}&{narrowing.query()}".rstrip("&")

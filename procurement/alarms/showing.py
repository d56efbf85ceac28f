"""How screens show alarms: a row, a badge in the side bar, a card on the first page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timeuntil
from django.utils.translation import gettext

from procurement.adminshow import age, badge, list_url
from procurement.alarms.models import MACHINE, Alarm, Kind
from procurement.alarms.queries import open_alarms
from procurement.scoping import sight_of
from procurement.texts import gettext_lazy

ON_THE_FIRST_PAGE = 10

ORDERS = "orders_purchaseorder"
TRANSMISSIONS = "transmissions_transmission"
_LISTS: dict[Kind, tuple[str, str, dict[str, str]]] = {
    Kind.UNKNOWN: (gettext_lazy("Transmissions"), TRANSMISSIONS, {"state": "unknown"}),
    Kind.NOT_GONE_OUT: (
        gettext_lazy("Transmissions"),
        TRANSMISSIONS,
        {"state": "queued"},
    ),
    Kind.SUPPLIER_HELD: (
        gettext_lazy("Transmissions"),
        TRANSMISSIONS,
        {"state": "queued"},
    ),
    Kind.QUEUE_STANDS: (
        gettext_lazy("Transmissions"),
        TRANSMISSIONS,
        {"state": "queued"},
    ),
    Kind.UNCONFIRMED: (gettext_lazy("Orders"), ORDERS, {"show": "unconfirmed"}),
    Kind.PROMISE_PASSED: (gettext_lazy("Orders"), ORDERS, {"show": "late"}),
    Kind.NOBODY_SENDS: (gettext_lazy("Orders"), ORDERS, {"show": "to_send"}),
    Kind.SUPPLIER_UNREAD: (gettext_lazy("Orders"), ORDERS, {"transmission": "sent"}),
}
"""Where what an alarm is about stands in a list; its label, model and filter."""


ORDER_NUMBERS_BEGIN = "PO-"


@dataclass(frozen=True)
class Row:
    """One alarm as lists and pages show it."""

    alarm: Alarm
    kind: SafeString
    silent_for: SafeString | str
    raised: SafeString | str
    count: str
    oldest: str
    care: SafeString | str
    is_quiet: bool
    list_name: str
    list_url: str
    url: str

    @classmethod
    def of(cls, alarm: Alarm, user: User, now: datetime) -> "Row":
        list_name, address = concerned(alarm, user)
        return cls(
            alarm=alarm,
            kind=kind_badge(alarm),
            silent_for=age(alarm.since),
            raised=age(alarm.raised_at),
            count=alarm.count_text,
            oldest=next(iter(names_shown(alarm, user)), ""),
            care=_care(alarm, now),
            is_quiet=alarm.is_quiet(now),
            list_name=list_name,
            list_url=address,
            url=reverse("admin:alarms_alarm_change", args=[alarm.pk]),
        )


def names_shown(alarm: Alarm, user: User) -> list[str]:
    """What an alarm is about; of orders nothing to who may not see all of them.

    An alarm is the installation's, and its list has to cost the same for everybody.
    """
    names: list[str] = alarm.sample
    if sight_of(user) is None:
        return names
    return [name for name in names if not name.startswith(ORDER_NUMBERS_BEGIN)]


def kind_badge(alarm: Alarm) -> SafeString:
    if not alarm.is_open:
        return badge(alarm.get_kind_display(), "grey", gettext("It is over"))
    is_grave = alarm.kind in (*MACHINE, Kind.UNKNOWN)
    return badge(alarm.get_kind_display(), "red" if is_grave else "amber", alarm.text)


def _care(alarm: Alarm, now: datetime) -> SafeString | str:
    """Who looks after it, and for how long it is quiet."""
    if alarm.acknowledged_by is None:
        return ""
    name = alarm.acknowledged_by.get_username()
    until = alarm.acknowledged_until
    if not alarm.is_open or until is None:
        return name
    if until <= now:
        return format_html('{} <span class="small quiet">time is up</span>', name)
    left = timeuntil(until, now, depth=1)
    return format_html('{} <span class="small quiet">quiet for {}</span>', name, left)


def concerned(alarm: Alarm, user: User) -> tuple[str, str]:
    """The list that has what an open alarm is about: its label and its address."""
    known = _LISTS.get(Kind(alarm.kind))
    if known is None or not alarm.is_open:
        return "", ""
    label, model, filters = known
    app, _, name = model.partition("_")
    if not user.has_perm(f"{app}.view_{name}"):
        return "", ""
    if alarm.supplier_id:
        filters = {**filters, "supplier": str(alarm.supplier_id)}
    return label, list_url(model, **filters)


# --- elsewhere in the admin -------------------------------------------------------


def home_card(user: Any) -> dict[str, Any]:
    """What `admin/alarms/card.html` shows on the first page; empty without the right.

    One query, and no more rows than are shown.
    """
    if not user.has_perm("alarms.view_alarm"):
        return {}
    now = timezone.now()
    alarms = list(open_alarms()[: ON_THE_FIRST_PAGE + 1])
    return {
        "alarm_rows": [
            Row.of(alarm, user, now) for alarm in alarms[:ON_THE_FIRST_PAGE]
        ],
        "has_more_alarms": len(alarms) > ON_THE_FIRST_PAGE,
        "alarms_url": list_url("alarms_alarm"),
    }

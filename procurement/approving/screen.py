"""What the queue and the screen of one order show."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from procurement.adminshow import age, amount, figure
from procurement.approvals.turns import is_waiting
from procurement.approving.cautions import Caution, Weight, counts
from procurement.approving.elsewhere import with_other_offers
from procurement.approving.facts import LineFacts, OrderFacts
from procurement.approving.gathering import facts_of, first_asked_total
from procurement.approving.line_warnings import percent, signed
from procurement.approving.warnings import warnings_of
from procurement.money import plain
from procurement.orders.admin_lists import mode_badge, status_badge
from procurement.orders.admin_page import timeline
from procurement.orders.models import PurchaseOrder

SHOWN_AT_ONCE = 12
"""More warnings than that are folded away."""


@dataclass(frozen=True)
class QueueRow:
    """One order of the queue."""

    order: PurchaseOrder
    url: str
    total: str
    mode: SafeString
    since: SafeString | str
    red: str
    amber: str

    @classmethod
    def of(cls, facts: OrderFacts) -> "QueueRow":
        order = facts.order
        red, amber = counts(warnings_of(facts))
        return cls(
            order=order,
            url=reverse("approving:order", args=[order.pk]),
            total=amount(order.total, order.currency),
            mode=mode_badge(order.is_test),
            since=age(order.submitted_at),
            red=red_text(red),
            amber=amber_text(amber),
        )


def queue_rows(orders: Sequence[PurchaseOrder], user: User) -> list[QueueRow]:
    """The rows of a page of the queue, with their warnings counted."""
    facts = facts_of(orders, user)
    return [QueueRow.of(facts[order.pk]) for order in orders]


def red_text(number: int) -> str:
    text = ngettext("%(number)s serious", "%(number)s serious", number)
    return text % {"number": number} if number else ""


def amber_text(number: int) -> str:
    text = ngettext("%(number)s to look at", "%(number)s to look at", number)
    return text % {"number": number} if number else ""


@dataclass(frozen=True)
class LineRow:
    """One line with what is known of its item; texts are empty where nothing is."""

    facts: LineFacts
    cautions: Sequence[Caution]
    description: str
    quantity: str
    pack: str
    least: str
    price: str
    amount: str
    paid: str
    paid_change: str
    offered: str
    stock: str
    is_short: bool
    other: str
    other_change: str
    lead_time: str

    @classmethod
    def of(cls, facts: LineFacts, cautions: Sequence[Caution]) -> "LineRow":
        line, currency = facts.line, facts.currency
        paid, other, stock = facts.paid, facts.other, facts.stock
        return cls(
            facts=facts,
            cautions=cautions,
            description=line.description
            or (facts.item.description if facts.item else ""),
            quantity=f"{plain(line.quantity)} {line.unit}".strip(),
            pack=plain(facts.pack_quantity) if facts.pack_quantity else "",
            least=plain(facts.min_order_quantity) if facts.min_order_quantity else "",
            price=figure(line.unit_price, currency),
            amount=figure(line.amount, currency),
            paid=figure(paid.price, currency) if paid else "",
            paid_change=_change(paid.price, line.unit_price) if paid else "",
            offered=_price(facts.offered_price, currency),
            stock="" if stock is None else plain(stock),
            is_short=stock is not None and stock < line.quantity,
            other=figure(other.price, currency) if other else "",
            other_change=_change(line.unit_price, other.price) if other else "",
            lead_time=_lead_time(facts.lead_time_days),
        )


def _price(price: Decimal | None, currency: str) -> str:
    return "" if price is None else figure(price, currency)


def _change(before: Decimal, now: Decimal) -> str:
    share = percent(before, now)
    return f"{signed(share)} %" if share else ""


def _lead_time(days: int | None) -> str:
    if days is None:
        return ""
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}


def order_screen(order: PurchaseOrder, user: User) -> dict[str, Any]:
    """The context of the screen; as many queries for one line as for a thousand."""
    facts = facts_of([order], user)[order.pk]
    cautions = warnings_of(facts)
    by_line = defaultdict(list)
    for caution in cautions:
        by_line[caution.position].append(caution)
    for line in facts.lines:
        line.line.order = order
    red, amber = counts(cautions)
    return {
        "order": order,
        "status": status_badge(order),
        "mode": mode_badge(order.is_test),
        "total": amount(order.total, order.currency),
        "since": age(order.submitted_at),
        "red": red_text(red),
        "amber": amber_text(amber),
        "cautions": cautions[:SHOWN_AT_ONCE],
        "more_cautions": cautions[SHOWN_AT_ONCE:],
        "has_warnings": any(each.weight is not Weight.NOTE for each in cautions),
        "lines": [
            LineRow.of(each, by_line[each.line.position])
            for each in with_other_offers(facts.lines)
        ],
        "approved_before": facts.approved_before,
        **_levels(order),
        "timeline": timeline(
            order, user if user.has_perm("suppliers.view_exchange") else None
        ),
        **_asked(order),
    }


def _levels(order: PurchaseOrder) -> dict[str, Any]:
    """The levels of approval, and which of how many waits now."""
    steps = list(order.steps.shown())
    waiting = next(filter(is_waiting, steps), None)
    if waiting is None:
        return {"steps": steps}
    text = _("Level %(number)s of %(count)s: %(name)s") % {
        "number": waiting.position,
        "count": len(steps),
        "name": waiting.name,
    }
    return {"steps": steps, "level": text}


def _asked(order: PurchaseOrder) -> dict[str, str]:
    """The total when approval was asked for first, and how far it is from now."""
    asked = first_asked_total(order)
    if asked is None:
        return {"total_asked": _("not known"), "total_change": ""}
    more = order.total - asked
    sign = "+" if more > 0 else ""
    return {
        "total_asked": amount(asked, order.currency),
        "total_change": f"{sign}{figure(more, order.currency)}" if more else "",
    }

"""What the page of one order shows beside the form: progress, timeline, deliveries.

Shipments, receipts and decisions belong to apps above this one; they are reached
through the order itself.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from procurement.adminshow import amount, figure
from procurement.money import plain, price_text
from procurement.orders.admin_lists import axes, mode_badge, status_badge
from procurement.orders.models import OrderEvent, OrderLine, PurchaseOrder
from procurement.orders.states import Sending
from procurement.scoping import scoped
from procurement.suppliers.models import Exchange
from procurement.texts import gettext_lazy
from procurement.transmissions.admin_attempts import AttemptRow
from procurement.transmissions.models import Attempt, Transmission

TIMELINE_LENGTH = 200

_WORDS = {
    "created": gettext_lazy("Entered"),
    "imported": gettext_lazy("Brought in a file"),
    "changed": gettext_lazy("Changed"),
    "reopened": gettext_lazy("Open for changes again"),
    "approval_void": gettext_lazy("Approval taken away"),
    "submitted": gettext_lazy("Asked for approval"),
    "levels_fixed": gettext_lazy("Levels of approval"),
    "level_approved": gettext_lazy("Approved at one level"),
    "handed_on": gettext_lazy("Handed to a colleague"),
    "not_sent_at_once": gettext_lazy("Approved, not sent by itself"),
    "approved": gettext_lazy("Approved"),
    "returned": gettext_lazy("Sent back"),
    "rejected": gettext_lazy("Rejected"),
    "sending_asked": gettext_lazy("To be sent"),
    "sending": gettext_lazy("Sending"),
    "not_sent": gettext_lazy("Not sent, is tried again"),
    "sent": gettext_lazy("Sent"),
    "refused": gettext_lazy("Refused by the supplier"),
    "failed": gettext_lazy("Could not be sent"),
    "unknown": gettext_lazy("Outcome unknown"),
    "look_up_asked": gettext_lazy("Look-up asked for"),
    "looked_up": gettext_lazy("Looked up"),
    "try_asked": gettext_lazy("Next try brought forward"),
    "handed_over": gettext_lazy("Handed over"),
    "duplicate": gettext_lazy("There more than once"),
    "released": gettext_lazy("Proven not to be there"),
    "withdrawn": gettext_lazy("Taken back before sending"),
    "cancelling_asked": gettext_lazy("Cancellation asked for"),
    "cancelled": gettext_lazy("Cancelled"),
    "supplier_update": gettext_lazy("News from the supplier"),
    "lines_checked": gettext_lazy("Prices and stock asked for"),
    "prices_taken": gettext_lazy("The supplier's prices taken"),
    "received": gettext_lazy("Goods counted in"),
    "commented": gettext_lazy("Comment"),
    "assigned": gettext_lazy("Another buyer"),
    "closed_short": gettext_lazy("Closed short"),
    "shipment_recorded": gettext_lazy("Shipment recorded"),
    "invoice_recorded": gettext_lazy("Invoice recorded"),
    "cancellation_recorded": gettext_lazy("Cancellation of a part recorded"),
    "attention": gettext_lazy("Needs attention"),
    "attention_by_hand": gettext_lazy("Needs attention"),
    "attention_over": gettext_lazy("Flag gone by itself"),
    "attention_dismissed": gettext_lazy("Flag taken off"),
    "erased": gettext_lazy("Personal data erased"),
}
_TONES = {
    "approved": "green",
    "level_approved": "green",
    "handed_on": "blue",
    "not_sent_at_once": "amber",
    "sent": "green",
    "confirmed": "green",
    "shipped": "green",
    "partially_shipped": "green",
    "delivered": "green",
    "received": "green",
    "shipment_recorded": "green",
    "invoice_recorded": "green",
    "submitted": "blue",
    "sending_asked": "blue",
    "sending": "blue",
    "supplier_update": "blue",
    "looked_up": "blue",
    "approval_void": "amber",
    "returned": "amber",
    "not_sent": "amber",
    "cancellation_recorded": "amber",
    "cancelling_not_sent": "amber",
    "rejected": "red",
    "refused": "red",
    "failed": "red",
    "unknown": "red",
    "duplicate": "red",
    "attention": "red",
    "attention_by_hand": "red",
    "cancelling_refused": "red",
    "cancelling_failed": "red",
    "cancelling_unknown": "red",
}


@dataclass(frozen=True)
class LineRow:
    """An order line with how far it has come."""

    line: OrderLine
    price: str
    amount: str
    vat: str
    quantity: str
    shipped: str
    received: str
    cancelled: str
    received_percent: int
    shipped_percent: int
    cancelled_percent: int
    promised: date | None
    first_promised: date | None
    entries: Sequence[Any] = ()
    """The form fields of this line, where the page has any."""

    @classmethod
    def of(
        cls, line: OrderLine, currency: str, entries: Sequence[Any] = ()
    ) -> "LineRow":
        on_the_way = max(line.quantity_shipped - line.quantity_received, Decimal(0))
        moved = line.first_promised_date != line.promised_date
        return cls(
            line=line,
            price=figure(line.unit_price, currency),
            amount=figure(line.amount, currency),
            vat="" if line.vat_percent is None else f"{plain(line.vat_percent)} %",
            quantity=plain(line.quantity),
            shipped=_quantity(line.quantity_shipped),
            received=_quantity(line.quantity_received),
            cancelled=_quantity(line.quantity_cancelled),
            received_percent=_percent(line.quantity_received, line.quantity),
            shipped_percent=_percent(on_the_way, line.quantity),
            cancelled_percent=_percent(line.quantity_cancelled, line.quantity),
            promised=line.promised_date,
            first_promised=line.first_promised_date if moved else None,
            entries=entries,
        )


def _quantity(value: Decimal) -> str:
    return plain(value) if value else "–"


def _percent(part: Decimal, whole: Decimal) -> int:
    return min(int(part * 100 / whole), 100) if whole else 0


@dataclass
class Entry:
    """One event of the timeline, with the exchanges and the attempt behind it."""

    event: OrderEvent
    title: str
    tone: str
    changes: list[str]
    attempt: AttemptRow | None = None
    exchanges: list[Exchange] = field(default_factory=list)
    vendor_text: str = ""


def order_page(order: PurchaseOrder, user: User) -> dict[str, Any]:
    """The context of the page; the number of queries does not grow with the order."""
    lines = list(order.lines.all())
    for line in lines:
        line.order = order
    sees_exchanges = user.has_perm("suppliers.view_exchange")
    return {
        "order": order,
        "has_progress": order.transmission == Sending.SENT,
        "has_cancelled": any(line.quantity_cancelled for line in lines),
        "status": status_badge(order),
        "axes": axes(order),
        "mode": mode_badge(order.is_test),
        "total": amount(order.total, order.currency),
        "lines": [LineRow.of(line, order.currency) for line in lines],
        "timeline": timeline(order, user if sees_exchanges else None),
        "sees_exchanges": sees_exchanges,
        "transmissions": [
            (asked, [AttemptRow.of(attempt) for attempt in asked.attempts.all()])
            for asked in Transmission.objects.filter(
                subject=order.number
            ).prefetch_related("attempts")
        ],
        "shipments": _with_goods(
            order.shipments.select_related("recorded_by").prefetch_related("packages")
        ),
        "receipts": _with_goods(order.receipts.select_related("received_by")),
        "invoices": [
            (invoice, amount(invoice.amount, order.currency))
            for invoice in order.invoices.select_related("recorded_by")
        ],
        "steps": order.steps.shown(),
        "decisions": order.decisions.select_related("decided_by", "in_place_of"),
        **_last_check(order),
    }


def _last_check(order: PurchaseOrder) -> dict[str, Any]:
    """What the supplier said to the lines when it was asked last."""
    check = order.checks.select_related("checked_by", "taken_by").first()
    if check is None:
        return {}
    check.order = order
    return {
        "check": check,
        "check_totals": {
            "ordered": amount(check.total_ordered, check.currency),
            "now": amount(check.total_now, check.currency),
            "difference": price_text(check.difference, check.currency),
        },
    }


def _with_goods(rows: Any) -> list[tuple[Any, list[str]]]:
    """Shipments or receipts, each with its goods as text."""
    return [
        (
            row,
            [
                f"{plain(line.quantity)} × {line.order_line.item_number}"
                for line in row.lines.all()
            ],
        )
        for row in rows.prefetch_related("lines__order_line")
    ]


def timeline(order: PurchaseOrder, reader: User | None) -> list[Entry]:
    """The latest events, newest first; exchanges as far as the reader may see them."""
    events = list(order.events.order_by("-pk")[:TIMELINE_LENGTH])
    talks = [event.conversation for event in events if event.conversation]
    attempts = _attempts(talks)
    exchanges = _exchanges(talks, reader) if reader else {}
    entries = []
    shown: set[UUID] = set()
    # From the oldest on: what was said is shown where it first came up.
    for event in reversed(events):
        entry = Entry(
            event=event,
            title=event_title(event.kind),
            tone=_TONES.get(event.kind, "grey"),
            changes=change_texts(event.data.get("changes", {})),
            vendor_text=event.data.get("vendor_text", ""),
        )
        if event.conversation and event.conversation not in shown:
            shown.add(event.conversation)
            entry.attempt = attempts.get(event.conversation)
            entry.exchanges = exchanges.get(event.conversation, [])
        entries.append(entry)
    return entries[::-1]


def event_title(kind: str) -> str:
    return _WORDS.get(kind) or kind.replace("_", " ").capitalize()


def _attempts(talks: Sequence[UUID]) -> dict[UUID, AttemptRow]:
    rows = Attempt.objects.filter(conversation__in=talks)
    return {attempt.conversation: AttemptRow.of(attempt) for attempt in rows}


def _exchanges(talks: Sequence[UUID], reader: User) -> dict[UUID, list[Exchange]]:
    """What was said in each, without the bodies: those have a page of their own."""
    columns = ("conversation", "purpose", "method", "status", "error", "duration_ms")
    found: dict[UUID, list[Exchange]] = defaultdict(list)
    said = Exchange.objects.filter(conversation__in=talks).only(*columns)
    for exchange in scoped(said, reader):
        found[exchange.conversation].append(exchange)
    return found


def change_texts(changes: dict[str, Any]) -> list[str]:
    """What a change changed, one line each: `currency: SEK → EUR`."""
    texts = []
    for name, pair in changes.items():
        before, after = pair
        if name == "lines":
            texts += _line_changes(before, after)
        elif isinstance(before, dict) and isinstance(after, dict):
            texts += change_texts(
                {
                    f"{name} {key}": [before.get(key), after.get(key)]
                    for key in after
                    if before.get(key) != after.get(key)
                }
            )
        else:
            texts.append(f"{name.replace('_', ' ')}: {_said(before)} → {_said(after)}")
    return texts


def _line_changes(
    before: list[dict[str, Any]], after: list[dict[str, Any]]
) -> list[str]:
    was = {line["position"]: line for line in before}
    now = {line["position"]: line for line in after}
    texts = [
        _("line %(position)s (%(value)s): taken out")
        % {"position": position, "value": line["item_number"]}
        for position, line in was.items()
        if position not in now
    ]
    for position, line in now.items():
        if position not in was:
            texts.append(
                _("line %(position)s (%(value)s): added")
                % {"position": position, "value": line["item_number"]}
            )
            continue
        old = was[position]
        texts += [
            _("line %(position)s %(replace)s: %(get)s → %(value)s")
            % {
                "position": position,
                "replace": name.replace("_", " "),
                "get": _said(old.get(name)),
                "value": _said(line[name]),
            }
            for name in line
            if old.get(name) != line[name]
        ]
    return texts


def _said(value: Any) -> str:
    return "–" if value in (None, "") else str(value)

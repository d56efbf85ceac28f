"""What all steps recorded by hand share: evidence, quantities, what is flagged.

A step recorded by hand says who, when and on what evidence. It moves an order forward
only, and never stops what the supplier's own API tells later.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from procurement import clock
from procurement.errors import InvalidInput
from procurement.money import plain
from procurement.orders import ledger
from procurement.orders.models import OrderEvent, OrderLine, PurchaseOrder
from procurement.orders.states import (
    Fulfilment,
    Sending,
    forward,
    line_fulfilment,
    order_fulfilment,
)
from vendors.contracts import Capability

TELLS_STATES = (Capability.READ_ORDER, Capability.LIST_CHANGED_ORDERS)
"""A vendor with either of these tells by itself what it confirmed and shipped."""
ABSURD = 10
"""A count this many times the ordered quantity is a slip of the finger."""
DOCUMENT_LENGTH = 80
QUANTITY_STEP = Decimal("0.001")


@dataclass(frozen=True)
class Evidence:
    """On what a person says it: in their words, and a document's number if any."""

    text: str
    document: str = ""

    def __str__(self) -> str:
        if not self.document:
            return self.text
        stop = "" if self.text.endswith((".", "!", "?")) else "."
        return f"{self.text}{stop} Document {self.document}."

    def data(self, order: PurchaseOrder, told_by: tuple[Capability, ...]) -> Any:
        """What the event keeps of it."""
        api = order.supplier.api
        return {
            "is_manual": True,
            "is_correction": any(api.offers(each) for each in told_by),
            "evidence": self.text,
            "document": self.document,
        }


def read_evidence(text: str, document: str, *, missing: str) -> Evidence:
    """Refuse a step on no evidence.

    Raises:
        InvalidInput: there is none (`missing` says what would do), or the document's
            number is too long.
    """
    errors = {}
    if not text.strip():
        errors["evidence"] = missing
    if len(document.strip()) > DOCUMENT_LENGTH:
        errors["document"] = f"Give at most {DOCUMENT_LENGTH} characters."
    if errors:
        raise InvalidInput(errors)
    return Evidence(text.strip(), document.strip())


def read_number(name: str, value: str, *, missing: str) -> str:
    """A document's number that has to be there.

    Raises:
        InvalidInput: it is missing or too long.
    """
    number = " ".join(value.split())
    if not number:
        raise InvalidInput({name: missing})
    if len(number) > DOCUMENT_LENGTH:
        raise InvalidInput(
            {
                name: _("Give at most %(document_length)s characters.")
                % {"document_length": DOCUMENT_LENGTH}
            }
        )
    return number


def refuse_future(**days: date | None) -> None:
    """Refuse a day, by the name of its input, on which nothing can have happened yet.

    Raises:
        InvalidInput: one or more of them are still to come.
    """
    today = clock.today()
    errors = {
        name: "That day is still to come."
        for name, day in days.items()
        if day is not None and day > today
    }
    if errors:
        raise InvalidInput(errors)


def check_quantities(
    quantities: Mapping[int, Decimal], lines: Mapping[int, OrderLine]
) -> dict[int, Decimal]:
    """Refuse quantities by line position that can't be meant.

    Raises:
        InvalidInput: an unknown line, no number, below 0, or absurdly many.
    """
    errors = {}
    for position, quantity in quantities.items():
        if position not in lines:
            text = f"There is no line {position}."
        elif not isinstance(quantity, Decimal) or not quantity.is_finite():
            text = "Give a decimal number."
        elif quantity < 0:
            text = "Give a quantity of 0 or more."
        elif quantity > lines[position].quantity * ABSURD:
            text = f"More than {ABSURD} times what was ordered can't be right."
        elif quantity % QUANTITY_STEP:
            text = "Give at most 3 decimals."
        else:
            continue
        errors[f"quantities.{position}"] = text
    if errors:
        raise InvalidInput(errors)
    return dict(quantities)


def why_not_sent(order: PurchaseOrder) -> str:
    """Why nothing can have come of an order yet; empty if the supplier has it."""
    if order.transmission == Sending.SENT:
        return ""
    return _("%(order)s was not sent: %(get_transmission_display)s.") % {
        "order": order,
        "get_transmission_display": order.get_transmission_display().lower(),
    }


def quantity_to_ship(line: OrderLine) -> Decimal:
    """What may still be sent off: what came in was sent, whoever forgot to say so."""
    gone = max(line.quantity_shipped, line.quantity_received)
    still: Decimal = line.quantity - line.quantity_cancelled - gone
    return max(still, Decimal(0))


def read_open_quantities(
    lines: list[OrderLine], given: Mapping[int, Decimal], *, to_do: str
) -> dict[int, Decimal]:
    """Quantities above 0, by position, that are still open; all of them, if none given.

    Raises:
        InvalidInput: more than is open, nothing at all, or what can't be meant.
    """
    open_now = {line.position: quantity_to_ship(line) for line in lines}
    wanted = check_quantities(given, {line.position: line for line in lines})
    errors = {
        f"quantities.{position}": (
            f"Line {position} has {plain(open_now[position])} left to {to_do}, "
            f"not {plain(quantity)}."
        )
        for position, quantity in wanted.items()
        if quantity > open_now[position]
    }
    if errors:
        raise InvalidInput(errors)
    taken = {pos: each for pos, each in (wanted or open_now).items() if each}
    if not taken:
        raise InvalidInput({"quantities": _("Enter at least one quantity.")})
    return taken


def move_lines(order: PurchaseOrder, lines: list[OrderLine], *columns: str) -> Any:
    """Save the columns of lines with the states that follow; return the order's."""
    for line in lines:
        line.fulfilment = forward(line.fulfilment, line_fulfilment(line))
        line.save(update_fields=[*columns, "fulfilment"])
    derived = order_fulfilment([Fulfilment(line.fulfilment) for line in lines])
    return forward(order.fulfilment, derived)


def lines_text(quantities: Mapping[int, Decimal]) -> str:
    """`line 1: 4, line 3: 2.5`."""
    return ", ".join(
        f"line {position}: {plain(quantity)}"
        for position, quantity in sorted(quantities.items())
    )


def lines_data(quantities: Mapping[int, Decimal]) -> dict[str, str]:
    return {str(position): plain(each) for position, each in quantities.items()}


FLAGGED = "attention_by_hand"


def flag(order: PurchaseOrder, worries: list[str], *, actor: User) -> None:
    """Ask for a person to look at what was recorded, once for the same words.

    Unlike what the supplier's API gives cause for, such a flag does not go by itself:
    that the API no longer speaks of something does not make it untrue.
    """
    text = " ".join(worries)[: ledger.ATTENTION_LENGTH]
    if not text or text in order.attention:
        return
    if OrderEvent.objects.filter(order=order, kind=FLAGGED, text=text).exists():
        return
    ledger.write(
        order,
        FLAGGED,
        actor=actor,
        text=text,
        data={"is_manual": True},
        attention=f"{order.attention} {text}".strip(),
    )

"""What a supplier confirmed by mail, by phone or on paper."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from procurement.access.fields import day_text
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.fulfilment.by_hand import (
    TELLS_STATES,
    check_quantities,
    flag,
    move_lines,
    read_evidence,
    refuse_future,
    why_not_sent,
)
from procurement.money import plain, price_text
from procurement.orders import ledger
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.orders.operations import lock
from procurement.orders.queries import named_for
from procurement.orders.states import Fulfilment

TOO_FAR = (Fulfilment.SHIPPED, Fulfilment.DELIVERED, Fulfilment.CANCELLED)
NUMBER_LENGTH = 80
MAX_PRICE = Decimal(10) ** 11
PRICE_STEP = Decimal("0.0001")


@dataclass(frozen=True, kw_only=True)
class Promise:
    """What the supplier confirmed of one line; a price or day may not be said."""

    quantity: Decimal
    promised_date: date | None = None
    unit_price: Decimal | None = None

    def data(self) -> dict[str, str | None]:
        return {
            "quantity": plain(self.quantity),
            "promised_date": day_text(self.promised_date),
            "unit_price": None if self.unit_price is None else plain(self.unit_price),
        }


@transaction.atomic
def record_confirmation(
    *,
    order_id: int,
    actor: User,
    evidence: str,
    document: str = "",
    supplier_order_number: str = "",
    confirmed_on: date | None = None,
    promised_date: date | None = None,
    quantities: Mapping[int, Decimal] | None = None,
    promised_dates: Mapping[int, date] | None = None,
    unit_prices: Mapping[int, Decimal] | None = None,
) -> PurchaseOrder:
    """Record a confirmation that came by mail or phone.

    What differs from what was approved asks for a person. Later news from the
    supplier itself still counts.

    Args:
        confirmed_on: the day of the confirmation.
        promised_date: for every line confirmed that has no day of its own.
        quantities: confirmed, by line position; 0 for a line the supplier won't
            deliver. Without any, the whole order is confirmed as it was ordered.

    Raises:
        InvalidInput: no evidence, or a value that can't be meant.
        OperationNotAllowed: not sent, or shipped whole already.
    """
    proof = read_evidence(
        evidence,
        document,
        missing="Say where the confirmation is: a mail, a call, a document.",
    )
    refuse_future(confirmed_on=confirmed_on)
    order = lock(order_id, actor=actor)
    if reason := why_not_confirm(order):
        raise OperationNotAllowed(reason, code="not_confirmable")
    number = _read_order_number(order, supplier_order_number, actor)
    lines = list(order.lines.all())
    promises = _read_promises(
        lines, promised_date, quantities, promised_dates or {}, unit_prices or {}
    )
    moved = _confirm_lines(order, lines, promises)
    worries = deviations(order, lines, promises)
    ledger.write(
        order,
        "confirmed",
        actor=actor,
        text=_text(order, proof, number, worries),
        data={
            **proof.data(order, TELLS_STATES),
            "supplier_order_number": number,
            "confirmed_on": day_text(confirmed_on),
            "lines": [
                {"position": position, **promise.data()}
                for position, promise in promises.items()
            ],
        },
        **moved,
        supplier_order_number=number or order.supplier_order_number,
    )
    flag(order, worries, actor=actor)
    return order


def why_not_confirm(order: PurchaseOrder) -> str:
    if reason := why_not_sent(order):
        return reason
    if order.fulfilment in TOO_FAR:
        return _("%(order)s is further already: %(get_fulfilment_display)s.") % {
            "order": order,
            "get_fulfilment_display": order.get_fulfilment_display().lower(),
        }
    return ""


def _read_order_number(order: PurchaseOrder, given: str, actor: User) -> str:
    number = given.strip()
    if len(number) > NUMBER_LENGTH:
        raise InvalidInput(
            {
                "supplier_order_number": _("Give at most %(number_length)s characters.")
                % {"number_length": NUMBER_LENGTH}
            }
        )
    other = PurchaseOrder.objects.filter(
        supplier=order.supplier, supplier_order_number=number
    ).exclude(pk=order.pk)
    if number and (taken := other.first()):
        raise InvalidInput(
            {
                "supplier_order_number": _(
                    "%(number)s is the supplier's number of %(taken)s."
                )
                % {"number": number, "taken": named_for(taken, actor)}
            }
        )
    return number


def _read_promises(
    lines: list[OrderLine],
    promised_date: date | None,
    quantities: Mapping[int, Decimal] | None,
    promised_dates: Mapping[int, date],
    unit_prices: Mapping[int, Decimal],
) -> dict[int, Promise]:
    """What was confirmed of which line; the whole order, if no quantity is given."""
    by_position = {line.position: line for line in lines}
    confirmed = check_quantities(quantities or {}, by_position) or {
        line.position: line.quantity - line.quantity_cancelled for line in lines
    }
    errors = _price_errors(unit_prices)
    for name, given in (
        ("promised_dates", promised_dates),
        ("unit_prices", unit_prices),
    ):
        for position in given:
            if position not in by_position:
                errors[f"{name}.{position}"] = f"There is no line {position}."
            elif position not in confirmed:
                errors[f"{name}.{position}"] = (
                    f"Line {position} is not confirmed here; give its quantity too."
                )
    if errors:
        raise InvalidInput(errors)
    return {
        position: Promise(
            quantity=quantity,
            promised_date=promised_dates.get(position, promised_date)
            if quantity
            else None,
            unit_price=unit_prices.get(position),
        )
        for position, quantity in confirmed.items()
    }


def _price_errors(unit_prices: Mapping[int, Decimal]) -> dict[str, str]:
    errors = {}
    for position, price in unit_prices.items():
        if not isinstance(price, Decimal) or not price.is_finite():
            errors[f"unit_prices.{position}"] = "Give a decimal number."
        elif not 0 <= price < MAX_PRICE:
            errors[f"unit_prices.{position}"] = "Give a price of 0 or more."
        elif price % PRICE_STEP:
            errors[f"unit_prices.{position}"] = "Give at most 4 decimals."
    return errors


def _confirm_lines(
    order: PurchaseOrder, lines: list[OrderLine], promises: Mapping[int, Promise]
) -> dict[str, Any]:
    for line in lines:
        promise = promises.get(line.position)
        if promise is None or not promise.quantity:
            continue
        line.is_confirmed = True
        if promise.promised_date:
            line.promised_date = promise.promised_date
            line.first_promised_date = line.first_promised_date or promise.promised_date
    fulfilment = move_lines(
        order, lines, "is_confirmed", "promised_date", "first_promised_date"
    )
    promised = [line.promised_date for line in lines if line.promised_date]
    return {
        "fulfilment": fulfilment,
        "promised_date": max(promised) if promised else order.promised_date,
    }


def deviations(
    order: PurchaseOrder, lines: Iterable[OrderLine], promises: Mapping[int, Promise]
) -> list[str]:
    """Where a confirmation is not what was approved, one sentence each."""
    found = []
    late: dict[date, list[int]] = {}
    for line in lines:
        promise = promises.get(line.position)
        if promise is None:
            continue
        found += _line_deviations(order, line, promise)
        day, wanted = promise.promised_date, order.requested_date
        if day and wanted and day > wanted:
            late.setdefault(day, []).append(line.position)
    for day, positions in sorted(late.items()):
        named = "Line" if len(positions) == 1 else "Lines"
        which = ", ".join(map(str, positions))
        found.append(
            f"{named} {which}: promised for {day}, wanted on {order.requested_date}."
        )
    return found


def _line_deviations(
    order: PurchaseOrder, line: OrderLine, promise: Promise
) -> list[str]:
    found = []
    price = promise.unit_price
    if price is not None and price != line.unit_price:
        found.append(
            f"Line {line.position}: the supplier's price is "
            f"{price_text(price, order.currency)} instead of "
            f"{price_text(line.unit_price, order.currency)}."
        )
    wanted = line.quantity - line.quantity_cancelled
    if promise.quantity != wanted:
        found.append(
            f"Line {line.position}: the supplier has {plain(promise.quantity)} "
            f"instead of {plain(wanted)}."
        )
    return found


def _text(order: PurchaseOrder, proof: object, number: str, worries: list[str]) -> str:
    parts = [f"Confirmed by hand: {proof}"]
    before = order.supplier_order_number
    if number and before and number != before:
        parts.append(f"The supplier's number was {before}, and is now {number}.")
    return "\n".join([*parts, *worries])

"""The supplier's invoices, and whether they are what was ordered."""

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.fulfilment.by_hand import (
    flag,
    read_evidence,
    read_number,
    refuse_future,
    why_not_sent,
)
from procurement.fulfilment.models import SupplierInvoice
from procurement.money import currency_digits, price_text, round_amount
from procurement.orders import ledger
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import lock
from procurement.orders.queries import named_for

MAX_AMOUNT = Decimal(10) ** 12


@transaction.atomic
def record_invoice(
    *,
    order_id: int,
    actor: User,
    invoice_number: str,
    invoice_date: date,
    amount: Decimal,
    evidence: str,
    is_final: bool = False,
) -> PurchaseOrder:
    """Record an invoice of the supplier's; an order may have several.

    The order counts as invoiced once they come to what is not cancelled of it, or
    once one is said to be the last. What is asked beyond it, or left at the last
    one, by more than the tolerance, asks for a person.

    Args:
        amount: without VAT, in the order's currency.
        is_final: no other invoice will come.

    Raises:
        InvalidInput: no evidence, number or amount that would do.
        OperationNotAllowed: not sent, or the supplier's invoice of this number is
            recorded already; the text names the order.
    """
    proof = read_evidence(
        evidence, "", missing="Say where the invoice is: a mail, a file, a folder."
    )
    number = read_number(
        "invoice_number", invoice_number, missing="Give the invoice's number."
    )
    refuse_future(invoice_date=invoice_date)
    order = lock(order_id, actor=actor)
    if reason := why_not_invoice(order):
        raise OperationNotAllowed(reason, code="not_invoiceable")
    _check_amount(amount, order.currency)
    try:
        with transaction.atomic():
            _refuse_twice(order, number, actor)
            SupplierInvoice.objects.create(
                order=order,
                supplier=order.supplier,
                number=number,
                invoice_date=invoice_date,
                amount=amount,
                is_final=is_final,
                evidence=proof.text,
                recorded_by=actor,
            )
    except IntegrityError:
        # The same number for another order at the same moment.
        _refuse_twice(order, number, actor)
        raise
    total = sum((each.amount for each in order.invoices.all()), Decimal(0))
    due = amount_due(order)
    shown = price_text(amount, order.currency)
    last = ", the last one" if is_final else ""
    ledger.write(
        order,
        "invoice_recorded",
        actor=actor,
        text=f"Invoice {number} of {shown} {order.currency} by hand{last}: {proof}",
        data={
            **proof.data(order, ()),
            "invoice": number,
            "invoice_date": invoice_date.isoformat(),
            "amount": shown,
            "is_final": is_final,
            "invoiced": price_text(total, order.currency),
        },
        is_invoiced=order.is_invoiced or is_final or total >= due - tolerance(due),
    )
    flag(order, differences(order, total, due, is_final=is_final), actor=actor)
    return order


def why_not_invoice(order: PurchaseOrder) -> str:
    return why_not_sent(order)


def amount_due(order: PurchaseOrder) -> Decimal:
    """What is not cancelled of an order, at the approved prices, without VAT."""
    return sum(
        (
            round_amount(
                (line.quantity - line.quantity_cancelled) * line.unit_price,
                order.currency,
            )
            for line in order.lines.all()
        ),
        Decimal(0),
    )


def amount_open(order: PurchaseOrder) -> Decimal:
    """What no invoice asks for yet; 0 or more."""
    asked = sum((each.amount for each in order.invoices.all()), Decimal(0))
    return max(amount_due(order) - asked, Decimal(0))


def tolerance(due: Decimal) -> Decimal:
    percent: Decimal = settings.INVOICE_TOLERANCE_PERCENT
    return due * percent / 100


def differences(
    order: PurchaseOrder, total: Decimal, due: Decimal, *, is_final: bool
) -> list[str]:
    """Where the invoices are not what was ordered, one sentence."""
    over = total - due
    if abs(over) <= tolerance(due) or (over < 0 and not is_final):
        return []
    by = price_text(abs(over), order.currency)
    text = (
        f"Invoiced {price_text(total, order.currency)} {order.currency}: {by} "
        f"{'more' if over > 0 else 'less'} than the "
        f"{price_text(due, order.currency)} of what is ordered and not cancelled."
    )
    charges = ", ".join(
        f"{each['text']} {each['amount']}" for each in order.supplier_charges
    )
    if over > 0 and charges:
        text += f" The supplier had added {charges}."
    return [text]


def _check_amount(amount: Decimal, currency: str) -> None:
    if not isinstance(amount, Decimal) or not amount.is_finite():
        text = "Give a decimal number."
    elif not 0 < amount < MAX_AMOUNT:
        text = "Give an amount above 0; credit notes are not recorded here."
    elif amount != round_amount(amount, currency):
        text = f"{currency} has {currency_digits(currency)} decimals, no more."
    else:
        return
    raise InvalidInput({"amount": text})


def _refuse_twice(order: PurchaseOrder, number: str, actor: User) -> None:
    known = SupplierInvoice.objects.filter(
        supplier=order.supplier, number__iexact=number
    ).select_related("order")
    if invoice := known.first():
        raise OperationNotAllowed(
            _("Invoice %(invoice)s of %(supplier)s is recorded already, for %(order)s.")
            % {
                "invoice": invoice,
                "supplier": order.supplier,
                "order": named_for(invoice.order, actor),
            },
            code="already_recorded",
        )

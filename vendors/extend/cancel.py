"""Cancelling an Extend order, as long as picking has not begun.

Source: DELETE is documented as "delete an order", and that nothing can be changed
once picking has begun. Whether it annuls or erases is not, nor what it answers when
it is too late; so the order is read before and after.
"""

from vendors import reading
from vendors.contracts import Accepted, Fulfilment, VendorOrder
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused
from vendors.extend.auth import path
from vendors.extend.orders import READ_ONLY, read_order
from vendors.http import VendorClient


def cancel_order(client: VendorClient, number: str) -> Accepted:
    """Cancel a whole order by Extend's number.

    Raises:
        Refused: NOT_ALLOWED once picking has begun, NOT_FOUND if there is no such
            order, DATA with Extend's words if it said no for another reason.
        NotSent: nothing was done; it may be tried again.
        OutcomeUnknown: it may be cancelled; read it again.
    """
    if client.option("read_only"):
        raise Refused(READ_ONLY, kind=Kind.GUARD)
    order = read_order(client, number)
    if order.fulfilment is Fulfilment.CANCELLED:
        return Accepted(number=number, note="It was annulled before.", order=order)
    _refuse_if_locked(client, order)
    try:
        answer = client.act(
            "DELETE",
            path(client, "path.order", number=number),
            purpose="cancel_order",
            allows_empty=True,
        )
    except Refused as refusal:
        if refusal.kind is Kind.DATA:
            # It may have been reserved between our reading and our asking.
            _refuse_if_locked(client, read_order(client, number))
        if refusal.kind is not Kind.NOT_FOUND:
            raise
        answer = None
    except OutcomeUnknown as unknown:
        if unknown.kind is not Kind.UNREADABLE:
            raise
        answer = None
    return _confirmed(client, number, answer)


def _refuse_if_locked(client: VendorClient, order: VendorOrder) -> None:
    if order.is_locked:
        raise Refused(
            f"{client.account.supplier} has begun to pick order {order.number} "
            f"({order.raw_status}); it can't be cancelled any more. Call them.",
            kind=Kind.NOT_ALLOWED,
        )


def _confirmed(client: VendorClient, number: str, answer: object) -> Accepted:
    """Read the order again: it must be annulled, or gone."""
    said = ", ".join(reading.scalars(answer))
    try:
        order = read_order(client, number)
    except Refused as refusal:
        if refusal.kind is not Kind.NOT_FOUND:
            raise _unsure(client, "can't be read again", refusal.kind) from None
        return Accepted(number=number, raw=answer, note=said or "It was erased.")
    except NotSent as error:
        raise _unsure(client, "can't be read again", error.kind) from None
    if order.fulfilment is not Fulfilment.CANCELLED:
        raise _unsure(client, f"still is {order.raw_status}", Kind.UNREADABLE)
    return Accepted(number=number, raw=answer, note=said, order=order)


def _unsure(client: VendorClient, state: str, kind: Kind) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"{client.account.supplier} took the cancellation, but the order {state}.",
        kind=kind,
    )

"""Asking the supplier about the lines of an order, and taking its prices over.

The check shows and never changes the order. What it shows is of use only if it can be
acted upon, so the prices it found may be put into the order by one more step, which
takes an approval away as any change of a price does.
"""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from procurement.catalogue import comparing
from procurement.catalogue.matching import candidates
from procurement.catalogue.models import OrderCheck, Source
from procurement.catalogue.recording import record_offers
from procurement.catalogue.told import Told
from procurement.errors import OperationNotAllowed, SupplierUnavailable
from procurement.orders import entry, ledger, queries
from procurement.orders.models import OrderEvent, OrderLine, PurchaseOrder
from procurement.orders.operations import change_order, lock
from procurement.orders.rules import where_it_is
from procurement.orders.states import Fulfilment
from procurement.suppliers.operations import ask_for_offers
from vendors.contracts import Capability, ItemKey, Offer
from vendors.errors import VendorError

MOST_CHECKS = 20
"""Of an order, the last ones are kept."""


def check_lines(*, order_id: int, actor: User) -> OrderCheck:
    """Ask the supplier for price and stock of an order's lines now.

    Raises:
        OperationNotAllowed: there is nothing to ask, or no way to.
        SupplierUnavailable: asked, and no usable answer came.
    """
    orders = PurchaseOrder.objects.select_related("supplier")
    order = queries.within_reach(order_id, actor, orders)
    if reason := why_not_check(order):
        raise OperationNotAllowed(reason, code="not_checkable")
    lines = _lines_of(order)
    content_hash = queries.content_hash(order)
    keys = list(dict.fromkeys(_key(line) for line in lines))
    try:
        supplier, offers, talk = ask_for_offers(
            supplier_id=order.supplier_id, items=keys, subject=order.number
        )
    except VendorError as error:
        raise SupplierUnavailable(error.text, code="supplier_unavailable") from None
    if len(offers) != len(keys):
        raise SupplierUnavailable(
            _("%(supplier)s answered %(offers)s of %(keys)s items.")
            % {"supplier": supplier, "offers": len(offers), "keys": len(keys)},
            code="supplier_unavailable",
        )
    with transaction.atomic():
        entries = _entries(order, lines, dict(zip(keys, offers, strict=True)), talk)
        check = OrderCheck.objects.create(
            order=order,
            checked_by=actor,
            content_hash=content_hash,
            currency=order.currency,
            total_ordered=entry.total_of(lines, order.currency),
            total_now=comparing.total_now(lines, entries, order.currency),
            lines=entries,
            conversation=talk,
        )
        _note(order, check, actor)
        _forget_old(order)
    return check


def why_not_check(order: PurchaseOrder) -> str:
    if order.fulfilment == Fulfilment.CANCELLED:
        return _("%(order)s is cancelled.") % {"order": order}
    return order.supplier.api.why_not(Capability.FETCH_OFFERS)


def _lines_of(order: PurchaseOrder) -> list[OrderLine]:
    lines = list(order.lines.order_by("position"))
    for line in lines:
        line.order = order
    return lines


def _key(line: OrderLine) -> ItemKey:
    return ItemKey(line.item_number, line.brand)


def _entries(
    order: PurchaseOrder,
    lines: list[OrderLine],
    offers: dict[ItemKey, Offer],
    talk: Any,
) -> list[dict[str, Any]]:
    told = [Told.of(offer, brand=key.brand) for key, offer in offers.items()]
    recorded = dict(
        zip(
            offers,
            record_offers(
                supplier=order.supplier,
                told=told,
                source=Source.LIVE,
                conversation=talk,
            ),
            strict=True,
        )
    )
    known = candidates(order.supplier, (key.item_number for key in offers))
    wanted: dict[ItemKey, Decimal] = defaultdict(Decimal)
    for line in lines:
        wanted[_key(line)] += line.quantity
    return [
        comparing.compare(
            line,
            offers[_key(line)],
            recorded[_key(line)],
            currency=order.currency,
            wanted=wanted[_key(line)],
            brands=[item.brand for item in known.get(line.item_number, [])],
        )
        for line in lines
    ]


def _note(order: PurchaseOrder, check: OrderCheck, actor: User) -> None:
    """Tell of the check in the timeline; the order and its version stay as they are."""
    found = [
        f"{len(check.takeable)} of {len(check.lines)} prices differ",
        f"{check.unpriced_count} are not to be had" if check.unpriced_count else "",
    ]
    OrderEvent.objects.create(
        order=order,
        kind="lines_checked",
        actor=actor,
        actor_name=actor.get_username(),
        text=f"{', '.join(filter(None, found))}.",
        status=order.status,
        conversation=check.conversation,
    )


def _forget_old(order: PurchaseOrder) -> None:
    kept = order.checks.order_by("-pk").values_list("pk", flat=True)[:MOST_CHECKS]
    order.checks.exclude(pk__in=list(kept)).delete()


# --- taking prices over -----------------------------------------------------------


@transaction.atomic
def take_prices(
    *, order_id: int, actor: User, version: int | None = None
) -> PurchaseOrder:
    """Put the prices of the last check into the order.

    Raises:
        OperationNotAllowed: there is no check of the order as it is now, it is too
            old, no price differs, or the order can't be changed any more.
    """
    order = lock(order_id, actor=actor)
    check = last_check(order)
    if (reason := _why_not_take(order, check)) or check is None:
        raise OperationNotAllowed(reason, code="prices_not_taken")
    prices = {each["position"]: Decimal(each["price"]) for each in check.takeable}
    lines = _lines_of(order)
    before = {line.position: line.unit_price for line in lines}
    for line in lines:
        line.unit_price = prices.get(line.position, line.unit_price)
    order = change_order(
        order_id=order_id,
        actor=actor,
        data={"lines": [_as_entered(line) for line in lines]},
        version=version,
    )
    ledger.write(
        order,
        "prices_taken",
        actor=actor,
        text=f"The supplier's prices of {check.checked_at:%Y-%m-%d %H:%M} UTC were "
        f"taken for {len(prices)} of {len(lines)} lines.",
        data={
            "prices": {
                str(position): [str(before[position]), str(price)]
                for position, price in prices.items()
            }
        },
    )
    _mark_taken(check, order, lines, actor)
    return order


def why_not_take(order: PurchaseOrder) -> str:
    return _why_not_take(order, last_check(order))


def _why_not_take(order: PurchaseOrder, check: OrderCheck | None) -> str:
    if not order.is_changeable:
        return _("%(order)s can't be changed any more: %(order_2)s.") % {
            "order": order,
            "order_2": where_it_is(order),
        }
    if check is None:
        return _("%(order)s was not checked. Check prices and stock first.") % {
            "order": order
        }
    if check.is_stale:
        return _("%(order)s was changed since it was checked. Check it again.") % {
            "order": order
        }
    if check.is_old:
        return _("The check of %(order)s is more than a day old. Check it again.") % {
            "order": order
        }
    if not check.takeable:
        return _(
            "%(order)s has the supplier's prices already, as far as they are known."
        ) % {"order": order}
    return ""


def last_check(order: PurchaseOrder) -> OrderCheck | None:
    check = order.checks.order_by("-pk").first()
    if check is not None:
        check.order = order
    return check


def _as_entered(line: OrderLine) -> dict[str, Any]:
    return {name: getattr(line, name) for name in entry.LINE_FIELDS}


def _mark_taken(
    check: OrderCheck, order: PurchaseOrder, lines: list[OrderLine], actor: User
) -> None:
    """The check still holds: what it says of the order's prices follows them."""
    for line, shown in zip(lines, check.lines, strict=True):
        price = Decimal(shown["price"]) if shown["has_price"] else None
        shown |= comparing.priced(line, price, order.currency)
    check.taken_at, check.taken_by = timezone.now(), actor
    check.content_hash = queries.content_hash(order)
    check.total_ordered = order.total
    check.save(
        update_fields=["lines", "taken_at", "taken_by", "content_hash", "total_ordered"]
    )

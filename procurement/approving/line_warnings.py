"""What an approver should look at in the lines of an order; pure, no database."""

from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from procurement.approving.cautions import Caution, Weight
from procurement.approving.facts import LineFacts, Thresholds
from procurement.money import plain, price_text

TENTH = Decimal("0.1")


def line_warnings(thresholds: Thresholds, each: LineFacts) -> Iterator[Caution]:
    for check in _CHECKS:
        yield from check(thresholds, each)


def not_sold(thresholds: Thresholds, each: LineFacts) -> Iterator[Caution]:
    offer, item = each.offer, each.item
    if offer is not None and not offer.is_known:
        text = _("The supplier does not know %(item)s.")
    elif item is not None and item.missing_since is not None:
        text = _("The supplier does not seem to sell %(item)s any more.")
    else:
        return
    yield _of_line("not_sold", Weight.RED, _("Not sold"), text, each)


def zero_price(thresholds: Thresholds, each: LineFacts) -> Iterator[Caution]:
    if not each.line.unit_price:
        text = _("%(item)s is ordered at no price at all.")
        yield _of_line("zero_price", Weight.RED, _("Price of zero"), text, each)


def price_moved(thresholds: Thresholds, each: LineFacts) -> Iterator[Caution]:
    paid, now = each.paid, each.line.unit_price
    if paid is None or not now:
        return
    share = percent(paid.price, now)
    if share is None or abs(share) <= thresholds.moved_percent:
        return
    text = _("%(item)s costs %(now)s; it was %(before)s in %(number)s: %(percent)s %%.")
    yield _of_line(
        "price_moved",
        Weight.AMBER,
        _("Price moved"),
        text,
        each,
        order_id=paid.order_id,
        number=paid.number,
        now=price_text(now, each.currency),
        before=price_text(paid.price, each.currency),
        percent=signed(share),
    )


def price_differs(thresholds: Thresholds, each: LineFacts) -> Iterator[Caution]:
    offered, now = each.offered_price, each.line.unit_price
    if offered is None or not now or offered == now:
        return
    share = percent(offered, now)
    if share is not None and abs(share) <= thresholds.offer_percent:
        return
    text = _("%(item)s is ordered at %(now)s; the supplier asks %(offered)s.")
    yield _of_line(
        "price_differs",
        Weight.AMBER,
        _("Not the supplier's price"),
        text,
        each,
        now=price_text(now, each.currency),
        offered=price_text(offered, each.currency),
    )


def quantity(thresholds: Thresholds, each: LineFacts) -> Iterator[Caution]:
    wanted, label = each.line.quantity, _("Quantity")
    least, pack = each.min_order_quantity, each.pack_quantity
    if least is not None and wanted < least:
        text = _("%(quantity)s of %(item)s are below the least quantity, %(least)s.")
        yield _of_line(
            "below_minimum", Weight.AMBER, label, text, each, least=plain(least)
        )
    if pack is not None and wanted % pack:
        text = _("%(quantity)s of %(item)s are no whole packs of %(pack)s.")
        yield _of_line(
            "not_whole_packs", Weight.AMBER, label, text, each, pack=plain(pack)
        )


def too_few(thresholds: Thresholds, each: LineFacts) -> Iterator[Caution]:
    stock, wanted = each.stock, each.line.quantity
    if stock is not None and stock < wanted:
        text = _("The supplier has %(stock)s of %(item)s, and %(quantity)s are wanted.")
        yield _of_line(
            "too_few",
            Weight.AMBER,
            _("Not enough there"),
            text,
            each,
            stock=plain(stock),
        )


def _of_line(
    code: str,
    weight: Weight,
    label: str,
    text: str,
    each: LineFacts,
    *,
    order_id: int | None = None,
    number: str = "",
    **values: str,
) -> Caution:
    line = each.line
    values |= {
        "item": line.item_number,
        "quantity": plain(line.quantity),
        "number": number,
    }
    return Caution(
        code=code,
        weight=weight,
        label=label,
        text=text % values,
        position=line.position,
        order_id=order_id,
        number=number,
    )


def percent(before: Decimal, now: Decimal) -> Decimal | None:
    """By how much a price went up or down; nothing can't be measured by 0."""
    if not before:
        return None
    return (now - before) * 100 / before


def signed(share: Decimal) -> str:
    rounded = share.quantize(TENTH, rounding=ROUND_HALF_UP)
    return f"{'+' if rounded > 0 else ''}{plain(rounded)}"


_CHECKS: tuple[Callable[[Thresholds, LineFacts], Iterator[Caution]], ...] = (
    not_sold,
    zero_price,
    price_moved,
    price_differs,
    quantity,
    too_few,
)

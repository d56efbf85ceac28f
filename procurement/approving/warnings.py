"""What an approver should look at before anything else; pure, no database."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from procurement.adminshow import amount
from procurement.approving.cautions import Caution, Weight
from procurement.approving.facts import OrderFacts, Twin
from procurement.approving.line_warnings import line_warnings


def warnings_of(facts: OrderFacts) -> list[Caution]:
    """Every warning of an order, red ones first."""
    found = [each for check in _CHECKS for each in check(facts)]
    for line in facts.lines:
        found += line_warnings(facts.thresholds, line)
    return sorted(found, key=lambda each: each.weight)


def duplicate(facts: OrderFacts) -> Iterator[Caution]:
    for twin in facts.twins:
        yield Caution(
            code="duplicate",
            weight=Weight.RED,
            label=_("Ordered twice?"),
            text=_twin_text(twin, facts),
            order_id=twin.order_id,
            number=twin.number,
        )


def _twin_text(twin: Twin, facts: OrderFacts) -> str:
    if twin.created_at is None:
        if twin.has_same_reference:
            return _("An order you may not see has the same external reference.")
        return _("An order you may not see is for the same goods at this supplier.")
    values = {
        "number": twin.number,
        "buyer": twin.buyer,
        "day": f"{twin.created_at:%Y-%m-%d}",
        "reference": facts.order.external_reference,
    }
    if twin.has_same_reference:
        text = _(
            "%(number)s of %(buyer)s, entered %(day)s, has the same external "
            "reference %(reference)s."
        )
    else:
        text = _(
            "%(number)s of %(buyer)s, entered %(day)s, is for the same items and "
            "quantities at this supplier."
        )
    return text % values


def mode(facts: OrderFacts) -> Iterator[Caution]:
    order, supplier = facts.order, facts.order.supplier
    label = _("Test or live")
    values = {"supplier": supplier.name}
    if not order.is_test and not supplier.is_live:
        text = _("A real purchase, but %(supplier)s is in test mode: it can't be sent.")
        yield Caution(code="mode", weight=Weight.RED, label=label, text=text % values)
    elif order.is_test and supplier.is_live and not supplier.api.has_test_flag:
        text = _(
            "A test, but %(supplier)s is live and knows no test orders: it can't be "
            "sent."
        )
        yield Caution(code="mode", weight=Weight.RED, label=label, text=text % values)
    elif order.is_test and supplier.is_live:
        text = _("A test order at %(supplier)s, which is live.")
        yield Caution(code="mode", weight=Weight.AMBER, label=label, text=text % values)
    elif not order.is_test:
        yield Caution(
            code="real_purchase",
            weight=Weight.NOTE,
            label=_("This is a real purchase"),
            text=_("%(total)s at %(supplier)s.")
            % {**values, "total": amount(order.total, order.currency)},
        )


def changed_since_approval(facts: OrderFacts) -> Iterator[Caution]:
    before = facts.approved_before
    if before is None:
        return
    text = _("It was approved on %(day)s by %(name)s at %(total)s and changed since.")
    yield Caution(
        code="changed",
        weight=Weight.AMBER,
        label=_("Changed since it was approved"),
        text=text
        % {
            "day": f"{before.at:%Y-%m-%d}",
            "name": before.by,
            "total": amount(before.total, facts.order.currency),
        },
    )


def wanted_too_soon(facts: OrderFacts) -> Iterator[Caution]:
    wanted, days = facts.order.requested_date, facts.lead_time_days
    if wanted is None:
        return
    label = _("Requested date")
    if wanted < facts.today:
        text = _("The requested date %(day)s is past.") % {"day": wanted.isoformat()}
        yield Caution(code="date_past", weight=Weight.RED, label=label, text=text)
    elif days is not None and wanted < facts.today + timedelta(days=days):
        text = ngettext(
            "Wanted on %(day)s, and the supplier needs %(days)s day.",
            "Wanted on %(day)s, and the supplier needs %(days)s days.",
            days,
        )
        values = {"day": wanted.isoformat(), "days": days}
        yield Caution(
            code="date_too_soon", weight=Weight.AMBER, label=label, text=text % values
        )


def supplier_paused(facts: OrderFacts) -> Iterator[Caution]:
    supplier = facts.order.supplier
    if supplier.is_paused:
        text = _("%(supplier)s is paused: the order would wait in the queue.")
        yield Caution(
            code="paused",
            weight=Weight.AMBER,
            label=_("Supplier paused"),
            text=text % {"supplier": supplier.name},
        )


def first_order(facts: OrderFacts) -> Iterator[Caution]:
    if facts.is_first_at_supplier:
        text = _("Nothing was sent to %(supplier)s before.")
        yield Caution(
            code="first_order",
            weight=Weight.AMBER,
            label=_("New supplier"),
            text=text % {"supplier": facts.order.supplier.name},
        )


def new_address(facts: OrderFacts) -> Iterator[Caution]:
    if facts.is_known_address or not facts.order.delivery_address.is_given:
        return
    order = facts.order
    if order.customer_id:
        text = _("Nothing was sent to this address for this customer before.")
    elif order.shop_id:
        text = _("Nothing was sent to this address for this shop before.")
    else:
        text = _("No order without a shop went to this address before.")
    yield Caution(
        code="new_address", weight=Weight.AMBER, label=_("New address"), text=text
    )


def below_minimum_value(facts: OrderFacts) -> Iterator[Caution]:
    least, order = facts.minimum_value, facts.order
    if least is None or order.total >= least:
        return
    text = _("%(total)s is less than the %(least)s an order there has to come to.")
    yield Caution(
        code="below_minimum_value",
        weight=Weight.AMBER,
        label=_("Below the minimum value"),
        text=text
        % {
            "total": amount(order.total, order.currency),
            "least": amount(least, order.currency),
        },
    )


def largest(facts: OrderFacts) -> Iterator[Caution]:
    before, order = facts.largest_before, facts.order
    if before is None or order.total <= before:
        return
    text = _("The largest order of %(buyer)s so far came to %(before)s.")
    yield Caution(
        code="largest",
        weight=Weight.AMBER,
        label=_("Unusually large"),
        text=text
        % {
            "buyer": order.buyer.get_username(),
            "before": amount(before, order.currency),
        },
    )


_CHECKS: tuple[Callable[[OrderFacts], Iterator[Caution]], ...] = (
    duplicate,
    mode,
    changed_since_approval,
    wanted_too_soon,
    supplier_paused,
    first_order,
    below_minimum_value,
    new_address,
    largest,
)

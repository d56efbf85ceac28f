"""From what somebody entered to columns of an order, with every fault named.

Forms, REST and scripts hand over the same mapping; whatever is wrong with it is
found here, all of it at once, and said by field.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from procurement import clock
from procurement.addresses import FIELDS as ADDRESS_FIELDS
from procurement.errors import InvalidInput
from procurement.money import is_currency, round_amount
from procurement.orders.models import NOTE_LENGTH, OrderLine, PurchaseOrder
from vendors.contracts import Address

ORDER_FIELDS = (
    "supplier",
    "shop",
    "customer",
    "buyer",
    "external_reference",
    "currency",
    "requested_date",
    "note",
    "is_test",
    "delivery_address",
)
LINE_FIELDS = (
    "position",
    "item_number",
    "brand",
    "description",
    "quantity",
    "unit",
    "unit_price",
    "vat_percent",
)
ADDRESS_COLUMNS = tuple(f"delivery_{name}" for name in ADDRESS_FIELDS)
COLUMNS = (
    *(name for name in ORDER_FIELDS if name != "delivery_address"),
    *ADDRESS_COLUMNS,
)
NEIGHBOURS = ("supplier", "shop", "customer", "buyer")
MAX_LINES = 1000


def read(order: PurchaseOrder, data: Mapping[str, Any]) -> list[OrderLine] | None:
    """Fill an order and read its lines; None where none were given to an old one.

    Raises:
        InvalidInput: one or more values won't do; all of them are named.
    """
    errors: dict[str, str] = {}
    lines: list[OrderLine] | None = None
    try:
        fill(order, data)
    except InvalidInput as invalid:
        errors |= invalid.errors
    if "lines" in data or order._state.adding:
        try:
            lines = read_lines(data.get("lines"), order.currency)
        except InvalidInput as invalid:
            errors |= invalid.errors
    if errors:
        raise InvalidInput(errors)
    return lines


def fill(order: PurchaseOrder, data: Mapping[str, Any]) -> None:
    """Put the given fields into an order; those not given stay as they are.

    Raises:
        InvalidInput: one or more of them won't do.
    """
    errors: dict[str, str] = {}
    for name in data:
        if name not in (*ORDER_FIELDS, "lines"):
            errors[name] = f"There is no such field; there are {_list(ORDER_FIELDS)}."
    for name in ORDER_FIELDS:
        if name in data and name != "delivery_address":
            setattr(order, name, data[name])
    if "delivery_address" in data:
        _fill_address(order, data["delivery_address"], errors)
    if order.supplier_id is None:
        raise InvalidInput({"supplier": _("Choose a supplier."), **errors})
    if not order.currency:
        order.currency = order.supplier.currency
    if not order.supplier.is_live:
        order.is_test = True
    elif order._state.adding and "is_test" not in data:
        order.is_test = False
    if not is_currency(order.currency):
        errors["currency"] = "Give a currency by its three letters, such as SEK."
    if len(order.note) > NOTE_LENGTH:
        errors["note"] = f"Give at most {NOTE_LENGTH} characters."
    if (
        "requested_date" in data
        and order.requested_date
        and order.requested_date < clock.today()
    ):
        errors["requested_date"] = "Give a day that is not past."
    if "customer" in data and order.customer and order.customer.erased_at:
        errors["customer"] = _(
            "The personal data of this customer was erased. Enter the customer anew."
        )
    _clean(order, errors)
    if errors:
        raise InvalidInput(errors)


def _fill_address(
    order: PurchaseOrder, given: Address | Mapping[str, str], errors: dict[str, str]
) -> None:
    if isinstance(given, Address):
        order.delivery_address = given
        return
    unknown = set(given) - set(ADDRESS_FIELDS)
    for name in sorted(unknown):
        errors[f"delivery_address.{name}"] = (
            f"There is no such field; there are {_list(ADDRESS_FIELDS)}."
        )
    if not unknown:
        order.delivery_address = Address(**given)


def _clean(order: PurchaseOrder, errors: dict[str, str]) -> None:
    # What was handed over as an object was read from the database a moment ago; that
    # it is still there is for the foreign key to say.
    read = {name for name in NEIGHBOURS if _is_stored(order, name)}
    try:
        order.clean_fields(exclude={"created_by", "total", "headline", *read, *errors})
    except ValidationError as invalid:
        for name, messages in invalid.message_dict.items():
            if name.startswith("delivery_"):
                name = name.replace("delivery_", "delivery_address.", 1)
            errors.setdefault(name, " ".join(messages))


def _is_stored(order: PurchaseOrder, name: str) -> bool:
    neighbour = order._state.fields_cache.get(name)
    return neighbour is not None and not neighbour._state.adding


def read_lines(given: Any, currency: str) -> list[OrderLine]:
    """Turn entered lines into unsaved ones, numbered where they have no position.

    Raises:
        InvalidInput: none or too many, or one or more that won't do.
    """
    if not isinstance(given, Sequence) or isinstance(given, str) or not given:
        raise InvalidInput({"lines": _("Give one line or more.")})
    if len(given) > MAX_LINES:
        raise InvalidInput(
            {
                "lines": _("An order takes %(max_lines)s lines at most; split it.")
                % {"max_lines": MAX_LINES}
            }
        )
    errors: dict[str, str] = {}
    lines: list[OrderLine] = []
    positions: set[int] = set()
    for index, entered in enumerate(given):
        line, faults = _read_line(entered, default_position=len(lines) + 1)
        if line.position in positions:
            faults["position"] = f"Position {line.position} is there twice."
        positions.add(line.position)
        errors |= {f"lines.{index}.{name}": text for name, text in faults.items()}
        lines.append(line)
    if errors:
        raise InvalidInput(errors)
    total_of(lines, currency)
    return lines


def _read_line(entered: Any, default_position: int) -> tuple[OrderLine, dict[str, str]]:
    faults: dict[str, str] = {}
    line = OrderLine(position=default_position)
    if not isinstance(entered, Mapping):
        return line, {"line": f"Give an object with {_list(LINE_FIELDS)}."}
    for name, value in entered.items():
        if name not in LINE_FIELDS:
            faults[name] = f"There is no such field; there are {_list(LINE_FIELDS)}."
        elif name != "position" or value is not None:
            setattr(line, name, value)
    for name in ("quantity", "unit_price", "vat_percent"):
        try:
            setattr(line, name, _exact(getattr(line, name)))
        except (InvalidOperation, TypeError, ValueError):
            faults[name] = "Give a decimal number as text, such as '41.50'."
    for name, right in (("quantity", "above 0"), ("unit_price", "of 0 or more")):
        if getattr(line, name) is None:
            faults[name] = f"Give a {name.replace('_', ' ')} {right}."
    try:
        line.clean_fields(exclude={"order", *faults})
    except ValidationError as invalid:
        for name, messages in invalid.message_dict.items():
            faults.setdefault(name, " ".join(messages))
    if "quantity" not in faults and line.quantity <= 0:
        faults["quantity"] = "Give a quantity above 0."
    if "unit_price" not in faults and line.unit_price < 0:
        faults["unit_price"] = "Give a price of 0 or more."
    if "vat_percent" not in faults and not 0 <= (line.vat_percent or 0) <= 100:
        faults["vat_percent"] = "Give a percentage from 0 to 100."
    return line, faults


def _exact(value: Any) -> Decimal | None:
    """A finite `Decimal` from text, a whole number or a `Decimal`; never a float."""
    if value is None:
        return None
    if isinstance(value, bool | float):
        raise TypeError("A float is not exact.")
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError("Not a finite number.")
    return number


def total_of(lines: Iterable[OrderLine], currency: str) -> Decimal:
    """The sum of the lines' rounded amounts, without VAT.

    Raises:
        InvalidInput: it is larger than an order's total may be.
    """
    total = sum(
        (round_amount(line.quantity * line.unit_price, currency) for line in lines),
        Decimal(0),
    )
    field = PurchaseOrder._meta.get_field("total")
    if total >= Decimal(10) ** (field.max_digits - field.decimal_places):
        raise InvalidInput({"lines": _("The total is too large; check the prices.")})
    return total


def write_lines(
    order: PurchaseOrder, lines: list[OrderLine], *, is_new: bool = False
) -> None:
    """Write the lines of an order, in the place of those it may have."""
    if not is_new:
        order.lines.all().delete()
    for line in lines:
        line.order = order
    OrderLine.objects.bulk_create(lines)


def _list(names: Sequence[str]) -> str:
    return ", ".join(names)

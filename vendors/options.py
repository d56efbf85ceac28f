"""Reading a supplier's options, with the declared default and type."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from vendors.contracts import CallLimits, FieldKind, SettingField
from vendors.contracts.limits import CALLS_AT_ONCE, CALLS_PER_MINUTE
from vendors.errors import Kind, NotSent

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


def limit_fields(limits: CallLimits) -> tuple[SettingField, ...]:
    """The options by which a supplier says how often it may be called.

    Every vendor has them, with its own limits as defaults.
    """
    return (
        SettingField(
            name=CALLS_PER_MINUTE,
            label="Calls a minute",
            kind=FieldKind.INTEGER,
            default=limits.per_minute,
            help="All machines together never make more. 0 sets no limit. "
            + limits.note,
        ),
        SettingField(
            name=CALLS_AT_ONCE,
            label="Calls at once",
            kind=FieldKind.INTEGER,
            default=limits.at_once,
            help="How many orders, look-ups and reads may be under way at the same "
            "time, on all machines together. 0 sets no limit.",
        ),
    )


POLL_MINUTES = SettingField(
    name="poll_minutes",
    label="Minutes between polls",
    kind=FieldKind.INTEGER,
    help="How often the list of changed orders is read. Empty: as for all suppliers.",
)


MINIMUM_ORDER_VALUE = SettingField(
    name="minimum_order_value",
    label="Least value of an order",
    kind=FieldKind.DECIMAL,
    help="Without VAT, in the supplier's currency. Approvers are warned of orders "
    "below it. Empty: not known.",
)


def read_option(
    fields: Sequence[SettingField], values: Mapping[str, Any], name: str
) -> Any:
    """Return one option: `int`, `Decimal`, `bool` or `str` by its declared kind.

    Raises:
        KeyError: no such option is declared.
        NotSent: it is required and not set, or not of its kind.
    """
    field = next((field for field in fields if field.name == name), None)
    if field is None:
        raise KeyError(name)
    value = values.get(name)
    if value is None or value == "":
        value = field.default
    if value is None and field.is_required:
        raise NotSent(
            f"The option “{field.label}” is not set.", kind=Kind.CONFIGURATION
        )
    if value is None:
        return "" if field.kind in (FieldKind.TEXT, FieldKind.CHOICE) else None
    try:
        return _converted(field, value)
    except (ValueError, KeyError, InvalidOperation):
        raise NotSent(
            f"The option “{field.label}” can't be {str(value)[:40]!r}.",
            kind=Kind.CONFIGURATION,
        ) from None


def _converted(field: SettingField, value: Any) -> Any:
    word = str(value).strip()
    match field.kind:
        case FieldKind.INTEGER:
            return int(word)
        case FieldKind.DECIMAL:
            found = Decimal(word)
            if not found.is_finite():
                raise ValueError(word)
            return found
        case FieldKind.BOOLEAN:
            return _BOOLEANS[word.lower()]
        case FieldKind.CHOICE:
            if word not in field.choices:
                raise ValueError(word)
    return word

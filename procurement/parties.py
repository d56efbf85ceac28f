"""What shops and customers have in common: how they are entered and compared."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models
from django.utils.translation import gettext as _

from procurement.addresses import FIELDS
from procurement.errors import InvalidInput, OperationNotAllowed

ADDRESS_FIELDS = tuple(name for name in FIELDS if name != "name")


def fill(party: models.Model, data: Mapping[str, Any], fields: Sequence[str]) -> None:
    """Put the given fields into a shop or a customer; the others stay as they are.

    Args:
        data: some of `fields`, and `address` with some of `ADDRESS_FIELDS`.

    Raises:
        InvalidInput: one or more won't do; each says what would be right.
    """
    errors = _unknown(data, (*fields, "address"), "")
    for name in fields:
        if name in data and name not in errors:
            setattr(party, name, _stripped(data[name]))
    if "address" in data:
        errors |= _fill_address(party, data["address"])
    try:
        party.full_clean(
            exclude=[name for name in errors if "." not in name], validate_unique=True
        )
    except ValidationError as invalid:
        for name, faults in invalid.error_dict.items():
            path = f"address.{name}" if name in ADDRESS_FIELDS else name
            errors.setdefault(path, remedy(party, name, faults))
    if errors:
        raise InvalidInput(errors)


def _fill_address(party: models.Model, given: Any) -> dict[str, str]:
    if not isinstance(given, Mapping):
        return {"address": f"Give an object with {', '.join(ADDRESS_FIELDS)}."}
    errors = _unknown(given, ADDRESS_FIELDS, "address.")
    for name in ADDRESS_FIELDS:
        if name in given:
            setattr(party, name, _stripped(given[name]))
    return errors


def _unknown(
    data: Mapping[str, Any], known: Sequence[str], prefix: str
) -> dict[str, str]:
    return {
        f"{prefix}{name}": f"There is no such field; there are {', '.join(known)}."
        for name in data
        if name not in known
    }


def _stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def remedy(row: models.Model, name: str, faults: Sequence[ValidationError]) -> str:
    """What would be right for a column that a model's own checks refused."""
    field = None if name == NON_FIELD_ERRORS else row._meta.get_field(name)
    if not getattr(row, name, None) and name == "name":
        return "Give a name."
    if isinstance(field, models.EmailField):
        return _("Give a mail address, such as orders@example.com.")
    if any(fault.code == "unique" for fault in faults):
        return _("There is one with this already; give another.")
    if isinstance(field, models.SlugField):
        return _("Give letters, digits, hyphens and underscores alone.")
    return " ".join(text for fault in faults for text in fault.messages)


def snapshot(party: Any, fields: Sequence[str]) -> dict[str, Any]:
    """What a person may change, as plain values to compare."""
    address = {name: getattr(party, name) for name in ADDRESS_FIELDS}
    return {**{name: getattr(party, name) for name in fields}, "address": address}


def changes_between(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        name: [before[name], after[name]]
        for name in after
        if before[name] != after[name]
    }


def require_version(party: Any, version: int | None) -> None:
    """Refuse what is based on another version than the present one.

    Raises:
        OperationNotAllowed: somebody changed it since.
    """
    if version is not None and version != party.version:
        raise OperationNotAllowed(
            _(
                "%(party)s was changed meanwhile. Load it again and look "
                "before you repeat."
            )
            % {"party": party},
            code="version_conflict",
        )

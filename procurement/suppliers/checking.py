"""What may be entered for a supplier: settings, addresses, names of the vendor's."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

import vendors
from procurement.errors import InvalidInput
from procurement.money import is_currency
from procurement.parties import remedy
from procurement.suppliers.models import Supplier
from vendors.contracts import FieldKind, SettingField, Vendor

LOOPBACK_HOSTS = {"127.0.0.1", "localhost", "::1"}
FIELDS = (
    "slug",
    "name",
    "vendor",
    "mode",
    "is_paused",
    "base_url",
    "auth_url",
    "credentials",
    "options",
    "mapping",
    "currency",
    "language",
)
MAX_NAME_LENGTH = 500
TRUE_WORDS, FALSE_WORDS = {"true", "yes", "on", "1"}, {"false", "no", "off", "0", ""}


def fill(supplier: Supplier, data: Mapping[str, Any]) -> None:
    errors: dict[str, str] = {
        name: f"There is no such field; there are {', '.join(FIELDS)}."
        for name in data
        if name not in FIELDS
    }
    for name in FIELDS:
        if name in data and name not in ("credentials", "options", "mapping"):
            setattr(supplier, name, data[name])
    if supplier.vendor not in vendors.CODES:
        raise InvalidInput(
            {
                "vendor": gettext("Choose one of %(codes)s.")
                % {"codes": ", ".join(vendors.CODES)},
                **errors,
            }
        )
    api = supplier.api
    if "credentials" in data:
        given = read_settings(
            data["credentials"], api.credentials, "credentials", errors
        )
        supplier.credentials = {**supplier.credentials, **given}
    if "options" in data:
        supplier.options = read_settings(
            data["options"], api.options, "options", errors
        )
    if "mapping" in data:
        supplier.mapping = _mapping(data["mapping"], api, errors)
    for name in ("base_url", "auth_url"):
        if problem := _address_problem(getattr(supplier, name)):
            errors[name] = problem
    if supplier.currency and not is_currency(supplier.currency):
        errors["currency"] = "Give a currency by its three letters, such as SEK."
    try:
        supplier.full_clean(exclude=errors)
    except ValidationError as invalid:
        for name, faults in invalid.error_dict.items():
            errors.setdefault(name, remedy(supplier, name, faults))
    if errors:
        raise InvalidInput(errors)


def _address_problem(url: str) -> str:
    if not url:
        return ""
    parts = urlsplit(url)
    if parts.username or parts.password:
        return gettext(
            "Leave user name and password out of the address; use credentials."
        )
    if parts.scheme == "https":
        return ""
    if parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS:
        if settings.ALLOW_INSECURE_LOOPBACK:
            return ""
        return gettext(
            "http:// to this machine is taken only with ALLOW_INSECURE_LOOPBACK."
        )
    return gettext("Give an address that begins with https://.")


def read_settings(
    given: Any, fields: Sequence[SettingField], name: str, errors: dict[str, str]
) -> dict[str, Any]:
    """Check credentials or options against what the vendor declares."""
    if not isinstance(given, Mapping):
        errors[name] = "Give an object of names and values."
        return {}
    declared = {field.name: field for field in fields}
    checked: dict[str, Any] = {}
    for key, value in given.items():
        if key not in declared:
            errors[f"{name}.{key}"] = (
                f"This vendor has no {key!r}; it has {', '.join(declared) or 'none'}."
            )
            continue
        try:
            checked[key] = _setting_value(declared[key], value)
        except (ValueError, InvalidOperation):
            errors[f"{name}.{key}"] = _what_would_be_right(declared[key])
    return checked


def _setting_value(field: SettingField, value: Any) -> Any:
    """The value as it is stored: text, whole number, boolean, or decimal as text."""
    if field.kind is FieldKind.BOOLEAN:
        word = str(value).lower()
        if word not in TRUE_WORDS | FALSE_WORDS:
            raise ValueError
        return word in TRUE_WORDS
    if field.kind is FieldKind.INTEGER:
        has_fraction = isinstance(value, Decimal) and value != int(value)
        if isinstance(value, bool | float) or has_fraction:
            raise ValueError
        return int(value)
    if field.kind is FieldKind.DECIMAL:
        number = Decimal(str(value))
        if not number.is_finite():
            raise ValueError
        return str(number)
    if not isinstance(value, str) or (field.choices and value not in field.choices):
        raise ValueError
    return value


def _what_would_be_right(field: SettingField) -> str:
    if field.choices:
        return f"Choose one of {', '.join(field.choices)}."
    return {
        FieldKind.BOOLEAN: "Give true or false.",
        FieldKind.INTEGER: "Give a whole number.",
        FieldKind.DECIMAL: "Give a decimal number as text, such as '0.5'.",
    }.get(field.kind, "Give a text.")


def _mapping(given: Any, api: Vendor, errors: dict[str, str]) -> dict[str, str]:
    """Check overrides: known names, or further words of a kind the vendor has."""
    if not isinstance(given, Mapping):
        errors["mapping"] = "Give an object of names and values."
        return {}
    for key, value in given.items():
        if problem := name_problem(api, key, value):
            errors[f"mapping.{key}"] = problem
    return dict(given)


def name_problem(api: Vendor, key: str, value: Any) -> str:
    """What is wrong with saying that a name of the vendor's is this; or nothing."""
    kind, _, word = key.partition(".")
    meanings = api.word_kinds.get(kind, ())
    if key not in api.mapping and not (meanings and word.strip()):
        return gettext(
            "%(api_name)s has no such name. Give one that is in its table, "
            "or leave it out."
        ) % {"api_name": api.name}
    if not isinstance(value, str) or not value.strip():
        return gettext("Give a text.")
    if len(value) > MAX_NAME_LENGTH:
        return gettext("Give at most %(max_name_length)s characters.") % {
            "max_name_length": MAX_NAME_LENGTH
        }
    if not value.isprintable():
        return gettext("Leave out line breaks and characters that can't be seen.")
    if meanings and value not in meanings:
        return gettext("Choose one of %(meanings)s.") % {
            "meanings": ", ".join(meanings)
        }
    return ""

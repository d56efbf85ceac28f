"""Every write to suppliers, and the calls a person may ask a supplier for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction

import vendors
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.money import is_currency
from procurement.suppliers.conversations import conversation
from procurement.suppliers.models import Supplier, SupplierEvent, SupplierHealth
from vendors.contracts import (
    Capability,
    FieldKind,
    Fulfilment,
    ItemKey,
    Offer,
    SettingField,
    Vendor,
)

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
)
STATUS_MEANINGS = (*Fulfilment, "attention")
"""What a vendor's status word may be mapped to."""
TRUE_WORDS, FALSE_WORDS = {"true", "yes", "on", "1"}, {"false", "no", "off", "0", ""}


@transaction.atomic
def create_supplier(*, actor: User | None, data: Mapping[str, Any]) -> Supplier:
    """Create an account at a vendor, in test mode and unpaused unless said otherwise.

    Raises:
        InvalidInput: a value won't do; every such field is named.
    """
    supplier = Supplier()
    _fill(supplier, data)
    supplier.save()
    _note(supplier, "created", actor)
    return supplier


@transaction.atomic
def change_supplier(
    *,
    supplier_id: int,
    actor: User | None,
    data: Mapping[str, Any],
    version: int | None = None,
) -> Supplier:
    """Change the given fields; a credential that is not given stays as it is.

    Raises:
        InvalidInput: a value won't do; nothing was changed.
        OperationNotAllowed: somebody else changed it since `version`.
    """
    supplier = Supplier.objects.select_for_update().get(pk=supplier_id)
    if version is not None and version != supplier.version:
        raise OperationNotAllowed(
            f"{supplier} was changed by somebody else meanwhile. Load it again.",
            code="version_conflict",
        )
    if "vendor" in data and data["vendor"] != supplier.vendor:
        raise InvalidInput(
            {"vendor": "A supplier keeps its vendor; create another supplier."}
        )
    before = _visible(supplier)
    _fill(supplier, data)
    supplier.version += 1
    # Credentials that can't be read are left as they are unless new ones came.
    changed = set(FIELDS) - ({"credentials"} - data.keys())
    supplier.save(update_fields=[*changed, "version", "updated_at"])
    after = _visible(supplier)
    changes = {name: [before[name], after[name]] for name in after}
    _note(
        supplier,
        "changed",
        actor,
        changes={name: pair for name, pair in changes.items() if pair[0] != pair[1]},
        new_credentials=sorted(data.get("credentials", {})),
    )
    if {"credentials", "options", "base_url", "auth_url"} & data.keys():
        _unblock(supplier)
    return supplier


def check_supplier(*, supplier_id: int, actor: User | None) -> str:
    """Call the supplier to see whether the account works; return what was learnt.

    Raises:
        VendorError: it does not work; the text says why.
    """
    supplier = Supplier.objects.get(pk=supplier_id)
    check = require(supplier, Capability.CHECK_CONNECTION)
    with conversation(supplier, subject=f"check {supplier.slug}") as talk:
        found: str = check(talk.client)
    return found


def fetch_offers(*, supplier_id: int, items: Sequence[ItemKey]) -> tuple[Offer, ...]:
    """Ask the supplier for price and availability now, in the order asked for.

    Raises:
        OperationNotAllowed: this vendor can't be asked.
        VendorError: it could be asked and did not answer.
    """
    supplier = Supplier.objects.get(pk=supplier_id)
    fetch = require(supplier, Capability.FETCH_OFFERS)
    with conversation(supplier, subject=f"offers {supplier.slug}") as talk:
        found: tuple[Offer, ...] = fetch(talk.client, items)
    # Some vendors name no currency; an account has one.
    return tuple(
        replace(offer, currency=offer.currency or supplier.currency) for offer in found
    )


@transaction.atomic
def pause_supplier(*, supplier_id: int, actor: User | None) -> None:
    """Hold every order for this supplier in the queue."""
    supplier = Supplier.objects.get(pk=supplier_id)
    Supplier.objects.filter(pk=supplier_id).update(is_paused=True)
    _note(supplier, "paused", actor)


@transaction.atomic
def resume_supplier(*, supplier_id: int, actor: User | None) -> None:
    """Let the queue for this supplier drain again."""
    supplier = Supplier.objects.get(pk=supplier_id)
    Supplier.objects.filter(pk=supplier_id).update(is_paused=False)
    _unblock(supplier)
    _note(supplier, "resumed", actor)


def require(supplier: Supplier, capability: Capability) -> Any:
    """The vendor's function for a capability.

    Raises:
        OperationNotAllowed: it has none; the text is the vendor module's reason.
    """
    if reason := supplier.api.why_not(capability):
        raise OperationNotAllowed(reason, code="not_offered")
    return getattr(supplier.api, capability)


def _visible(supplier: Supplier) -> dict[str, Any]:
    """The settings as they may be shown: everything but credentials."""
    return {name: getattr(supplier, name) for name in FIELDS if name != "credentials"}


def _note(supplier: Supplier, kind: str, actor: User | None, **data: Any) -> None:
    SupplierEvent.objects.create(supplier=supplier, kind=kind, actor=actor, data=data)


def _unblock(supplier: Supplier) -> None:
    SupplierHealth.objects.filter(supplier=supplier).update(blocked_until=None)


def _fill(supplier: Supplier, data: Mapping[str, Any]) -> None:
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
            {"vendor": f"Choose one of {', '.join(vendors.CODES)}.", **errors}
        )
    api = supplier.api
    if "credentials" in data:
        given = _settings(data["credentials"], api.credentials, "credentials", errors)
        supplier.credentials = {**supplier.credentials, **given}
    if "options" in data:
        supplier.options = _settings(data["options"], api.options, "options", errors)
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
        for name, messages in invalid.message_dict.items():
            errors.setdefault(name, " ".join(messages))
    if errors:
        raise InvalidInput(errors)


def _address_problem(url: str) -> str:
    if not url:
        return ""
    parts = urlsplit(url)
    if parts.username or parts.password:
        return "Leave user name and password out of the address; use credentials."
    if parts.scheme == "https":
        return ""
    if parts.scheme == "http" and parts.hostname in LOOPBACK_HOSTS:
        if settings.ALLOW_INSECURE_LOOPBACK:
            return ""
        return "http:// to this machine is taken only with ALLOW_INSECURE_LOOPBACK."
    return "Give an address that begins with https://."


def _settings(
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
        kind = key.partition(".")[0]
        is_word = kind.endswith("_status") and any(
            name.startswith(f"{kind}.") for name in api.mapping
        )
        if key not in api.mapping and not is_word:
            errors[f"mapping.{key}"] = f"{api.name} has no such name."
        elif not isinstance(value, str) or not value:
            errors[f"mapping.{key}"] = "Give a text."
        elif is_word and value not in STATUS_MEANINGS:
            errors[f"mapping.{key}"] = f"Choose one of {', '.join(STATUS_MEANINGS)}."
    return dict(given)

"""What a person can do about a shop at a supplier, as pages."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from procurement.shops import operations, queries, rules
from procurement.shops.models import ShopRegistration, ShopState
from procurement.suppliers import gateway
from procurement.suppliers.admin_forms import option_field
from procurement.texts import gettext_lazy
from procurement.transmissions.admin_parties import (
    Fields,
    Seen,
    Step,
    evidence_field,
    outcome_field,
    text_field,
)
from procurement.transmissions.admin_timeline import said

PREFIX = "details."
UNKNOWN = gettext_lazy("not known")


def _detail_fields(registration: ShopRegistration) -> Fields:
    fields: dict[str, forms.Field] = {}
    for declared in registration.supplier.api.shop_fields:
        field = option_field(declared)
        if declared.name in registration.details:
            field.initial = registration.details[declared.name]
        fields[f"{PREFIX}{declared.name}"] = field
    return fields


def _details(
    registration: ShopRegistration, values: Mapping[str, Any]
) -> dict[str, Any]:
    """The details as they were typed: those that say something.

    A default that is not stored is left out, so that it can still be improved later
    and a box nobody ticked is no change.
    """
    typed = {}
    for declared in registration.supplier.api.shop_fields:
        value = values.get(f"{PREFIX}{declared.name}")
        is_stored = declared.name in registration.details
        is_default = value == declared.default or (
            value is False and not declared.default
        )
        if value not in (None, "") and (is_stored or not is_default):
            typed[declared.name] = value
    return typed


def _with(registration: ShopRegistration, values: Mapping[str, Any]) -> None:
    """Show a registration with the details as they were typed, nothing saved."""
    if values:
        registration.details = _details(registration, values)


def _objections(registration: ShopRegistration) -> list[str]:
    account = gateway.account_of(registration.supplier)
    request = queries.shop_request(registration)
    return list(registration.supplier.api.shop_objections(account, request))


def _look_at_whole(
    registration: ShopRegistration, values: Mapping[str, Any]
) -> dict[str, Any]:
    _with(registration, values)
    return {
        "facts": queries.facts(registration),
        "objections": _objections(registration),
    }


def _look_at_changes(
    registration: ShopRegistration, values: Mapping[str, Any]
) -> dict[str, Any]:
    _with(registration, values)
    return {
        "changes": [
            (
                each.label,
                UNKNOWN if each.before is None else said(each.before),
                said(each.after),
            )
            for each in queries.changes_to_push(registration)
        ],
        "objections": _objections(registration),
        "confirmed": queries.content_hash(registration),
    }


def _key(registration: ShopRegistration) -> dict[str, int]:
    return {
        "shop_id": registration.shop_id,
        "supplier_id": registration.supplier_id,
    }


def _create(
    registration: ShopRegistration, actor: User, values: Mapping[str, Any], seen: Seen
) -> str:
    operations.register_shop(
        **_key(registration),
        actor=actor,
        details=_details(registration, values),
        version=seen.version,
    )
    return _(
        "%(registration)s: it is on its way. This page shows what becomes of it."
    ) % {"registration": registration}


def _push(
    registration: ShopRegistration, actor: User, values: Mapping[str, Any], seen: Seen
) -> str:
    operations.push_shop(
        **_key(registration),
        actor=actor,
        details=_details(registration, values),
        confirmed=seen.confirmed,
    )
    return _("%(registration)s: the changes are on their way.") % {
        "registration": registration
    }


def _record(
    registration: ShopRegistration, actor: User, values: Mapping[str, Any], seen: Seen
) -> str:
    found = operations.record_vendor_id(
        **_key(registration),
        actor=actor,
        vendor_id=values["vendor_id"],
        evidence=values["evidence"],
        version=seen.version,
    )
    return _("%(registration)s: its id is %(vendor_id)s.") % {
        "registration": registration,
        "vendor_id": found.vendor_id,
    }


def _settle(
    registration: ShopRegistration, actor: User, values: Mapping[str, Any], seen: Seen
) -> str:
    found = operations.resolve_shop(
        **_key(registration),
        actor=actor,
        outcome=values["outcome"],
        vendor_id=values.get("vendor_id", ""),
        evidence=values["evidence"],
    )
    return _("%(registration)s: settled. It is now: %(state)s.") % {
        "registration": registration,
        "state": found.get_state_display(),
    }


def _record_fields(registration: ShopRegistration) -> Fields:
    return {
        "vendor_id": text_field(_("Id at the supplier")),
        "evidence": evidence_field(),
    }


def _settle_fields(registration: ShopRegistration) -> Fields:
    fields: Fields = {"outcome": outcome_field()}
    if registration.state == ShopState.UNKNOWN:
        fields["vendor_id"] = text_field(
            _("Id at the supplier"),
            _("If the supplier has it and told one."),
            required=False,
        )
    return {**fields, "evidence": evidence_field()}


STEPS = (
    Step(
        name="create",
        label=gettext_lazy("Create at vendor"),
        summary=gettext_lazy(
            "Have the shop made at the supplier. It is made once, and "
            "can't be taken back from here."
        ),
        permission="shops.register_shop",
        run=_create,
        why_not=rules.why_not_register,
        fields=_detail_fields,
        look=_look_at_whole,
    ),
    Step(
        name="push",
        label=gettext_lazy("Push changes"),
        summary=gettext_lazy(
            "Bring the shop at the supplier to what it is here. The whole "
            "of it is sent."
        ),
        permission="shops.push_shop",
        run=_push,
        why_not=rules.why_not_push,
        fields=_detail_fields,
        look=_look_at_changes,
    ),
    Step(
        name="settle",
        label=gettext_lazy("Settle unknown outcome"),
        summary=gettext_lazy(
            "Record what was found out about an answer that was lost."
        ),
        permission="shops.resolve_shop",
        run=_settle,
        why_not=rules.why_not_settle,
        fields=_settle_fields,
    ),
    Step(
        name="record",
        label=gettext_lazy("Record the vendor's id"),
        summary=gettext_lazy(
            "For a shop that the supplier has, and whose id was told to a person."
        ),
        permission="shops.resolve_shop",
        run=_record,
        why_not=rules.why_not_record,
        fields=_record_fields,
    ),
)

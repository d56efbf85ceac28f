"""What a person can do about a customer at a supplier, as pages."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from procurement.adminbase import LongTextWidget
from procurement.customers import operations, queries, rules
from procurement.customers.models import CustomerLink, LinkState
from procurement.suppliers import gateway
from procurement.texts import gettext_lazy
from procurement.transmissions.admin_parties import (
    Fields,
    Seen,
    Step,
    evidence_field,
    outcome_field,
    text_field,
)


def _key(link: CustomerLink) -> dict[str, int]:
    return {"customer_id": link.customer_id, "supplier_id": link.supplier_id}


def _find(
    link: CustomerLink, actor: User, values: Mapping[str, Any], seen: Seen
) -> str:
    found = operations.link_customer(
        customer_id=link.customer_id,
        supplier_id=link.supplier_id,
        actor=actor,
        number=values["number"],
        version=seen.version,
    )
    return _("%(link)s: found; its number is %(number)s.") % {
        "link": link,
        "number": found.number,
    }


def _create(
    link: CustomerLink, actor: User, values: Mapping[str, Any], seen: Seen
) -> str:
    found = operations.link_customer(
        customer_id=link.customer_id,
        supplier_id=link.supplier_id,
        actor=actor,
        create=True,
        version=seen.version,
    )
    if found.state == LinkState.LINKED:
        return _("%(link)s: it was there already; its number is %(number)s.") % {
            "link": link,
            "number": found.number,
        }
    return _("%(link)s: it is on its way. This page shows what becomes of it.") % {
        "link": link
    }


def _record(
    link: CustomerLink, actor: User, values: Mapping[str, Any], seen: Seen
) -> str:
    found = operations.record_number(
        **_key(link),
        actor=actor,
        number=values["number"],
        evidence=values["evidence"],
        version=seen.version,
    )
    return _("%(link)s: its number is %(number)s.") % {
        "link": link,
        "number": found.number,
    }


def _unlink(
    link: CustomerLink, actor: User, values: Mapping[str, Any], seen: Seen
) -> str:
    operations.unlink_customer(**_key(link), actor=actor, reason=values["reason"])
    return _("%(link)s: the number is taken off.") % {"link": link}


def _settle(
    link: CustomerLink, actor: User, values: Mapping[str, Any], seen: Seen
) -> str:
    found = operations.resolve_customer(
        **_key(link),
        actor=actor,
        outcome=values["outcome"],
        number=values["number"],
        evidence=values["evidence"],
    )
    return _("%(link)s: settled. It is now: %(state)s.") % {
        "link": link,
        "state": found.get_state_display(),
    }


def _look_at_whole(link: CustomerLink, values: Mapping[str, Any]) -> dict[str, Any]:
    request, address = queries.customer_request(link), link.customer.address
    register = queries.register_of(link.supplier)
    account = gateway.account_of(link.supplier)
    town = f"{address.zip_code} {address.city} {address.country_code}".strip()
    return {
        "facts": [
            (_("Name"), request.name),
            (_("Organization number"), request.organization_number),
            ("E-mail", request.email),
            (_("Phone"), request.phone),
            (_("Street"), address.street_line),
            (_("Town"), town),
        ],
        "objections": register.objections(account, request) if register else (),
    }


def _find_fields(link: CustomerLink) -> Fields:
    return {
        "number": text_field(
            _("Its number there"),
            _("Left empty, it is looked up by its organization number."),
            required=False,
        )
    }


def _record_fields(link: CustomerLink) -> Fields:
    return {"number": text_field(_("Its number there")), "evidence": evidence_field()}


def _unlink_fields(link: CustomerLink) -> Fields:
    widget = LongTextWidget({"rows": 3})
    return {"reason": forms.CharField(label=_("Reason"), widget=widget)}


def _settle_fields(link: CustomerLink) -> Fields:
    return {
        "outcome": outcome_field(),
        "number": text_field(
            _("Its number there"),
            _("If the supplier has it and told one."),
            required=False,
        ),
        "evidence": evidence_field(),
    }


STEPS = (
    Step(
        name="link",
        label=gettext_lazy("Find and link"),
        summary=gettext_lazy(
            "Ask the supplier for the customer now, and keep its number."
        ),
        permission="customers.link_customer",
        run=_find,
        why_not=rules.why_not_find,
        fields=_find_fields,
    ),
    Step(
        name="create",
        label=gettext_lazy("Create at supplier"),
        summary=gettext_lazy(
            "Look the customer up once more, and have it created if it is "
            "not there. It is created once, and can't be taken back from "
            "here."
        ),
        permission="customers.register_customer",
        run=_create,
        why_not=rules.why_not_create,
        look=_look_at_whole,
    ),
    Step(
        name="settle",
        label=gettext_lazy("Settle unknown outcome"),
        summary=gettext_lazy(
            "Record what was found out about an answer that was lost."
        ),
        permission="customers.resolve_customer",
        run=_settle,
        why_not=rules.why_not_settle,
        fields=_settle_fields,
    ),
    Step(
        name="record",
        label=gettext_lazy("Record its number"),
        summary=gettext_lazy(
            "For a customer that the supplier has, and whose number was "
            "told to a person."
        ),
        permission="customers.link_customer",
        run=_record,
        why_not=rules.why_not_record,
        fields=_record_fields,
    ),
    Step(
        name="unlink",
        label=gettext_lazy("Unlink"),
        summary=gettext_lazy("Take the number off. The supplier hears nothing of it."),
        permission="customers.link_customer",
        run=_unlink,
        why_not=rules.why_not_unlink,
        fields=_unlink_fields,
    ),
)

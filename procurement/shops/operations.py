"""Every write to shops that a person or another system asks for.

A shop is made at a supplier once: after a lost answer, or an answer without an id, a
person says what became of it, and nothing is posted a second time by itself.
"""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.parties import changes_between, fill, require_version, snapshot
from procurement.scoping import scoped, sight_of
from procurement.shops import ledger, queries, rules
from procurement.shops.models import (
    ID_LENGTH,
    PushState,
    Shop,
    ShopRegistration,
    ShopState,
)
from procurement.suppliers import gateway
from procurement.suppliers.checking import read_settings
from procurement.suppliers.models import Supplier
from procurement.suppliers.operations import require
from procurement.transmissions import operations as transmissions
from procurement.transmissions.models import (
    Operation,
    State,
    Transmission,
    Urgency,
)
from vendors.contracts import Capability

FIELDS = ("slug", "name", "legal_name", "organization_number", "email", "phone")


def lock(shop_id: int, actor: User | None) -> Shop:
    """Lock a shop, and with it how it stands at suppliers, for the transaction.

    Raises:
        OperationNotAllowed: there is none that the person may see.
    """
    rows = Shop.objects.select_for_update()
    seen = rows if actor is None else scoped(rows, actor)
    shop = next(iter(seen.filter(pk=shop_id)), None)
    if shop is None:
        raise OperationNotAllowed(_("There is no such shop."), code="no_such_shop")
    return shop


# --- entering and changing --------------------------------------------------------


@transaction.atomic
def create_shop(*, actor: User | None, data: Mapping[str, Any]) -> Shop:
    """Enter a shop; no supplier hears of it.

    Args:
        data: `FIELDS`, and `address` with `parties.ADDRESS_FIELDS`.

    Raises:
        InvalidInput: a value won't do; every such field is named.
        OperationNotAllowed: the person is bound to other shops, and would not see it.
    """
    sight = None if actor is None else sight_of(actor)
    if sight is not None and sight.shops() is not None:
        raise OperationNotAllowed(
            _("You are bound to the shops that are there; somebody else enters it."),
            code="beyond_reach",
        )
    shop = Shop()
    fill(shop, data, FIELDS)
    shop.save()
    ledger.note(shop, "created", actor=actor)
    return shop


@transaction.atomic
def change_shop(
    *,
    shop_id: int,
    actor: User | None,
    data: Mapping[str, Any],
    version: int | None = None,
) -> Shop:
    """Change the given fields here; suppliers get them by a push.

    What is on its way to a supplier and not called for yet is then taken back, since
    it is not what was confirmed any more.

    Raises:
        InvalidInput: a value won't do; nothing was changed.
        OperationNotAllowed: changed by somebody else since `version`.
    """
    shop = lock(shop_id, actor)
    require_version(shop, version)
    if data.get("slug", shop.slug) != shop.slug:
        raise InvalidInput(
            {"slug": _("A shop keeps its slug, since other systems know it by that.")}
        )
    before = snapshot(shop, FIELDS)
    fill(shop, data, FIELDS)
    changes = changes_between(before, snapshot(shop, FIELDS))
    if changes:
        shop.version += 1
        shop.save()
        ledger.note(shop, "changed", actor=actor, data={"changes": changes})
    return shop


# --- at a supplier ----------------------------------------------------------------


@transaction.atomic
def register_shop(
    *,
    shop_id: int,
    supplier_id: int,
    actor: User,
    details: Mapping[str, Any] | None = None,
    version: int | None = None,
) -> ShopRegistration:
    """Ask for a shop to be created at a supplier; a worker carries it there.

    Args:
        details: by the vendor's `shop_fields`, all of them; None keeps what is there.
        version: of the shop, as the person saw it.

    Raises:
        InvalidInput: a detail won't do.
        OperationNotAllowed: it is or may be there, the vendor makes no shops, or it
            could not take this one as it is.
    """
    registration = _locked(shop_id, supplier_id, actor, version)
    require(registration.supplier, Capability.CREATE_SHOP)
    if reason := rules.why_not_register(registration):
        raise OperationNotAllowed(reason, code="already_there")
    _take_details(registration, details)
    registration.is_test = not registration.supplier.is_live
    asked = _ask_for(
        registration,
        operation=Operation.CREATE_SHOP,
        subject=registration.subject,
        actor=actor,
    )
    ledger.write(
        registration,
        "creating_asked",
        actor=actor,
        carrier=asked,
        state=ShopState.QUEUED,
        attention="",
    )
    return registration


@transaction.atomic
def push_shop(
    *,
    shop_id: int,
    supplier_id: int,
    actor: User,
    details: Mapping[str, Any] | None = None,
    version: int | None = None,
    confirmed: str | None = None,
) -> ShopRegistration:
    """Ask for the whole shop to be brought to the supplier as it is here.

    Args:
        confirmed: `queries.content_hash` of what the person saw, where they saw it.

    Raises:
        InvalidInput: a detail won't do.
        OperationNotAllowed: nothing has changed, a push is under way, the shop is
            not there, or the vendor could not take it as it is.
    """
    registration = _locked(shop_id, supplier_id, actor, version)
    require(registration.supplier, Capability.UPDATE_SHOP)
    if reason := rules.why_not_push(registration):
        raise OperationNotAllowed(reason, code="not_pushable")
    _take_details(registration, details)
    changes = queries.changes_to_push(registration)
    if not changes:
        raise OperationNotAllowed(
            _("There is nothing to push: %(registration)s has all of it as it is here.")
            % {"registration": registration},
            code="nothing_to_push",
        )
    if confirmed not in (None, queries.content_hash(registration)):
        raise OperationNotAllowed(
            _("This is not what was shown. Look at the changes once more, then push."),
            code="version_conflict",
        )
    asked = _ask_for(
        registration,
        operation=Operation.UPDATE_SHOP,
        subject=registration.push_subject,
        actor=actor,
    )
    ledger.write(
        registration,
        "push_asked",
        actor=actor,
        data={"changes": {each.label: [each.before, each.after] for each in changes}},
        carrier=asked,
        push_state=PushState.QUEUED,
        attention="",
    )
    return registration


def _ask_for(
    registration: ShopRegistration, *, operation: str, subject: str, actor: User
) -> Transmission:
    supplier = registration.supplier
    request = queries.shop_request(registration)
    objections = supplier.api.shop_objections(gateway.account_of(supplier), request)
    if objections:
        raise OperationNotAllowed(" ".join(objections), code="supplier_objects")
    try:
        with transaction.atomic():
            return transmissions.ask_for(
                supplier=supplier,
                operation=operation,
                subject=subject,
                reference=registration.reference,
                is_test=not supplier.is_live,
                request=queries.to_json(request),
                content_hash=queries.content_hash(registration),
                actor=actor,
                urgency=Urgency.WHEN_IDLE,
            )
    except IntegrityError:
        # The lock makes this impossible; the constraint stands behind the lock.
        raise OperationNotAllowed(
            _("%(registration)s is on its way or was done before.")
            % {"registration": registration},
            code="already_there",
        ) from None


def _locked(
    shop_id: int, supplier_id: int, actor: User, version: int | None = None
) -> ShopRegistration:
    shop = lock(shop_id, actor)
    require_version(shop, version)
    return queries.registration_of(shop, Supplier.objects.get(pk=supplier_id))


def _take_details(
    registration: ShopRegistration, details: Mapping[str, Any] | None
) -> None:
    if details is None:
        return
    kept = read_details(registration.supplier, details)
    if kept != registration.details:
        registration.details = kept
        _count_change(registration.shop)


def read_details(supplier: Supplier, details: Mapping[str, Any]) -> dict[str, Any]:
    """Check details against what the vendor declares; the empty ones are left out.

    Raises:
        InvalidInput: one or more won't do, as `details.NAME`.
    """
    given = {name: value for name, value in details.items() if value not in (None, "")}
    errors: dict[str, str] = {}
    kept = read_settings(given, supplier.api.shop_fields, "details", errors)
    for field in supplier.api.shop_fields:
        if field.is_required and field.default is None and field.name not in given:
            errors[f"details.{field.name}"] = f"Give {field.label}."
    if errors:
        raise InvalidInput(errors)
    return kept


def _count_change(shop: Shop) -> None:
    shop.version += 1
    shop.save(update_fields=["version", "updated_at"])


# --- by hand ----------------------------------------------------------------------


@transaction.atomic
def record_vendor_id(
    *,
    shop_id: int,
    supplier_id: int,
    actor: User,
    vendor_id: str,
    evidence: str,
    version: int | None = None,
) -> ShopRegistration:
    """Record the id of a shop that the supplier has, as a person found it out.

    Raises:
        InvalidInput: no id, or nothing is said about how it was found out.
        OperationNotAllowed: creating or pushing it is under way, or unknown.
    """
    vendor_id, evidence = _entered_id(vendor_id), _entered_evidence(evidence)
    if not vendor_id:
        raise InvalidInput(
            {"vendor_id": _("Give the id the shop has at the supplier.")}
        )
    registration = _locked(shop_id, supplier_id, actor, version)
    if reason := rules.why_not_record(registration):
        raise OperationNotAllowed(reason)
    changes = {"id": [registration.vendor_id, vendor_id]}
    was_made_by_us = registration.state in rules.THERE
    if not was_made_by_us:
        registration.is_test = not registration.supplier.is_live
    if registration.vendor_id not in ("", vendor_id):
        # What another shop there accepted says nothing about this one.
        registration.last_accepted = None
    ledger.write(
        registration,
        "id_recorded",
        actor=actor,
        text=evidence,
        data={"changes": changes},
        state=ShopState.CREATED,
        vendor_id=vendor_id,
        attention="",
    )
    _count_change(registration.shop)
    return registration


@transaction.atomic
def resolve_shop(
    *,
    shop_id: int,
    supplier_id: int,
    actor: User,
    outcome: str,
    vendor_id: str = "",
    evidence: str = "",
) -> ShopRegistration:
    """Record what a person found out about an unknown outcome, of a create or a push.

    Args:
        outcome: `done` (the supplier has it) or `not_done` (it may be sent again).
        vendor_id: of a shop that was created, where it is known.

    Raises:
        InvalidInput: `outcome` is neither, or there is no evidence.
        OperationNotAllowed: no outcome is unknown.
    """
    if outcome not in ("done", "not_done"):
        raise InvalidInput({"outcome": _("Choose done or not_done.")})
    vendor_id, evidence = _entered_id(vendor_id), _entered_evidence(evidence)
    registration = _locked(shop_id, supplier_id, actor)
    unknown = Transmission.objects.filter(
        operation__in=(Operation.CREATE_SHOP, Operation.UPDATE_SHOP),
        subject__in=(registration.subject, registration.push_subject),
        state=State.UNKNOWN,
    ).first()
    if unknown is None:
        raise OperationNotAllowed(
            _("No outcome is unknown for %(registration)s.")
            % {"registration": registration},
            code="not_unknown",
        )
    transmissions.settle_unknown(
        transmission_id=unknown.pk,
        actor=actor,
        has_landed=outcome == "done",
        number=vendor_id or registration.vendor_id,
        evidence=evidence,
    )
    registration.refresh_from_db()
    return registration


def _entered_id(text: str) -> str:
    text = text.strip()
    if len(text) > ID_LENGTH or not text.isprintable():
        raise InvalidInput(
            {
                "vendor_id": _(
                    "Give at most %(id_length)s characters, all in one line."
                )
                % {"id_length": ID_LENGTH}
            }
        )
    return text


def _entered_evidence(text: str) -> str:
    if not text.strip():
        raise InvalidInput(
            {
                "evidence": _(
                    "Say how it was found out: whom you asked, where you looked."
                )
            }
        )
    return text.strip()

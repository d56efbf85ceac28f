"""Every write to suppliers, and the calls a person may ask a supplier for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from procurement import trail
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.queue import wake_carriers
from procurement.suppliers import breaker
from procurement.suppliers.checking import FIELDS, fill
from procurement.suppliers.conversations import conversation
from procurement.suppliers.models import (
    Mode,
    Supplier,
    SupplierEvent,
    SupplierHealth,
    UnknownWord,
)
from procurement.suppliers.offers import keep
from procurement.suppliers.signals import names_changed
from vendors.contracts import (
    Capability,
    ItemKey,
    Offer,
)


@transaction.atomic
def create_supplier(*, actor: User | None, data: Mapping[str, Any]) -> Supplier:
    """Create an account at a vendor, in test mode and unpaused unless said otherwise.

    Raises:
        InvalidInput: a value won't do; every such field is named.
    """
    supplier = Supplier()
    fill(supplier, data)
    if supplier.is_paused:
        _pause(supplier, actor)
    supplier.save()
    _note(supplier, "created", actor)
    _to_trail(supplier, actor, Mode.TEST, sorted(supplier.credentials))
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
            _("%(supplier)s was changed by somebody else meanwhile. Load it again.")
            % {"supplier": supplier},
            code="version_conflict",
        )
    if "vendor" in data and data["vendor"] != supplier.vendor:
        raise InvalidInput(
            {"vendor": _("A supplier keeps its vendor; create another supplier.")}
        )
    before, was_paused, mode = _visible(supplier), supplier.is_paused, supplier.mode
    fill(supplier, data)
    supplier.version += 1
    if supplier.is_paused and not was_paused:
        _pause(supplier, actor)
    elif was_paused and not supplier.is_paused:
        _resume(supplier)
        wake_carriers()
    # Credentials that can't be read are left as they are unless new ones came.
    changed = set(FIELDS) - ({"credentials"} - data.keys())
    supplier.save(update_fields=[*changed, *_PAUSE, "version", "updated_at"])
    after = _visible(supplier)
    changes = {
        name: [before.get(name, ""), after.get(name, "")] for name in before | after
    }
    _note(
        supplier,
        "changed",
        actor,
        changes={name: pair for name, pair in changes.items() if pair[0] != pair[1]},
        new_credentials=sorted(data.get("credentials", {})),
    )
    _to_trail(supplier, actor, mode, sorted(data.get("credentials", {})))
    if "mapping" in data:
        _names_changed(supplier)
    if {"credentials", "options", "base_url", "auth_url"} & data.keys():
        _unblock(supplier)
        breaker.try_now(supplier)
        wake_carriers()
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
    supplier, found, talk = ask_for_offers(supplier_id=supplier_id, items=items)
    return keep(supplier, items, found, talk)


def ask_for_offers(
    *, supplier_id: int, items: Sequence[ItemKey], subject: str = ""
) -> tuple[Supplier, tuple[Offer, ...], UUID]:
    """Ask as `fetch_offers` does, for a caller that keeps the answers itself.

    Returns:
        The supplier, the offers in the order asked for, and the conversation.
    """
    supplier = Supplier.objects.get(pk=supplier_id)
    fetch = require(supplier, Capability.FETCH_OFFERS)
    subject = subject or f"offers {supplier.slug}"
    with conversation(supplier, subject=subject) as talk:
        found: tuple[Offer, ...] = fetch(talk.client, items)
    # Some vendors name no currency; an account has one.
    offers = tuple(
        replace(offer, currency=offer.currency or supplier.currency) for offer in found
    )
    return supplier, offers, talk.id


@transaction.atomic
def pause_supplier(*, supplier_id: int, actor: User | None, reason: str = "") -> None:
    """Hold every order for this supplier in the queue; what is under way goes on.

    Args:
        reason: for the colleagues who wonder, 200 characters at most.
    """
    supplier = Supplier.objects.select_for_update().get(pk=supplier_id)
    _pause(supplier, actor, reason)
    supplier.save(update_fields=[*_PAUSE])
    _note(supplier, "paused", actor, supplier.pause_reason)


@transaction.atomic
def pause_all(*, reason: str) -> int:
    """Hold the orders of every supplier that is not paused yet; say how many."""
    rows = Supplier.objects.filter(is_paused=False).order_by("pk")
    ids = list(rows.values_list("pk", flat=True))
    for pk in ids:
        pause_supplier(supplier_id=pk, actor=None, reason=reason)
    return len(ids)


@transaction.atomic
def resume_supplier(*, supplier_id: int, actor: User | None) -> None:
    """Let the queue for this supplier drain again."""
    supplier = Supplier.objects.select_for_update().get(pk=supplier_id)
    _resume(supplier)
    supplier.save(update_fields=[*_PAUSE])
    _unblock(supplier)
    _note(supplier, "resumed", actor)
    wake_carriers()


@transaction.atomic
def try_supplier_now(*, supplier_id: int, actor: User | None) -> None:
    """End the wait of a supplier that is paused by itself or held for its account.

    What the supplier itself has asked for, that it isn't called for a while, stands.

    Raises:
        OperationNotAllowed: nothing holds it that a person could end.
    """
    supplier = Supplier.objects.get(pk=supplier_id)
    now = timezone.now()
    was_held = SupplierHealth.objects.filter(
        supplier=supplier, blocked_until__gt=now
    ).update(blocked_until=now)
    if not breaker.try_now(supplier) and not was_held:
        raise OperationNotAllowed(
            _("%(supplier)s is not waiting to be tried again.") % {"supplier": supplier}
        )
    _note(supplier, "tried", actor, "The wait was ended by hand.")
    wake_carriers()


_PAUSE = ("is_paused", "paused_at", "paused_by", "pause_reason")


def _pause(supplier: Supplier, actor: User | None, reason: str = "") -> None:
    supplier.is_paused = True
    supplier.paused_at = timezone.now()
    supplier.paused_by = actor
    supplier.pause_reason = " ".join(reason.split())[:200]


def _resume(supplier: Supplier) -> None:
    supplier.is_paused = False
    supplier.paused_at = supplier.paused_by = None
    supplier.pause_reason = ""


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
    shown = {name: getattr(supplier, name) for name in FIELDS if name not in _APART}
    return shown | {f"mapping.{key}": name for key, name in supplier.mapping.items()}


_APART = ("credentials", "mapping")


def _note(
    supplier: Supplier, kind: str, actor: User | None, text: str = "", **data: Any
) -> None:
    SupplierEvent.objects.create(
        supplier=supplier, kind=kind, actor=actor, text=text, data=data
    )


def _to_trail(
    supplier: Supplier, actor: User | None, mode: str, credentials: Sequence[str]
) -> None:
    """What auditors look for; all other changes stand in the supplier's own events."""
    if credentials:
        trail.record(
            "supplier.credentials",
            actor=actor,
            subject=supplier,
            subject_text=supplier.slug,
            details={"new": list(credentials)},
        )
    if mode != supplier.mode:
        trail.record(
            "supplier.mode",
            actor=actor,
            subject=supplier,
            subject_text=supplier.slug,
            details={"mode": [str(mode), str(supplier.mode)]},
        )


def _unblock(supplier: Supplier) -> None:
    SupplierHealth.objects.filter(supplier=supplier).update(blocked_until=None)


# --- the vendor's names -----------------------------------------------------------


@transaction.atomic
def change_names(
    *,
    supplier_id: int,
    actor: User | None,
    names: Mapping[str, str],
    version: int | None = None,
) -> Supplier:
    """Override some of the vendor's names; an empty one goes back to the table's.

    Raises:
        InvalidInput: a name won't do, each under `mapping.KEY`; nothing was changed.
        OperationNotAllowed: somebody else changed the supplier since `version`.
    """
    supplier = Supplier.objects.get(pk=supplier_id)
    table = {key: name.value for key, name in supplier.api.mapping.items()}
    wanted = {**supplier.mapping, **names}
    kept = {
        key: name for key, name in wanted.items() if name and name != table.get(key)
    }
    return change_supplier(
        supplier_id=supplier_id, actor=actor, data={"mapping": kept}, version=version
    )


def note_unknown_words(
    *, supplier: Supplier, words: Iterable[str], subject: str
) -> None:
    """Remember words of the vendor's that nobody has explained, for a person.

    Args:
        words: as keys of the mapping, `order_status.Foo`.
        subject: where it was seen, such as an order's number.
    """
    for key in words:
        row, is_new = UnknownWord.objects.get_or_create(
            supplier=supplier, key=key[:200], defaults={"subject": subject[:80]}
        )
        if not is_new:
            UnknownWord.objects.filter(pk=row.pk).update(
                times=F("times") + 1, last_seen_at=timezone.now(), subject=subject[:80]
            )


def _names_changed(supplier: Supplier) -> None:
    UnknownWord.objects.filter(
        supplier=supplier, key__in=list(supplier.mapping)
    ).delete()
    names_changed.send(sender=Supplier, supplier=supplier)

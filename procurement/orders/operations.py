"""Every write to purchase orders that a person or another system asks for.

Lock, refuse with a reason, write, record who. Whether it is the admin, REST or a
shell that asks makes no difference.
"""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _

from procurement import clock
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.money import price_text
from procurement.orders import entry, ledger, queries
from procurement.orders.models import OrderEvent, OrderNumber, PurchaseOrder
from procurement.orders.process import process
from procurement.orders.reaching import require_within_reach, with_shop_of_key
from procurement.orders.rules import (
    send_refusal_code,
    where_it_is,
    why_not_cancel,
    why_not_send,
    why_not_submit,
)
from procurement.orders.states import ENDED, Approval, Fulfilment, Sending
from procurement.suppliers import gateway
from procurement.suppliers.operations import require
from procurement.transmissions import operations as transmissions
from procurement.transmissions.models import (
    LIVE,
    Operation,
    State,
    Transmission,
    Urgency,
)
from vendors.contracts import Capability


def lock(order_id: int, *, actor: User | None = None) -> PurchaseOrder:
    """Lock an order for the rest of the transaction.

    Args:
        actor: the person who asks; None where the system goes on by itself.

    Raises:
        OperationNotAllowed: there is none that the person may see.
    """
    orders = PurchaseOrder.objects.select_for_update(of=("self",))
    return queries.within_reach(order_id, actor, orders.select_related("supplier"))


# --- entering and changing --------------------------------------------------------


@transaction.atomic
def create_order(
    *, actor: User, data: Mapping[str, Any], source: str = ""
) -> PurchaseOrder:
    """Enter an order as a draft; it has one line or more.

    Args:
        data: `entry.ORDER_FIELDS`, with `lines` a list of `entry.LINE_FIELDS`.
        source: the system that enters it; its `external_reference` is unique there.

    Raises:
        InvalidInput: a value won't do; every such field is named.
        OperationNotAllowed: there is an order with this external reference.
    """
    order = PurchaseOrder(buyer=actor, created_by=actor, source=source)
    data = with_shop_of_key(data, actor)
    lines = entry.read(order, data) or []
    require_within_reach(order, actor, data)
    order.total = entry.total_of(lines, order.currency)
    order.number = OrderNumber.take(clock.today())
    try:
        # A number that is not used in the end leaves a gap, which is allowed.
        with transaction.atomic():
            order.save()
    except IntegrityError:
        reference = order.external_reference
        if reference and _reference_taken(source, reference):
            raise reference_refusal(reference) from None
        raise
    entry.write_lines(order, lines, is_new=True)
    created = OrderEvent.objects.create(
        order=order,
        kind="created",
        actor=actor,
        actor_name=actor.get_username(),
        status=order.status,
        data={"source": source} if source else {},
    )
    ledger.tell([created])
    return order


def _reference_taken(source: str, reference: str) -> bool:
    return PurchaseOrder.objects.filter(
        source=source, external_reference=reference
    ).exists()


def reference_refusal(reference: str) -> OperationNotAllowed:
    return OperationNotAllowed(
        _("There is an order with the external reference %(reference)s already.")
        % {"reference": reference},
        code="external_reference_taken",
    )


@transaction.atomic
def change_order(
    *,
    order_id: int,
    actor: User,
    data: Mapping[str, Any],
    version: int | None = None,
) -> PurchaseOrder:
    """Change the given fields; `lines`, if given, replaces all of them.

    A change of what would be sent takes an approval, or the asking for one, away.

    Raises:
        InvalidInput: a value won't do; nothing was changed.
        OperationNotAllowed: on its way or sent, or changed since `version`.
    """
    order = lock(order_id, actor=actor)
    _require_version(order, version)
    if not order.is_changeable:
        raise OperationNotAllowed(
            _("%(order)s can't be changed any more: %(order_2)s.")
            % {"order": order, "order_2": where_it_is(order)},
            code="not_changeable",
        )
    hash_before, content_before = queries.content_hash(order), _snapshot(order)
    lines = entry.read(order, data)
    require_within_reach(order, actor, data)
    if lines is not None:
        order.total = entry.total_of(lines, order.currency)
        entry.write_lines(order, lines)
    elif "currency" in data:
        order.total = entry.total_of(list(order.lines.all()), order.currency)
    try:
        with transaction.atomic():
            order.save(update_fields=[*entry.COLUMNS, "total"])
    except IntegrityError:
        raise reference_refusal(order.external_reference) from None
    content_after = _snapshot(order)
    is_other_content = queries.content_hash(order) != hash_before
    if content_before["buyer"] != order.buyer_id:
        order.former_buyers.add(content_before["buyer"])
    if is_other_content:
        order.content_by = actor
    ledger.write(
        order,
        "changed",
        actor=actor,
        data={
            "changes": {
                name: [content_before[name], content_after[name]]
                for name in content_after
                if content_before[name] != content_after[name]
            }
        },
        content_by=order.content_by,
    )
    if is_other_content:
        _content_changed(order, actor=actor)
    elif content_after != content_before:
        void_if_objected(order, actor=actor)
    return order


def _snapshot(order: PurchaseOrder) -> dict[str, Any]:
    """What a person may change of an order, as plain values to compare."""
    return {
        **queries.order_request(order).to_json(),
        "supplier": order.supplier.slug,
        "shop": order.shop_id,
        "customer": order.customer_id,
        "external_reference": order.external_reference,
        "buyer": order.buyer_id,
    }


def _content_changed(order: PurchaseOrder, *, actor: User | None) -> None:
    """Take approval away, and forget a refusal of the content that was."""
    if order.transmission in (Sending.REFUSED, Sending.FAILED):
        ledger.write(
            order,
            "reopened",
            actor=actor,
            text="Changed after the supplier did not take it; it can be sent again.",
            transmission=Sending.NONE,
            attention="",
        )
    if order.approval in (Approval.APPROVED, Approval.PENDING):
        void_approval(order, actor=actor, text="The content was changed.")


def void_approval(order: PurchaseOrder, *, actor: User | None, text: str) -> None:
    """Take an approval, or the asking for one, away from a locked order."""
    was = order.get_approval_display().lower()
    ledger.write(
        order,
        "approval_void",
        actor=actor,
        text=f"{text} It was {was} and needs approval again.",
        approval=Approval.DRAFT,
        asked_hash="",
        approved_hash="",
        approved_at=None,
    )
    process().voided(order)


def void_if_objected(order: PurchaseOrder, *, actor: User | None) -> None:
    """Take away from a locked order what no longer suffices for what it is now."""
    if order.approval not in (Approval.APPROVED, Approval.PENDING):
        return
    if why := process().objection(order):
        void_approval(order, actor=actor, text=why)


# --- approval, the buyer's side ---------------------------------------------------


@transaction.atomic
def submit_order(*, order_id: int, actor: User) -> PurchaseOrder:
    """Ask for approval of what the order says now; a rule may give it at once.

    Raises:
        OperationNotAllowed: asked for or given already, rejected, or cancelled; or
            there is nobody who could approve it.
    """
    order = lock(order_id, actor=actor)
    if reason := why_not_submit(order):
        raise OperationNotAllowed(reason)
    prefetch_related_objects([order], "lines")
    ledger.write(
        order,
        "submitted",
        actor=actor,
        data={
            "total": price_text(order.total, order.currency),
            "currency": order.currency,
        },
        approval=Approval.PENDING,
        asked_hash=queries.content_hash(order),
        submitted_at=timezone.now(),
    )
    _forget_buyers_before(order, actor)
    process().asked(order, actor)
    return order


def _forget_buyers_before(order: PurchaseOrder, actor: User) -> None:
    """Who handed an order on may approve it once somebody else has asked for that."""
    former = PurchaseOrder.former_buyers.through.objects.filter(purchaseorder=order)
    former.exclude(user=actor).delete()


# --- forgetting who it was for ----------------------------------------------------


@transaction.atomic
def empty_order(*, order_id: int, actor: User | None) -> bool:
    """Take where it went, and the note, from an order that has ended; False otherwise.

    The hashes of what was asked for and approved stay as they are: they bind to what
    the order said then, and nothing of it is sent any more.
    """
    order = lock(order_id)
    if order.status not in ENDED:
        return False
    kept = "delivery_country_code"
    columns = [name for name in (*entry.ADDRESS_COLUMNS, "note") if name != kept]
    filled: dict[str, Any] = {name: "" for name in columns if getattr(order, name)}
    if filled:
        text = "Where it went was erased. What was approved is bound to what it said."
        ledger.write(order, "erased", actor=actor, text=text, **filled)
    return True


# --- sending ----------------------------------------------------------------------


def send_order(*, order_id: int, actor: User) -> Transmission:
    """Ask for an approved order to be sent; a worker carries it to the supplier.

    Raises:
        OperationNotAllowed: not approved, changed since, on its way or sent
            before, or the supplier could not take it as it is.
    """
    with transaction.atomic():
        order = lock(order_id, actor=actor)
        if reason := why_not_send(order):
            raise OperationNotAllowed(reason, code=send_refusal_code(order))
        is_as_approved = queries.content_hash(order) == order.approved_hash
        if is_as_approved:
            return _ask_to_send(order, actor)
        # This has to stand although the call is refused, so it is raised outside.
        void_approval(
            order, actor=None, text="The content is not what was approved any more."
        )
    raise OperationNotAllowed(
        _("%(order)s was changed after its approval and needs approval again.")
        % {"order": order},
        code="changed_since_approval",
    )


def _ask_to_send(order: PurchaseOrder, actor: User) -> Transmission:
    request = queries.order_request(order)
    account = gateway.account_of(order.supplier)
    if objections := order.supplier.api.objections(account, request):
        raise OperationNotAllowed(" ".join(objections), code="supplier_objects")
    try:
        with transaction.atomic():
            asked = transmissions.ask_for(
                supplier=order.supplier,
                operation=Operation.PLACE_ORDER,
                subject=order.number,
                reference=order.number,
                is_test=order.is_test,
                request=request.to_json(),
                content_hash=order.approved_hash,
                actor=actor,
                urgency=queries.urgency_of(order),
            )
    except IntegrityError:
        # The lock makes this impossible; the constraint stands behind the lock.
        raise OperationNotAllowed(
            _("%(order)s is on its way or was sent before.") % {"order": order},
            code="already_sent",
        ) from None
    ledger.write(
        order,
        "sending_asked",
        actor=actor,
        carrier=asked,
        transmission=Sending.QUEUED,
        attention="",
    )
    return asked


# --- cancelling -------------------------------------------------------------------


@transaction.atomic
def cancel_order(*, order_id: int, actor: User, reason: str = "") -> PurchaseOrder:
    """Cancel an order: here, or at the supplier where it has it already.

    What the supplier has is cancelled by a transmission, and only once it agrees.

    Raises:
        OperationNotAllowed: on its way, unknown, or too late; the text says what
            can be done instead.
    """
    order = lock(order_id, actor=actor)
    if refusal := why_not_cancel(order):
        raise OperationNotAllowed(refusal, code="not_cancellable")
    if order.transmission == Sending.SENT:
        _ask_to_cancel(order, actor, reason)
        return order
    if order.transmission == Sending.QUEUED:
        queued = Transmission.objects.get(
            operation=Operation.PLACE_ORDER, subject=order.number, state__in=LIVE
        )
        if not transmissions.withdraw(
            transmission_id=queued.pk, reason=reason or "Cancelled."
        ):
            raise OperationNotAllowed(
                _("%(order)s is being sent at this moment. Wait for the answer.")
                % {"order": order},
                code="not_cancellable",
            )
    order.lines.update(fulfilment=Fulfilment.CANCELLED)
    ledger.write(
        order,
        "cancelled",
        actor=actor,
        text=reason,
        transmission=Sending.NONE,
        fulfilment=Fulfilment.CANCELLED,
        attention="",
    )
    return order


def _ask_to_cancel(order: PurchaseOrder, actor: User, reason: str) -> None:
    require(order.supplier, Capability.CANCEL_ORDER)
    running = Transmission.objects.filter(
        operation=Operation.CANCEL_ORDER, subject=order.number, state__in=LIVE
    )
    if running.exists():
        raise OperationNotAllowed(
            _("%(order)s is being cancelled at the supplier.") % {"order": order}
        )
    asked = transmissions.ask_for(
        supplier=order.supplier,
        operation=Operation.CANCEL_ORDER,
        subject=order.number,
        reference=order.number,
        is_test=order.is_test,
        request={"number": order.supplier_order_number},
        content_hash="",
        actor=actor,
        urgency=Urgency.AT_ONCE,
    )
    ledger.write(order, "cancelling_asked", actor=actor, text=reason, carrier=asked)


# --- settling ---------------------------------------------------------------------


@transaction.atomic
def resolve_order(
    *,
    order_id: int,
    actor: User,
    outcome: str,
    supplier_order_number: str = "",
    evidence: str = "",
) -> PurchaseOrder:
    """Record what a person found out about an order whose outcome is unknown.

    Args:
        outcome: `placed` (the supplier has it) or `not_placed` (it may be sent
            again, with the same reference).

    Raises:
        InvalidInput: `outcome` is neither, or there is no evidence.
        OperationNotAllowed: its outcome is not unknown.
    """
    if outcome not in ("placed", "not_placed"):
        raise InvalidInput({"outcome": _("Choose placed or not_placed.")})
    if not evidence.strip():
        raise InvalidInput(
            {
                "evidence": _(
                    "Say how it was found out: whom you asked, where you looked."
                )
            }
        )
    order = lock(order_id, actor=actor)
    unknown = unknown_transmission(order)
    if unknown is None:
        raise OperationNotAllowed(
            _("The outcome of %(order)s is not unknown: %(order_2)s.")
            % {"order": order, "order_2": where_it_is(order)},
            code="not_unknown",
        )
    transmissions.settle_unknown(
        transmission_id=unknown.pk,
        actor=actor,
        has_landed=outcome == "placed",
        number=supplier_order_number.strip(),
        evidence=evidence.strip(),
    )
    order.refresh_from_db()
    return order


def unknown_transmission(order: PurchaseOrder) -> Transmission | None:
    """The one whose outcome nobody knows: placing the order, or cancelling it."""
    return Transmission.objects.filter(
        subject=order.number, state=State.UNKNOWN
    ).first()


@transaction.atomic
def dismiss_attention(*, order_id: int, actor: User, note: str) -> PurchaseOrder:
    """Take the attention flag off an order, saying what was done about it.

    Raises:
        InvalidInput: nothing was said.
        OperationNotAllowed: there is none, or the outcome is still unknown.
    """
    order = lock(order_id, actor=actor)
    if not note.strip():
        raise InvalidInput({"note": _("Say what was done about it.")})
    if not order.attention:
        raise OperationNotAllowed(_("%(order)s needs no attention.") % {"order": order})
    if order.transmission not in (Sending.NONE, Sending.SENT):
        raise OperationNotAllowed(
            _(
                "%(order)s is %(get_transmission_display)s; that has to be "
                "settled, not dismissed."
            )
            % {
                "order": order,
                "get_transmission_display": order.get_transmission_display().lower(),
            }
        )
    ledger.write(order, "attention_dismissed", actor=actor, text=note, attention="")
    return order


def _require_version(order: PurchaseOrder, version: int | None) -> None:
    if version is not None and version != order.version:
        raise OperationNotAllowed(
            _(
                "%(order)s was changed meanwhile. Load it again and look "
                "before you repeat."
            )
            % {"order": order},
            code="version_conflict",
        )

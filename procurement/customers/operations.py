"""Every write to customers that a person or another system asks for."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from procurement.addresses import FIELDS as ADDRESS_FIELDS
from procurement.customers import finding, ledger, queries, rules
from procurement.customers.models import (
    NUMBER_LENGTH,
    Customer,
    CustomerLink,
    LinkedBy,
    LinkState,
)
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.parties import changes_between, fill, require_version, snapshot
from procurement.scoping import scoped
from procurement.suppliers import gateway
from procurement.suppliers.conversations import conversation
from procurement.suppliers.models import Supplier
from procurement.transmissions import operations as transmissions
from procurement.transmissions.models import (
    Operation,
    State,
    Transmission,
    Urgency,
)

EVIDENCE = "Say how it was found out: whom you asked, where you looked."
FIELDS = ("name", "organization_number", "email", "phone", "external_reference")


def lock(
    customer_id: int, actor: User | None, *, even_erased: bool = False
) -> Customer:
    """Lock a customer, and with it its links, for the rest of the transaction.

    Raises:
        OperationNotAllowed: there is none that the person may see, or its personal
            data was erased.
    """
    rows = Customer.objects.select_for_update()
    seen = rows if actor is None else scoped(rows, actor)
    customer = next(iter(seen.filter(pk=customer_id)), None)
    if customer is None:
        raise OperationNotAllowed(
            _("There is no such customer."), code="no_such_customer"
        )
    if customer.erased_at and not even_erased:
        raise OperationNotAllowed(
            _("The personal data of this customer was erased. Enter it anew."),
            code="erased",
        )
    return customer


# --- entering and changing --------------------------------------------------------


@transaction.atomic
def create_customer(*, actor: User | None, data: Mapping[str, Any]) -> Customer:
    """Enter a customer; no supplier hears of it.

    Args:
        data: `FIELDS`, and `address` with `parties.ADDRESS_FIELDS`.

    Raises:
        InvalidInput: a value won't do; every such field is named.
    """
    customer = Customer()
    fill(customer, data, FIELDS)
    customer.save()
    # By it the key's customers are found again before anything was ordered for them.
    key_shop_id = getattr(actor, "key_shop_id", None)
    data = {} if key_shop_id is None else {"shop": key_shop_id}
    ledger.note(customer, "created", actor=actor, data=data)
    return customer


@transaction.atomic
def change_customer(
    *,
    customer_id: int,
    actor: User | None,
    data: Mapping[str, Any],
    version: int | None = None,
) -> Customer:
    """Change the given fields here; no supplier hears of it.

    Raises:
        InvalidInput: a value won't do; nothing was changed.
        OperationNotAllowed: changed by somebody else since `version`.
    """
    customer = lock(customer_id, actor)
    require_version(customer, version)
    before = snapshot(customer, FIELDS)
    fill(customer, data, FIELDS)
    changes = changes_between(before, snapshot(customer, FIELDS))
    if changes:
        customer.version += 1
        customer.save()
        ledger.note(customer, "changed", actor=actor, data={"changes": changes})
    return customer


@transaction.atomic
def empty_customer(*, customer_id: int, actor: User | None) -> Customer:
    """Take who it is from a customer, for good; what was bought for it stays.

    Its numbers at suppliers are taken off; no supplier hears of it. What else names it
    is for `persons` to find.
    """
    customer = lock(customer_id, actor, even_erased=True)
    for link in customer.links.select_related("supplier"):
        link.state, link.number, link.linked_by = LinkState.NONE, "", ""
        link.linked_at = link.linked_by_person = None
        link.attention = ""
        link.save()
    for name in (*FIELDS, *ADDRESS_FIELDS):
        if name != "country_code":
            setattr(customer, name, "")
    customer.name = f"Erased customer {customer.pk}"
    customer.erased_at = timezone.now()
    customer.version += 1
    customer.save()
    ledger.note(customer, "erased", actor=actor)
    return customer


# --- at a supplier ----------------------------------------------------------------


def link_customer(
    *,
    customer_id: int,
    supplier_id: int,
    actor: User,
    create: bool = False,
    number: str = "",
    version: int | None = None,
) -> CustomerLink:
    """Find a customer at a supplier and link it; create it there if that is wanted.

    The supplier is asked now, while the person waits. Creating is only asked for
    here; a worker carries it there.

    Args:
        number: of the one that is meant, where several may be.
        version: of the customer, as the person saw it.

    Raises:
        OperationNotAllowed: linked or on its way already, several were found, none
            was and none is to be created, or the vendor can't do it.
        VendorError: it was asked and did not answer.
    """
    number = _entered_number(number)
    with transaction.atomic():
        customer = lock(customer_id, actor)
    require_version(customer, version)
    link = queries.link_of(customer, Supplier.objects.get(pk=supplier_id))
    if reason := rules.why_not_find(link):
        raise OperationNotAllowed(reason, code=_code(link))
    with conversation(link.supplier, subject=link.reference) as talk:
        hits = finding.search(talk, link, number=number)
    hit = finding.only_one(link, hits, number=number)
    if hit is not None:
        return _link_to(link, hit.number, actor, version=customer.version, talk=talk.id)
    if not create or number:
        raise _not_there(link, number)
    return _ask_to_create(link, actor, version=customer.version)


def _not_there(link: CustomerLink, number: str) -> OperationNotAllowed:
    customer, supplier = link.customer, link.supplier
    if number:
        sought = f"the number {number}"
    elif queries.bare(customer.organization_number):
        sought = f"the organization number {customer.organization_number}"
    else:
        sought = f"the name {customer.name}"
    can_create = not rules.why_not_create(link)
    remedy = "Create it there" if can_create else "Have it made there"
    return OperationNotAllowed(
        _(
            "%(supplier)s has no customer with %(sought)s. %(remedy)s, or "
            "record its number."
        )
        % {"supplier": supplier, "sought": sought, "remedy": remedy},
        code="not_found_there",
    )


@transaction.atomic
def _link_to(
    link: CustomerLink, number: str, actor: User, *, version: int, talk: UUID
) -> CustomerLink:
    link = _locked(link.customer_id, link.supplier_id, actor, version)
    if reason := rules.why_not_find(link):
        raise OperationNotAllowed(reason, code=_code(link))
    was_created = link.state == LinkState.CREATED_WITHOUT_NUMBER
    ledger.write(
        link,
        "linked",
        actor=actor,
        text=f"Found there; its number is {number}.",
        conversation=talk,
        state=LinkState.LINKED,
        number=number,
        linked_by=LinkedBy.CREATED if was_created else LinkedBy.FOUND,
        linked_at=timezone.now(),
        linked_by_person=actor,
        attention="",
    )
    return link


@transaction.atomic
def _ask_to_create(link: CustomerLink, actor: User, *, version: int) -> CustomerLink:
    link = _locked(link.customer_id, link.supplier_id, actor, version)
    if reason := rules.why_not_create(link):
        raise OperationNotAllowed(reason, code=_code(link))
    supplier, register = link.supplier, queries.register_of(link.supplier)
    request = queries.customer_request(link)
    account = gateway.account_of(supplier)
    if register and (objections := register.objections(account, request)):
        raise OperationNotAllowed(" ".join(objections), code="supplier_objects")
    try:
        with transaction.atomic():
            asked = transmissions.ask_for(
                supplier=supplier,
                operation=Operation.CREATE_CUSTOMER,
                subject=link.subject,
                reference=link.reference,
                is_test=not supplier.is_live,
                request=queries.to_json(request),
                content_hash=queries.content_hash(link),
                actor=actor,
                urgency=Urgency.WHEN_IDLE,
            )
    except IntegrityError:
        # It was settled as created once, or the constraint stood in for the lock.
        raise OperationNotAllowed(
            _("%(link)s was created before, or is being created.") % {"link": link},
            code="already_there",
        ) from None
    ledger.write(
        link,
        "creating_asked",
        actor=actor,
        carrier=asked,
        state=LinkState.QUEUED,
        attention="",
    )
    return link


def _locked(
    customer_id: int, supplier_id: int, actor: User, version: int | None = None
) -> CustomerLink:
    customer = lock(customer_id, actor)
    require_version(customer, version)
    return queries.link_of(customer, Supplier.objects.get(pk=supplier_id))


def _code(link: CustomerLink) -> str:
    is_taken = link.state in (*rules.UNDER_WAY, LinkState.LINKED)
    return "already_there" if is_taken else "not_offered"


# --- by hand ----------------------------------------------------------------------


@transaction.atomic
def record_number(
    *,
    customer_id: int,
    supplier_id: int,
    actor: User,
    number: str,
    evidence: str,
    version: int | None = None,
) -> CustomerLink:
    """Record the number a customer has at a supplier, as a person found it out.

    Raises:
        InvalidInput: no number, or nothing is said about how it was found out.
        OperationNotAllowed: it has one, or creating it is under way or unknown.
    """
    number, evidence = _entered_number(number), _entered(evidence, "evidence")
    if not number:
        raise InvalidInput({"number": _("Give the number it has at the supplier.")})
    link = _locked(customer_id, supplier_id, actor, version)
    if reason := rules.why_not_record(link):
        raise OperationNotAllowed(reason, code=_code(link))
    ledger.write(
        link,
        "number_recorded",
        actor=actor,
        text=evidence,
        data={"changes": {"number": ["", number]}},
        state=LinkState.LINKED,
        number=number,
        linked_by=LinkedBy.BY_HAND,
        linked_at=timezone.now(),
        linked_by_person=actor,
        attention="",
    )
    return link


@transaction.atomic
def unlink_customer(
    *, customer_id: int, supplier_id: int, actor: User, reason: str
) -> CustomerLink:
    """Take a customer's number at a supplier off; the supplier hears nothing of it.

    Raises:
        InvalidInput: no reason is given.
        OperationNotAllowed: it is not linked.
    """
    reason = _entered(reason, "reason", "Say why it is taken off.")
    link = _locked(customer_id, supplier_id, actor)
    if refusal := rules.why_not_unlink(link):
        raise OperationNotAllowed(refusal, code="not_linked")
    ledger.write(
        link,
        "unlinked",
        actor=actor,
        text=reason,
        data={"changes": {"number": [link.number, ""]}},
        state=LinkState.NONE,
        number="",
        linked_by="",
        linked_at=None,
        linked_by_person=None,
    )
    return link


@transaction.atomic
def resolve_customer(
    *,
    customer_id: int,
    supplier_id: int,
    actor: User,
    outcome: str,
    number: str = "",
    evidence: str = "",
) -> CustomerLink:
    """Record what a person found out about an unknown outcome of creating it.

    Args:
        outcome: `done` (the supplier has it) or `not_done` (it may be asked again).
        number: where the supplier has it and told one.

    Raises:
        InvalidInput: `outcome` is neither, or there is no evidence.
        OperationNotAllowed: the outcome is not unknown.
    """
    if outcome not in ("done", "not_done"):
        raise InvalidInput({"outcome": _("Choose done or not_done.")})
    number, evidence = _entered_number(number), _entered(evidence, "evidence")
    link = _locked(customer_id, supplier_id, actor)
    unknown = Transmission.objects.filter(
        operation=Operation.CREATE_CUSTOMER, subject=link.subject, state=State.UNKNOWN
    ).first()
    if unknown is None:
        raise OperationNotAllowed(
            _("No outcome is unknown for %(link)s.") % {"link": link},
            code="not_unknown",
        )
    transmissions.settle_unknown(
        transmission_id=unknown.pk,
        actor=actor,
        has_landed=outcome == "done",
        number=number,
        evidence=evidence,
    )
    link.refresh_from_db()
    return link


def _entered_number(text: str) -> str:
    text = text.strip()
    # Transmissions keep it too, in a column of 80.
    longest = min(NUMBER_LENGTH, 80)
    if len(text) > longest or not text.isprintable():
        raise InvalidInput(
            {
                "number": _("Give at most %(longest)s characters, all in one line.")
                % {"longest": longest}
            }
        )
    return text


def _entered(text: str, field: str, remedy: str = EVIDENCE) -> str:
    if not text.strip():
        raise InvalidInput({field: remedy})
    return text.strip()

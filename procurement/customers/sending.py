"""What customers have to say about their transmissions: creating one."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

from django.utils import timezone

from procurement.customers import finding, ledger, queries, rules
from procurement.customers.models import Customer, CustomerLink, LinkedBy, LinkState
from procurement.transmissions.handlers import Found, News, OneByOne
from procurement.transmissions.models import Operation, Transmission
from vendors.contracts import Accepted, CustomerQuery, CustomerRequest, NotOffered
from vendors.errors import Kind, Refused, VendorError
from vendors.http import VendorClient

Call = Callable[[VendorClient, CustomerRequest], Accepted]


def _locked(subject: str) -> CustomerLink:
    customer_id = CustomerLink.objects.values_list("customer_id").get(subject=subject)
    customer = Customer.objects.select_for_update().get(pk=customer_id[0])
    link = CustomerLink.objects.select_related("supplier").get(subject=subject)
    link.customer = customer
    return link


def _link(transmission: Transmission) -> CustomerLink:
    return CustomerLink.objects.select_related("supplier", "customer").get(
        subject=transmission.subject
    )


class CreateCustomer(OneByOne):
    """Creating a customer: its link follows every step."""

    operation: str = Operation.CREATE_CUSTOMER

    def lock(self, subject: str) -> None:
        _locked(subject)

    def objection(self, transmission: Transmission) -> str:
        link = _locked(transmission.subject)
        if rules.was_created(link):
            return "The supplier accepted an earlier try after all. Find it there."
        if queries.content_hash(link) != transmission.content_hash:
            return (
                "The customer, or the mode of the supplier, was changed after this was "
                "asked for. Look at it and ask again."
            )
        return ""

    def prepare(
        self, client: VendorClient, transmission: Transmission
    ) -> Mapping[str, Any] | None:
        return None

    def perform(self, client: VendorClient, transmission: Transmission) -> Accepted:
        """Create it, unless somebody did meanwhile; find the number if none came."""
        link = _link(transmission)
        request = queries.request_from_json(transmission.request)
        query = _query(transmission)
        if query and (hits := finding.find(client, link, query)):
            numbers = ", ".join(hit.number for hit in hits)
            raise Refused(
                f"The supplier has it by now: {numbers}. Find and link it instead.",
                kind=Kind.GUARD,
            )
        register = queries.register_of(link.supplier)
        create = cast(Call, register.create if register else None)
        accepted = create(client, request)
        if accepted.number or query is None:
            return accepted
        return _with_number(accepted, client, link, query)

    def can_look_up(self, transmission: Transmission) -> bool:
        register = queries.register_of(transmission.supplier)
        is_offered = register is not None and not isinstance(register.find, NotOffered)
        return is_offered and _query(transmission) is not None

    def look_up(
        self, client: VendorClient, transmission: Transmission
    ) -> tuple[Found, ...]:
        query = _query(transmission)
        if query is None:
            return ()
        return tuple(
            Found(hit.number, "Found at the supplier by its organization number.")
            for hit in finding.find(client, _link(transmission), query)
        )

    def tell(self, transmission: Transmission, news: News) -> None:
        link = _locked(transmission.subject)
        changes: dict[str, Any] = {}
        if news.kind in _STATES:
            changes["state"] = _STATES[news.kind]
        if news.kind in ("sent", "released", "not_sent"):
            changes["attention"] = ""
        if news.needs_person:
            changes["attention"] = news.text
        if news.accepted and news.kind == "sent":
            changes |= _created(transmission, news.accepted)
        is_taken = news.kind == "late_answer" and news.needs_person
        if is_taken or (news.kind == "withdrawn" and rules.was_created(link)):
            changes |= _created_after_all(link)
        attempt = transmission.attempts.last()
        says = news.kind in ("refused", "not_sent", "failed", "unknown")
        note = news.accepted.note if news.accepted and news.kind == "sent" else ""
        ledger.write(
            link,
            "late_answer" if news.kind == "late_answer" else f"creating_{news.kind}",
            # A person settles; whatever comes after that comes by itself.
            actor=transmission.settled_by if news.kind in _ENDINGS else news.actor,
            text=f"{news.text} {note}".strip(),
            data={"vendor_text": transmission.vendor_text} if says else {},
            carrier=transmission,
            conversation=attempt.conversation if attempt else None,
            **changes,
        )


def _query(transmission: Transmission) -> CustomerQuery | None:
    """What it is looked up by; None where it has nothing sure to be known by."""
    number = transmission.request["organization_number"]
    return CustomerQuery(organization_number=number) if queries.bare(number) else None


def _with_number(
    accepted: Accepted, client: VendorClient, link: CustomerLink, query: CustomerQuery
) -> Accepted:
    """Look for the number that the answer did not tell; failing that is no failure."""
    try:
        hits = finding.find(client, link, query)
    except VendorError as error:
        return _noted(accepted, f"Its number could not be looked up: {error.text}")
    if len(hits) != 1:
        text = f"By its organization number, {len(hits)} were found."
        return _noted(accepted, text)
    found = replace(accepted, number=hits[0].number)
    return _noted(found, "Its number was found by its organization number.")


def _noted(accepted: Accepted, text: str) -> Accepted:
    return replace(accepted, note=f"{accepted.note} {text}".strip())


def _created(transmission: Transmission, accepted: Accepted) -> dict[str, Any]:
    if not accepted.number:
        return {
            "state": LinkState.CREATED_WITHOUT_NUMBER,
            "attention": "It was created, and its number is not known. Find it, or ask "
            f"the supplier and record it. {accepted.note}".strip(),
        }
    return {
        "state": LinkState.LINKED,
        "number": accepted.number,
        "linked_by": LinkedBy.CREATED,
        "linked_at": timezone.now(),
        "linked_by_person": transmission.settled_by or transmission.asked_by,
    }


def _created_after_all(link: CustomerLink) -> dict[str, Any]:
    """The supplier took what was settled as not there: it is not created again."""
    if link.state == LinkState.LINKED:
        return {}
    return {"state": LinkState.CREATED_WITHOUT_NUMBER}


_ENDINGS = ("sent", "released")
_STATES = {
    "sending": LinkState.SENDING,
    "not_sent": LinkState.QUEUED,
    "refused": LinkState.REFUSED,
    "failed": LinkState.FAILED,
    "unknown": LinkState.UNKNOWN,
    "withdrawn": LinkState.NONE,
    "released": LinkState.NONE,
}

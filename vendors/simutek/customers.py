"""Simutek customers: read, find, create; in the supplier's own register.

Source: Simutek's page "API". The filters of the list are described there and not
named, and a filter GKS does not know is ignored: then the whole register comes back.
So every entry is compared with what was looked for, here and not there.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from vendors import reading
from vendors.contracts import (
    Accepted,
    Account,
    CustomerQuery,
    CustomerRequest,
    VendorCustomer,
)
from vendors.errors import Kind, NotSent, Refused
from vendors.http import VendorClient
from vendors.options import read_option
from vendors.simutek.addresses import from_payload, to_payload
from vendors.simutek.settings import OPTIONS

PAGE_SIZE = 100
_MOST_PAGES = 100
NO_LIST = (404, 405)
"""Statuses of an older GKS, which has no list of customers."""

# Written with spaces, no-break spaces and all sorts of dashes.
_BLANKS_AND_DASHES = re.compile(r"[\s\u2010-\u2015\u2212-]+")

CREATION_IS_OFF = (
    "Creating a customer writes into the supplier's own register. Agree on it with the "
    "supplier, then tick “Customers may be created” in its options."
)


# --- read ---------------------------------------------------------------------


def read(client: VendorClient, number: str) -> VendorCustomer:
    """Return one customer by its number in the supplier's register.

    Raises:
        Refused: NOT_FOUND if there is no such customer.
        NotSent: it could not be read.
    """
    return to_customer(client, read_raw(client, number), number)


def read_raw(client: VendorClient, number: str) -> Any:
    """Return the answer to the call that reads one customer; raises as `read`."""
    try:
        return client.ask(
            "GET",
            client.path("path.customer", number=number.strip()),
            purpose="read_customer",
        )
    except Refused as refusal:
        if refusal.kind is not Kind.NOT_FOUND:
            raise
        raise Refused(
            f"{client.account.supplier}: there is no customer {number!r} (HTTP "
            f"{refusal.status}). If the number is right, the address leads elsewhere.",
            kind=Kind.NOT_FOUND,
            status=refusal.status,
            vendor_text=refusal.vendor_text,
        ) from None


def to_customer(client: VendorClient, answer: Any, number: str) -> VendorCustomer:
    """Return the customer in an answer.

    Raises:
        NotSent: it is not the one asked for.
    """
    found = _customer(answer, client.mapping)
    if found.number != number.strip():
        raise client.unreadable(
            f"asked for customer {number!r}, the answer is about {found.number!r}."
        )
    return found


def _customer(entry: Any, names: Mapping[str, str]) -> VendorCustomer:
    def text(key: str) -> str:
        return reading.text(reading.member(entry, names[key]))

    name = text("customer.name")
    address = reading.member(entry, names["customer.address"])
    return VendorCustomer(
        number=text("customer.number"),
        name=name,
        organization_number=text("customer.organization_number"),
        email=text("customer.email"),
        address=from_payload(address, names, name=name),
    )


# --- find ---------------------------------------------------------------------


def find(client: VendorClient, query: CustomerQuery) -> tuple[VendorCustomer, ...]:
    """Return every customer that has all that is asked for; the list's three members.

    Number and name have to be equal, the organisation number apart from spaces and
    dashes.

    Raises:
        Refused: nothing is asked for, or this installation has no list.
        NotSent: it can't be told; those found may not be all.
    """
    names = client.mapping
    asked_for = {
        names["query.number"]: query.number.strip(),
        names["query.name"]: query.name.strip(),
        names["query.organization_number"]: query.organization_number.strip(),
    }
    filters = {name: value for name, value in asked_for.items() if value}
    if not filters:
        raise Refused("Nothing to look a customer up by.", kind=Kind.GUARD)
    try:
        listed = [_customer(entry, names) for entry in _entries(client, filters)]
    except Refused as refusal:
        if refusal.status not in NO_LIST:
            raise
        listed = _without_list(client, query)
    found = [customer for customer in listed if _matches(customer, query)]
    if any(not customer.number for customer in found):
        raise client.unreadable("a customer is listed without its number.")
    # An entry that moves between two pages is seen on both.
    return tuple({customer.number: customer for customer in found}.values())


def _matches(customer: VendorCustomer, query: CustomerQuery) -> bool:
    sought = bare(query.organization_number)
    return (
        (not query.number.strip() or customer.number == query.number.strip())
        and (not query.name.strip() or customer.name == query.name.strip())
        and (not sought or bare(customer.organization_number) == sought)
    )


def bare(organization_number: str) -> str:
    """Return an organisation number without spaces and dashes."""
    return _BLANKS_AND_DASHES.sub("", organization_number)


def _without_list(client: VendorClient, query: CustomerQuery) -> list[VendorCustomer]:
    """Look a customer up where GKS is too old for the list: by number alone."""
    if not query.number.strip():
        raise Refused(
            f"{client.account.supplier}: this GKS has no list of customers, as older "
            "ones don't. Ask the supplier for the customer number and look it up by "
            "that.",
            kind=Kind.NOT_ALLOWED,
        )
    try:
        return [read(client, query.number.strip())]
    except Refused as refusal:
        if refusal.kind is Kind.NOT_FOUND:
            return []
        raise


def _entries(client: VendorClient, filters: Mapping[str, str]) -> Iterator[Any]:
    """Yield the entries of all pages.

    Raises:
        NotSent: the list could not be read to its end, which proves no absence.
    """
    seen = 0
    before: list[Any] = []
    for page in range(1, _MOST_PAGES + 1):
        answer = fetch_page(client, filters, page=page, limit=PAGE_SIZE)
        entries = page_entries(client, answer)
        total = reading.whole(reading.member(answer, client.mapping["list.total"]))
        if not entries:
            return
        if entries == before:
            if total is None:
                return
            raise client.unreadable(
                f"page {page} of the customers repeats the one before, and {total} "
                "are said to be there. The name “query.page” may be wrong."
            )
        yield from entries
        seen += len(entries)
        if total is not None and seen >= total:
            return
        before = entries
    raise client.unreadable(
        "more customers are listed than can be looked through. The names of the "
        "filters (“query.…”) may be wrong, and be ignored."
    )


def fetch_page(
    client: VendorClient, filters: Mapping[str, str], *, page: int, limit: int
) -> Any:
    """Return the answer for one page of the list; `page` from 1, `limit` up to 100."""
    names = client.mapping
    paging = {names["query.page"]: str(page), names["query.limit"]: str(limit)}
    return client.ask(
        "GET",
        client.path("path.customers"),
        purpose="find_customers",
        params={**filters, **paging},
    )


def page_entries(client: VendorClient, answer: Any) -> list[Any]:
    """Return the entries of one page; odd ones stay in it, for they count."""
    listed = answer
    if isinstance(answer, dict):
        listed = reading.member(answer, client.mapping["list.customers"])
    if not isinstance(listed, list):
        raise client.unreadable("the answer holds no list of customers.")
    return listed


# --- create -------------------------------------------------------------------


def objections(account: Account, request: CustomerRequest) -> tuple[str, ...]:
    """Return what stands against creating this customer; nothing is called."""
    return tuple(_objections(account, request))


def _objections(account: Account, request: CustomerRequest) -> Iterator[str]:
    try:
        is_allowed = read_option(OPTIONS, account.options, "allow_customer_creation")
    except NotSent as error:
        yield error.text
        return
    if not is_allowed:
        yield CREATION_IS_OFF
    if not request.name.strip():
        yield "GKS demands a name of a customer."
    if not bare(request.organization_number):
        yield "GKS demands an organisation number of a customer."


def create(client: VendorClient, request: CustomerRequest) -> Accepted:
    """Create one customer; GKS gives it a number and does not tell it as a rule.

    Look it up by its organisation number afterwards.

    Raises:
        Refused: the data won't do; nothing was created.
        NotSent: GKS never got it; it may be sent again.
        OutcomeUnknown: it may be there; look it up by its organisation number.
    """
    if found := objections(client.account, request):
        raise Refused(" ".join(found), kind=Kind.GUARD)
    names = client.mapping
    answer = client.act(
        "POST",
        client.path("path.customers"),
        purpose="create_customer",
        json=to_body(request, names),
        allows_empty=True,
    )
    number = reading.text(reading.member(answer, names["customer.number"]))
    return Accepted(number=number or None, raw=answer)


def to_body(request: CustomerRequest, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the body of a create; number and e-mail have to be there, even as null."""
    body: dict[str, Any] = {
        names["customer.name"]: request.name.strip(),
        names["customer.number"]: None,
        names["customer.email"]: request.email.strip() or None,
        names["customer.organization_number"]: request.organization_number.strip(),
    }
    if address := to_payload(request.address, names):
        body[names["customer.address"]] = address
    return body

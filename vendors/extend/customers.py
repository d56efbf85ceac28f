"""Extend's customers: read, find, list what changed, and create where allowed.

Source: the vendor's webshop guide and schema, `Customers`. As a rule the supplier
makes a customer and tells its number, so creating is off until a person allows it.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from vendors import reading
from vendors.contracts import (
    Accepted,
    Account,
    Address,
    ChangedCustomer,
    ChangedCustomerPage,
    CustomerQuery,
    CustomerRequest,
    VendorCustomer,
)
from vendors.errors import Kind, NotSent, Refused
from vendors.extend.auth import path, zone
from vendors.extend.paging import read_all, read_changes
from vendors.extend.settings import OPTIONS
from vendors.http import VendorClient
from vendors.options import read_option

LONGEST_NAME = 180

NOT_ALLOWED = (
    "Customers are made by this supplier itself; ask it for the number. If it wants "
    "us to create them, tick “Customers may be created” in its options."
)


# --- read ---------------------------------------------------------------------


def read_customer(client: VendorClient, number: str) -> VendorCustomer:
    """Return one customer by its number.

    Raises:
        Refused: NOT_FOUND if there is no such customer.
        NotSent: it could not be read, or another one came.
    """
    answer = client.ask(
        "GET", path(client, "path.customer", number=number), purpose="read_customer"
    )
    if isinstance(answer, list) and len(answer) == 1:
        answer = answer[0]
    customer = to_customer(answer, client)
    if customer.number.casefold() != number.casefold():
        raise client.unreadable(f"the answer does not hold the customer {number}.")
    return customer


def find_customers(
    client: VendorClient, query: CustomerQuery
) -> tuple[VendorCustomer, ...]:
    """Return the customers that match all of a query; empty if there is none.

    Extend's filters may match a part of what they are given, so each row is compared
    here: numbers as they are, names but for letter case and blanks, organisation
    numbers but for how they are written.

    Raises:
        Refused: nothing to look for, or Extend said no.
        NotSent: it can't be told; those found may not be all.
    """
    if not (query.number or query.organization_number or query.name):
        raise Refused("There is nothing to look a customer up by.", kind=Kind.GUARD)
    found: dict[str, VendorCustomer] = {}
    for params in _searches(query, client.mapping):
        for row in read_all(client, "customers", params, purpose="find_customers"):
            customer = to_customer(row, client)
            if _matches(customer, query):
                found[customer.number] = customer
    if "" in found:
        raise client.unreadable("a customer is listed without its number.")
    return tuple(found.values())


def list_changed_customers(
    client: VendorClient, since: datetime, page: int
) -> ChangedCustomerPage:
    """Return one page of the customers changed since a moment, and some before it.

    Args:
        since: the last change seen, by Extend's clock.
        page: from 0.

    Raises:
        Refused: Extend said no to the request.
        NotSent: the page could not be read.
    """
    found = read_changes(
        client,
        "customers",
        since,
        page,
        purpose="list_changed_customers",
        parameter="query.customer_changed_from",
    )
    listed = (to_customer(row, client) for row in found.objects())
    return ChangedCustomerPage(
        customers=tuple(
            # A customer without a readable date is still one that changed.
            ChangedCustomer(number=each.number, changed_at=each.changed_at or since)
            for each in listed
            if each.number
        ),
        next_page=found.next_page,
    )


def to_customer(data: Any, client: VendorClient) -> VendorCustomer:
    """Translate a customer of get-one, of a list or of a create's answer."""

    def text(name: str) -> str:
        return reading.text(reading.member(data, client.mapping[f"customer.{name}"]))

    changed = reading.member(data, client.mapping["customer.changed"])
    return VendorCustomer(
        number=text("number"),
        name=f"{text('name')} {text('last_name')}".strip(),
        organization_number=text("organization_number"),
        email=text("email") or text("invoice_email"),
        phone=text("phone"),
        address=_read_address(data, client.mapping),
        changed_at=reading.moment(changed, zone(client)),
    )


def _read_address(data: Any, names: Mapping[str, str]) -> Address:
    """Return the delivery address: a whole one inside, or the members of a list."""
    delivery = reading.member(data, names["customer.delivery"])
    inside = reading.member(delivery, names["customer.delivery_address"])

    def text(name: str) -> str:
        whole = reading.text(
            reading.member(inside, names.get(f"customer_address.{name}", ""))
        )
        return whole or reading.text(
            reading.member(data, names.get(f"customer.{name}", ""))
        )

    return Address(
        street=text("street"),
        zip_code=text("zip_code"),
        city=text("city"),
        country_code=text("country"),
    )


def _searches(
    query: CustomerQuery, names: Mapping[str, str]
) -> Iterator[dict[str, str]]:
    """Yield the filters to ask with, by the surest thing that is known."""
    if query.number:
        yield {names["query.customer"]: query.number}
    elif query.organization_number:
        for spelling in _spellings(query.organization_number):
            yield {names["query.organization_number"]: spelling}
    else:
        yield {names["query.name"]: query.name}


def _spellings(number: str) -> list[str]:
    """Return how an organisation number may stand in the register."""
    bare = _bare(number)
    swedish = [f"{bare[:6]}-{bare[6:]}"] if len(bare) == 10 else []
    return list(dict.fromkeys([number.strip(), bare, *swedish]))


def _bare(number: str) -> str:
    return "".join(char for char in number if char.isalnum()).upper()


def _matches(customer: VendorCustomer, query: CustomerQuery) -> bool:
    def words(text: str) -> list[str]:
        return text.casefold().split()

    ours = _bare(query.organization_number)
    return (
        (not query.number or customer.number == query.number)
        and (not ours or _bare(customer.organization_number) == ours)
        and (not query.name or words(customer.name) == words(query.name))
    )


# --- create -------------------------------------------------------------------


def objections(account: Account, request: CustomerRequest) -> tuple[str, ...]:
    """Return what stands against creating this customer; nothing is called."""
    try:
        is_allowed = read_option(OPTIONS, account.options, "allow_customer_creation")
        is_read_only = read_option(OPTIONS, account.options, "read_only")
        read_option(OPTIONS, account.options, "client")
    except NotSent as error:
        return (error.text,)
    found = [] if is_allowed else [NOT_ALLOWED]
    if is_read_only:
        found.append("This supplier is set to read only; nothing is created.")
    if not 1 <= len(request.name.strip()) <= LONGEST_NAME:
        found.append(f"A customer needs a name of up to {LONGEST_NAME} characters.")
    address = request.address
    if not (
        address.street_line
        and address.zip_code
        and address.city
        and address.country_code
    ):
        found.append(
            "A customer needs an address with street, zip code, city and country."
        )
    return tuple(found)


def create_customer(client: VendorClient, request: CustomerRequest) -> Accepted:
    """Create one customer; Extend gives it its number.

    Nothing makes a repeated create harmless: after a lost answer, find it first.

    Raises:
        Refused: the data won't do; nothing was created.
        NotSent: Extend never got it; it may be sent again.
        OutcomeUnknown: it may be there.
    """
    if found := objections(client.account, request):
        raise Refused(" ".join(found), kind=Kind.GUARD)
    answer = client.act(
        "POST",
        path(client, "path.customers"),
        purpose="create_customer",
        json=to_payload(request, client),
    )
    if isinstance(answer, list) and len(answer) == 1:
        answer = answer[0]
    number = to_customer(answer, client).number
    note = "" if number else "Extend took the customer and told no number."
    return Accepted(number=number or None, raw=answer, note=note)


def to_payload(request: CustomerRequest, client: VendorClient) -> dict[str, Any]:
    """Return the body of a create."""
    names, address = client.mapping, request.address
    wanted = {
        "organization_number": request.organization_number,
        "email": request.email,
        "phone": request.phone,
        "template": client.option("customer_template"),
    }
    return {
        names["customer.name"]: request.name.strip(),
        **{names[f"customer.{key}"]: word for key, word in wanted.items() if word},
        names["customer.logistics"]: {},
        names["customer.delivery"]: {
            names["customer.delivery_address"]: {
                names["customer_address.street"]: address.street_line,
                names["customer_address.zip_code"]: address.zip_code,
                names["customer_address.city"]: address.city,
                names["customer_address.country"]: address.country_code.upper(),
            }
        },
    }

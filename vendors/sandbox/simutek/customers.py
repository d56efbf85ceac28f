"""The register of the printing house: the customer we buy as, and many others.

Documented are the members, which of them have to be there, and the rules of the
search; the names of the query parameters are the project's own assumption.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from vendors.sandbox.messages import Refusal, Request
from vendors.sandbox.simutek.fields import Fields
from vendors.sandbox.simutek.problems import invalid

PAGE_SIZE, MOST_ON_A_PAGE = 50, 100
ADDRESS = ("address1", "address2", "address3", "city", "zipCode", "state")
TRADES = ("Bageri", "Bokhandel", "Cykel", "Fisk", "Kafé", "Möbler", "Skola", "Teater")
TOWNS = ("Borås", "Falun", "Gävle", "Kalmar", "Luleå", "Malmö", "Umeå", "Visby")


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer, with the members that were sent for it."""

    number: str
    name: str
    corporate_identity_number: str
    invoice_email: str | None = None
    postal_address: dict[str, Any] | None = None
    tags: tuple[dict[str, Any], ...] = ()

    def as_document(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "number": self.number,
            "invoiceEmail": self.invoice_email,
            "postalAddress": self.postal_address,
            "corporateIdentityNumber": self.corporate_identity_number,
            "tags": list(self.tags),
        }

    def as_row(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "name": self.name,
            "corporateIdentityNumber": self.corporate_identity_number,
        }


def initial_customers() -> dict[str, Customer]:
    """Return the customers known at the start: others, two of one firm, and us."""
    others = [
        Customer(
            number=f"K{100_000 + place}",
            name=f"{trade} {town} {form}",
            corporate_identity_number=f"55{6000 + place}-{1000 + place}",
        )
        for place, (form, town, trade) in enumerate(
            (form, town, trade)
            for form in ("AB", "Handelsbolag")
            for town in TOWNS
            for trade in TRADES
        )
    ]
    ours = Customer(
        number="K200731",
        name="Acme Purchasing AB",
        corporate_identity_number="556000-0000",
        invoice_email="invoices@acme.example",
        postal_address={
            "address1": "Hamngatan 3",
            "address2": None,
            "address3": None,
            "city": "Malmö",
            "zipCode": "211 00",
            "state": None,
            "countryCode": "SE",
        },
        tags=({"key": "source", "value": "portal"},),
    )
    branch = Customer("K200732", "Acme Purchasing AB, lager", "5560000000")
    return {customer.number: customer for customer in (*others, ours, branch)}


def search(request: Request, customers: Iterable[Customer]) -> dict[str, Any]:
    """Return one page of the customers that pass the filters, by number."""
    page = _whole(request, "page", default=1, most=10**9)
    limit = _whole(request, "limit", default=PAGE_SIZE, most=MOST_ON_A_PAGE)
    found = sorted(
        (customer for customer in customers if _passes(request, customer)),
        key=lambda customer: customer.number,
    )
    rows = found[(page - 1) * limit : page * limit]
    return {
        "page": page,
        "limit": limit,
        "totalCount": len(found),
        "customers": [customer.as_row() for customer in rows],
    }


def _passes(request: Request, customer: Customer) -> bool:
    number = request.parameter("number")
    name = request.parameter("name")
    identity = request.parameter("corporateIdentityNumber")
    return (
        (number is None or customer.number == number)
        and (name is None or name.lower() in customer.name.lower())
        and (
            identity is None
            or _bare(customer.corporate_identity_number) == _bare(identity)
        )
    )


def _bare(identity: str) -> str:
    return identity.replace(" ", "").replace("-", "")


def _whole(request: Request, name: str, default: int, most: int) -> int:
    """Read a number from 1; that one too high is refused is assumed."""
    text = request.parameter(name)
    if text is None:
        return default
    is_number = text.isascii() and text.isdigit() and len(text) < 10
    if not is_number or not 1 <= int(text) <= most:
        raise Refusal(invalid({name: [f"The value '{text}' is not valid."]}))
    return int(text)


def read_customer(
    request: Request, customers: dict[str, Customer], default_number: str
) -> Customer:
    """Check a new customer.

    The same organisation number twice makes two customers, while a number in use is
    refused: both assumed, nothing is documented.

    Raises:
        Refusal: 400; nothing was created.
    """
    body = Fields.of_body(request)
    name = body.required_text("name")
    number = body.nullable_text("number") or default_number
    email = body.nullable_text("invoiceEmail")
    identity = body.required_text("corporateIdentityNumber")
    address = body.object("postalAddress")
    if address:
        check_address(address)
    tags = body.objects("tags")
    for tag in tags:
        tag.required_text("key")
        tag.text("value")
    if number in customers:
        body.complain("number", f"The customer number {number} is in use.")
    body.require_good()
    return Customer(
        number=number,
        name=name,
        corporate_identity_number=identity,
        invoice_email=email or None,
        postal_address=address.sent if address else None,
        tags=tuple(tag.sent for tag in tags),
    )


def check_address(address: Fields) -> None:
    for name in ADDRESS:
        address.text(name)
    country = address.text("countryCode")
    if country and len(country) != 2:
        address.complain("countryCode", "A country code of two letters is expected.")

"""Customers of the installation: the one we buy as, and those created over the API."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vendors.sandbox.extend.answers import bad_request, swedish
from vendors.sandbox.extend.catalogue import CHANGED_AT
from vendors.sandbox.extend.fields import Members, moment_parameter
from vendors.sandbox.messages import Request

LONGEST_NAME = 180
# What a customer made from a template gets where nothing was sent.
TEMPLATES: dict[str, dict[str, Any]] = {
    "B2B": {
        "customerLogisticsSettings": {},
        "customerDeliveryAddress": {
            "address": {
                "address1": "Address to follow",
                "postalCode": "00000",
                "city": "-",
                "country": "SE",
            }
        },
        "customerFinancialSettings": {"termsOfPayment": "30"},
    }
}
LONGEST_NUMBER = 100
CONTACT_KEY = ("firstName", "lastName", "email")
TEXTS = (
    "lastName",
    "organizationNumber",
    "vatNumber",
    "email2",
    "phoneNumber2",
    "invoiceEmail",
    "orderConfirmationEmail",
    "deliveryNoteEmail",
)
# Output members that were not sent are null.
MEMBERS = (
    *TEXTS,
    "customerLogisticsSettings",
    "customerDeliveryAddress",
    "customerFinancialSettings",
    "customerContacts",
)
# Filters of the list that compare a member as it is; the rest match its beginning.
EXACT_FILTERS = ("customerNumber", "organizationNumber", "email2", "phoneNumber2")
PREFIX_FILTERS = {
    "customerNumberSearch": "customerNumber",
    "name": "name",
    "lastName": "lastName",
    "deliveryAddress1": "deliveryAddress1",
    "deliveryPostalCode": "deliveryPostalCode",
    "deliveryCity": "deliveryCity",
}


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer, with the members it was created from."""

    number: str
    name: str
    changed_at: datetime
    sent: dict[str, Any]

    @property
    def incoterms(self) -> str | None:
        """Return the terms of delivery; where they stand is not documented."""
        terms = self.sent["customerLogisticsSettings"].get("incoterms")
        return terms if isinstance(terms, str) else None

    def as_document(self) -> dict[str, Any]:
        return {
            "customerNumber": self.number,
            "name": self.name,
            **{name: self.sent.get(name) for name in MEMBERS},
            "changeDate": swedish(self.changed_at),
        }

    def as_row(self) -> dict[str, Any]:
        address = self.sent["customerDeliveryAddress"]["address"]
        return {
            "customerNumber": self.number,
            "name": self.name,
            "lastName": self.sent.get("lastName"),
            "organizationNumber": self.sent.get("organizationNumber"),
            "email2": self.sent.get("email2"),
            "phoneNumber2": self.sent.get("phoneNumber2"),
            "deliveryAddress1": address["address1"],
            "deliveryPostalCode": address["postalCode"],
            "deliveryCity": address["city"],
            "creditLimit": "100000",
            "creditLimitCurrency": "SEK",
            "changeDate": swedish(self.changed_at),
            "invoiceEmail": self.sent.get("invoiceEmail"),
        }


def initial_customers() -> dict[str, Customer]:
    """Return the customers known at the start: ourselves, and another buyer."""
    known = (
        ("K-20417", "Verkstad Nord AB", "Provgatan 4", "90320", "Umeå"),
        ("K-20500", "Bilcentrum Gävle AB", "Hamnvägen 11", "80252", "Gävle"),
    )
    return {
        number: Customer(
            number,
            name,
            CHANGED_AT,
            {
                "customerLogisticsSettings": {},
                "customerDeliveryAddress": {
                    "address": {
                        "address1": street,
                        "postalCode": postal_code,
                        "city": city,
                        "country": "SE",
                    }
                },
            },
        )
        for number, name, street, postal_code, city in known
    }


KNOWN = frozenset(initial_customers())


def matching_rows(
    request: Request, customers: Iterable[Customer]
) -> list[dict[str, Any]]:
    """Return the list items that pass the filters of a request."""
    changed_after = moment_parameter(request, "changedAfterDate")
    incoterms = request.parameter("incoterms")
    return [
        row
        for customer in customers
        if changed_after is None or customer.changed_at > changed_after
        if incoterms in (None, customer.incoterms)
        if _passes(request, row := customer.as_row())
    ]


def _passes(request: Request, row: dict[str, Any]) -> bool:
    for name in EXACT_FILTERS:
        wanted = request.parameter(name)
        if wanted is not None and row[name] != wanted:
            return False
    for name, member in PREFIX_FILTERS.items():
        wanted = request.parameter(name)
        has = str(row[member] or "").lower()
        if wanted is not None and not has.startswith(wanted.lower()):
            return False
    return True


def read_customer(
    body: Members, customers: dict[str, Customer], default_number: str, now: datetime
) -> Customer:
    """Check a new customer (all rules documented).

    Raises:
        Refusal: 400; nothing was created.
    """
    template = body.word("postTemplate", TEMPLATES)
    if template:
        body = Members(TEMPLATES[template] | _sent_members(body), "")
    number = body.text("customerNumber", LONGEST_NUMBER) or default_number
    if number in customers:
        raise bad_request(f"customerNumber '{number}' already exists.")
    return _checked_customer(number, body, now)


def change_customer(customer: Customer, body: Members, now: datetime) -> Customer:
    """Return the customer with what was sent in the place of what it had.

    Raises:
        Refusal: 400; nothing was changed.
    """
    if body.text("customerNumber") not in (None, customer.number):
        raise bad_request("customerNumber can't be changed.")
    whole = {"name": customer.name} | customer.sent | _sent_members(body)
    return _checked_customer(customer.number, Members(whole, ""), now)


def _sent_members(body: Members) -> dict[str, Any]:
    return {name: value for name, value in body.sent.items() if value is not None}


def _checked_customer(number: str, body: Members, now: datetime) -> Customer:
    name = body.required_text("name", LONGEST_NAME)
    body.object("customerLogisticsSettings")
    address = body.object("customerDeliveryAddress").object("address")
    for member in ("address1", "postalCode", "city", "country"):
        address.required_text(member)
    for member in TEXTS:
        body.text(member)
    contacts = [
        tuple(contact.text(member) for member in CONTACT_KEY)
        for contact in body.objects("customerContacts")
    ]
    if len(set(contacts)) < len(contacts):
        raise bad_request("customerContacts must be unique.")
    return Customer(number, name, now, body.sent)

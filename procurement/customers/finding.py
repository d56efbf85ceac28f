"""Looking a customer up in a supplier's register, and whether the hit is the one."""

from collections.abc import Callable, Sequence
from typing import cast

from django.utils.translation import gettext as _

from procurement.customers.models import NUMBER_LENGTH, Customer, CustomerLink
from procurement.customers.queries import bare, register_of
from procurement.errors import OperationNotAllowed
from procurement.suppliers.conversations import Conversation
from vendors.contracts import CustomerQuery, VendorCustomer
from vendors.http import VendorClient

Find = Callable[[VendorClient, CustomerQuery], tuple[VendorCustomer, ...]]
MOST_LISTED = 20


def search(
    talk: Conversation, link: CustomerLink, *, number: str = ""
) -> tuple[VendorCustomer, ...]:
    """Ask for the customers that may be this one.

    By the number a person picked; else by the organization number; else by the
    name, which is never enough to link by.
    """
    customer = link.customer
    if number:
        query = CustomerQuery(number=number)
    elif bare(customer.organization_number):
        query = CustomerQuery(organization_number=customer.organization_number)
    else:
        query = CustomerQuery(name=customer.name)
    return find(talk.client, link, query)


def find(
    client: VendorClient, link: CustomerLink, query: CustomerQuery
) -> tuple[VendorCustomer, ...]:
    register = register_of(link.supplier)
    if register is None:
        return ()
    return cast(Find, register.find)(client, query)


def only_one(
    link: CustomerLink, hits: Sequence[VendorCustomer], *, number: str
) -> VendorCustomer | None:
    """The hit to link to; None if there is none at all.

    Raises:
        OperationNotAllowed: there are several, it is somebody else, or a name is all
            that speaks for it; the text lists what was found.
    """
    customer = link.customer
    if not hits:
        return None
    if len(hits) > 1:
        raise OperationNotAllowed(
            _(
                "%(supplier)s has %(hits)s customers that may be %(customer)s: "
                "%(hits_2)s. Choose one and give its number."
            )
            % {
                "supplier": link.supplier,
                "hits": len(hits),
                "customer": customer,
                "hits_2": _listed(hits),
            },
            code="several_found",
        )
    (hit,) = hits
    if not 0 < len(hit.number) <= NUMBER_LENGTH:
        raise OperationNotAllowed(
            _(
                "%(supplier)s has %(customer)s, and told no number that could "
                "be one. Ask it, then record the number by hand."
            )
            % {"supplier": link.supplier, "customer": customer},
            code="not_found_there",
        )
    if _is_somebody_else(customer, hit):
        raise OperationNotAllowed(
            _(
                "%(hits)s has another organization number than %(customer)s "
                "(%(organization_number)s). Correct the one that is wrong."
            )
            % {
                "hits": _listed(hits),
                "customer": customer,
                "organization_number": customer.organization_number,
            },
            code="several_found",
        )
    if not number and not bare(customer.organization_number):
        raise OperationNotAllowed(
            _(
                "%(customer)s has no organization number to be found by. Of "
                "the same name, %(supplier)s has %(hits)s. Give its number if "
                "it is."
            )
            % {"customer": customer, "supplier": link.supplier, "hits": _listed(hits)},
            code="several_found",
        )
    return hit


def _is_somebody_else(customer: Customer, hit: VendorCustomer) -> bool:
    ours, theirs = bare(customer.organization_number), bare(hit.organization_number)
    return bool(ours and theirs) and ours != theirs


def _listed(hits: Sequence[VendorCustomer]) -> str:
    texts = [
        f"{hit.number} “{hit.name}”"
        + (f" ({hit.organization_number})" if hit.organization_number else "")
        for hit in hits[:MOST_LISTED]
    ]
    more = len(hits) - len(texts)
    return ", ".join(texts) + (f" and {more} more" if more > 0 else "")

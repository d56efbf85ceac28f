"""What webhooks tell of products and stock: one read each, of what we hold."""

from procurement.catalogue.models import Source
from procurement.catalogue.products import (
    note_gone,
    of_interest,
    read_product,
    record_product,
)
from procurement.catalogue.recording import record_offers
from procurement.catalogue.told import Told
from procurement.suppliers.conversations import conversation
from procurement.suppliers.models import Supplier
from procurement.suppliers.operations import ask_for_offers
from vendors.contracts import Capability, ItemKey
from vendors.errors import Kind, Refused


def hear_of_product(supplier: Supplier, number: str) -> None:
    """Read a product that changed, if we hold or have ordered it.

    Raises:
        VendorError: it could not be read; it is tried again.
    """
    if not supplier.api.offers(Capability.READ_PRODUCT):
        return
    if number not in of_interest(supplier, [number]):
        return
    with conversation(supplier, subject=f"product {number}"[:80]) as talk:
        try:
            product = read_product(talk, number)
        except Refused as refusal:
            if refusal.kind != Kind.NOT_FOUND:
                raise
            note_gone(supplier, number)
            return
    record_product(supplier, product)


def hear_of_stock(supplier: Supplier, number: str) -> None:
    """Ask for price and stock of one item, because a call said that they changed.

    Raises:
        VendorError: it could not be asked; it is tried again.
    """
    if not supplier.api.offers(Capability.FETCH_OFFERS):
        return
    if number not in of_interest(supplier, [number]):
        return
    _, offers, talk = ask_for_offers(
        supplier_id=supplier.pk,
        items=[ItemKey(number)],
        subject=f"stock {number}"[:80],
    )
    record_offers(
        supplier=supplier,
        told=[Told.of(offer) for offer in offers],
        source=Source.WEBHOOK,
        conversation=talk,
    )

"""What people ask and decide of items: ask the supplier now, let a price count."""

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from procurement.catalogue.models import ItemOffer
from procurement.errors import InvalidInput, OperationNotAllowed, SupplierUnavailable
from procurement.money import price_text
from procurement.suppliers.models import SupplierEvent, SupplierItem
from procurement.suppliers.operations import fetch_offers
from vendors.contracts import ItemKey, Offer
from vendors.errors import VendorError


def ask_now(*, item_id: int, actor: User) -> Offer:
    """Ask the supplier for price and stock of an item while the person waits.

    Raises:
        OperationNotAllowed: this vendor can't be asked.
        SupplierUnavailable: asked, and no usable answer came.
    """
    item = SupplierItem.objects.get(pk=item_id)
    key = ItemKey(item.item_number, item.brand)
    try:
        offers = fetch_offers(supplier_id=item.supplier_id, items=[key])
    except VendorError as error:
        raise SupplierUnavailable(error.text, code="supplier_unavailable") from None
    if not offers:
        raise SupplierUnavailable(
            _("The supplier answered, but not about %(item)s.") % {"item": item},
            code="supplier_unavailable",
        )
    return offers[0]


@transaction.atomic
def release_offer(*, offer_id: int, actor: User, evidence: str) -> ItemOffer:
    """Let a price count that was held back.

    Raises:
        InvalidInput: it was not said how it was found to be right.
        OperationNotAllowed: it is not held back any more.
    """
    if not evidence.strip():
        raise InvalidInput(
            {"evidence": _("Say how it was found to be right: whom you asked.")}
        )
    item_id = ItemOffer.objects.values_list("item_id", flat=True).get(pk=offer_id)
    item = (
        SupplierItem.objects.select_for_update(of=("self",))
        .select_related("supplier")
        .get(pk=item_id)
    )
    offer = ItemOffer.objects.get(pk=offer_id)
    if not (offer.is_quarantined and offer.is_current):
        raise OperationNotAllowed(
            _("That price of %(item)s is not held back any more: something newer came.")
            % {"item": item}
        )
    item.offers.filter(is_current=True, is_quarantined=False).update(is_current=False)
    offer.is_quarantined = False
    offer.save(update_fields=["is_quarantined"])
    price = "" if offer.price is None else price_text(offer.price, offer.currency)
    SupplierEvent.objects.create(
        supplier=item.supplier,
        kind="price_released",
        actor=actor,
        text=_("%(item)s at %(price)s %(currency)s: %(evidence)s")
        % {
            "item": item,
            "price": price,
            "currency": offer.currency,
            "evidence": evidence.strip(),
        },
        data={"item": item.pk, "offer": offer.pk},
    )
    return offer

"""What suppliers tell of their articles themselves; prices come another way."""

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from procurement.catalogue import figures
from procurement.orders.models import OrderLine
from procurement.suppliers.conversations import Conversation
from procurement.suppliers.models import Supplier, SupplierItem
from vendors.contracts import Product
from vendors.http import VendorClient


def of_interest(supplier: Supplier, numbers: Iterable[str]) -> set[str]:
    """Those of some item numbers that we hold or have ordered."""
    wanted = set(numbers)
    items = SupplierItem.objects.filter(supplier=supplier, item_number__in=wanted)
    lines = OrderLine.objects.filter(
        order__supplier=supplier, item_number__in=wanted
    ).order_by()
    return {
        *items.values_list("item_number", flat=True),
        *lines.values_list("item_number", flat=True),
    }


def read_product(talk: Conversation, number: str) -> Product:
    """Raises VendorError: it could not be read, or there is no such product."""
    read: Callable[[VendorClient, str], Product]
    read = talk.supplier.api.read_product  # type: ignore[assignment]
    product = read(talk.client, number)
    talk.save()
    return product


@transaction.atomic
def record_product(supplier: Supplier, product: Product) -> None:
    """Take over what a product tells of itself; its prices are told elsewhere."""
    number = figures.clipped("item_number", product.item_number)
    brand = figures.clipped("brand", product.brand)
    if not number:
        return
    items = SupplierItem.objects.select_for_update(of=("self",)).filter(
        supplier=supplier, item_number=number
    )
    if product.brand:
        items = items.filter(brand__in=["", brand])
    found = list(items.order_by("-brand"))
    if not found and not product.is_sold:
        return
    item = found[0] if found else SupplierItem(supplier=supplier, item_number=number)
    if item.pk is None:
        item.brand = brand
    for name in ("mpn", "gtin", "description", "unit"):
        if value := figures.clipped(name, getattr(product, name)):
            setattr(item, name, value)
    for name in ("pack_quantity", "min_order_quantity"):
        told: Decimal | None = getattr(product, name)
        quantity, _ = figures.fit(told, decimal_places=3, name=name)
        if quantity is not None and quantity > 0:
            setattr(item, name, quantity)
    item.missing_since = None if product.is_sold else _since(item)
    item.supplier_changed_at = product.changed_at
    item.save()


def note_gone(supplier: Supplier, number: str) -> None:
    """The supplier has it no more; it stays, with the moment we learnt it."""
    SupplierItem.objects.filter(
        supplier=supplier, item_number=number, missing_since=None
    ).update(missing_since=timezone.now())


def _since(item: SupplierItem) -> datetime:
    known: datetime | None = item.missing_since
    return known or timezone.now()

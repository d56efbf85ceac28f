"""Which of our items somebody speaks of."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from procurement.suppliers.models import Supplier, SupplierItem

Candidates = dict[str, list[SupplierItem]]


def candidates(supplier: Supplier, numbers: Iterable[str]) -> Candidates:
    """A supplier's items by number; several where brands share one."""
    found: Candidates = defaultdict(list)
    rows = SupplierItem.objects.filter(supplier=supplier, item_number__in=set(numbers))
    for item in rows.order_by("pk"):
        found[item.item_number].append(item)
    return found


def pick(
    items: Sequence[SupplierItem],
    brand: str,
    *,
    brand_counts: bool = False,
    unbranded_fits: bool = True,
) -> SupplierItem | None:
    """The item of some number that is meant, if there is one.

    Args:
        brand_counts: the vendor tells items apart by brand too. Where it does not,
            the brand is a remark, and another spelling of it no other item.
        unbranded_fits: an item without a brand may be the one.
    """
    same = [item for item in items if item.brand.casefold() == brand.casefold()]
    fitting = same or [item for item in items if unbranded_fits and not item.brand]
    if not fitting and len(items) == 1 and not (brand and brand_counts):
        return items[0]
    return fitting[0] if fitting else None

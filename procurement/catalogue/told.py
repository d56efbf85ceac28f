"""What was told of an item, and the items it is about."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from procurement.catalogue import figures
from procurement.catalogue.matching import Candidates, candidates, pick
from procurement.suppliers.models import Supplier, SupplierItem
from vendors.contracts import Offer


@dataclass(frozen=True, kw_only=True)
class Told:
    """An offer, with what was told of the article itself."""

    item_number: str
    offer: Offer
    brand: str = ""
    brand_counts: bool = False
    """The vendor tells items apart by brand too."""
    unbranded_fits: bool = True
    texts: dict[str, str] = field(default_factory=dict)
    """Of `figures.TEXTS`, what was told."""

    @classmethod
    def of(cls, offer: Offer, *, brand: str = "") -> "Told":
        """What an answer tells; `brand` is the one that was asked for."""
        texts = {name: getattr(offer, name) for name in figures.TEXTS}
        return cls(
            item_number=offer.item_number,
            brand=offer.brand or brand,
            brand_counts=bool(offer.brand),
            unbranded_fits=not (offer.brand and brand),
            offer=offer,
            texts={name: value for name, value in texts.items() if value},
        )


def items_of(
    supplier: Supplier, told: Sequence[Told], *, is_listed: bool
) -> list[SupplierItem | None]:
    """The item of each, created where the vendor knows it, and all of them locked."""
    numbers = [each.item_number for each in told]
    known = candidates(supplier, numbers)
    missing = [each for each in told if _is_to_be_created(each, known)]
    if missing:
        SupplierItem.objects.bulk_create(
            (_new_item(supplier, each, is_listed=is_listed) for each in missing),
            ignore_conflicts=True,
        )
        known = candidates(supplier, numbers)
    keys = sorted(item.pk for found in known.values() for item in found)
    list(
        SupplierItem.objects.select_for_update(no_key=True)
        .filter(pk__in=keys)
        .order_by("pk")
        .values_list("pk")
    )
    return [_picked(each, known) for each in told]


def _picked(told: Told, known: Candidates) -> SupplierItem | None:
    found = known.get(told.item_number, [])
    return pick(
        found,
        told.brand,
        brand_counts=told.brand_counts,
        unbranded_fits=told.unbranded_fits,
    )


def _is_to_be_created(told: Told, known: Candidates) -> bool:
    return (
        told.offer.is_known
        and figures.says_something(told.offer)
        and bool(figures.clipped("item_number", told.item_number))
        and _picked(told, known) is None
    )


def _new_item(supplier: Supplier, told: Told, *, is_listed: bool) -> SupplierItem:
    return SupplierItem(
        supplier=supplier,
        is_listed=is_listed,
        item_number=figures.clipped("item_number", told.item_number),
        **{**_texts(told), "brand": figures.clipped("brand", told.brand)},
    )


def _texts(told: Told) -> dict[str, str]:
    clipped = {name: figures.clipped(name, told.texts[name]) for name in told.texts}
    return {name: value for name, value in clipped.items() if value}


def note_items(
    items: Iterable[SupplierItem | None],
    told: Sequence[Told],
    *,
    is_listed: bool | None,
) -> None:
    """Take over what was told of the articles."""
    changed: dict[int, SupplierItem] = {}
    listed, sold = set(), set()
    for item, each in zip(items, told, strict=True):
        if item is None or not each.offer.is_known:
            continue
        if _take_texts(item, each):
            changed[item.pk] = item
        if is_listed is not None and item.is_listed != is_listed:
            listed.add(item.pk)
        if item.missing_since and figures.says_something(each.offer):
            sold.add(item.pk)
    if changed:
        rows = changed.values()
        SupplierItem.objects.bulk_update(rows, figures.TEXTS, batch_size=200)
    if listed:
        SupplierItem.objects.filter(pk__in=listed).update(is_listed=is_listed)
    if sold:
        SupplierItem.objects.filter(pk__in=sold).update(missing_since=None)


def _take_texts(item: SupplierItem, told: Told) -> bool:
    """Put what was told into an item; say whether that changed it."""
    wanted = _texts(told)
    brand = wanted.pop("brand", "")
    if brand and not told.brand_counts and brand.casefold() != item.brand.casefold():
        wanted["brand"] = brand
    changed = {name: v for name, v in wanted.items() if getattr(item, name) != v}
    for name, value in changed.items():
        setattr(item, name, value)
    return bool(changed)

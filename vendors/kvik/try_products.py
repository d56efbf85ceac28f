"""Trying the look-up of products with items a person names."""

from collections.abc import Iterator, Mapping
from typing import Any

from vendors.contracts import Finding, ItemKey, Samples, Verdict
from vendors.errors import Kind, Refused
from vendors.http import VendorClient
from vendors.kvik import names
from vendors.kvik.products import list_products

_PRODUCT_MEMBERS: Mapping[str, tuple[str, ...]] = {
    "brand": ("product.brand",),
    "name": ("product.name",),
    "availability": (
        "product.quantity",
        "product.in_stock",
        "product.availability_text",
        "product.availability",
    ),
    "price without VAT": ("product.price_without_vat",),
    "currency": ("product.currency",),
}


def try_codes(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    return _try_products(client, [key for key in _keys(samples) if not key.brand])


def try_brands(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    return _try_products(client, [key for key in _keys(samples) if key.brand])


def _keys(samples: Samples) -> Iterator[ItemKey]:
    for sample in samples.items:
        brand, slash, code = sample.partition("/")
        yield ItemKey(code, brand) if slash else ItemKey(sample)


def _try_products(client: VendorClient, keys: list[ItemKey]) -> tuple[Finding, ...]:
    if not keys:
        return (
            Finding(
                verdict=Verdict.UNCLEAR,
                text="No sample was given: CODE alone, or BRAND/CODE.",
            ),
        )
    return tuple(found for key in keys for found in _try_product(client, key))


def _try_product(client: VendorClient, key: ItemKey) -> Iterator[Finding]:
    asked = f"{key.brand} {key.item_number}".strip()
    try:
        products = list_products(client, key)
    except Refused as refusal:
        if refusal.kind is not Kind.NOT_FOUND:
            raise
        products = []
    if not products:
        yield Finding(
            verdict=Verdict.DIFFERS,
            text=f"The shop finds nothing for {asked}.",
            mapping_keys=("path.products", "query.code", "query.brand"),
        )
        return
    if len(products) > 1:
        yield Finding(
            verdict=Verdict.UNCLEAR,
            text=f"The shop finds {len(products)} products for {asked}.",
            mapping_keys=("query.brand",) if key.brand else (),
        )
    yield from _members(products[0], asked, client.mapping)


def _members(product: Any, asked: str, mapping: Mapping[str, str]) -> Iterator[Finding]:
    is_there = {
        what: any(names.found(product, mapping[key]) is not None for key in keys)
        for what, keys in _PRODUCT_MEMBERS.items()
    }
    missing = [what for what, there in is_there.items() if not there]
    if len(missing) < len(is_there):
        seen = ", ".join(what for what, there in is_there.items() if there)
        yield Finding(verdict=Verdict.AS_ASSUMED, text=f"{asked} shows: {seen}.")
    for what in missing:
        yield Finding(
            verdict=Verdict.DIFFERS,
            text=f"{asked} shows no {what}; it has: {names.listed(product)}.",
            mapping_keys=_PRODUCT_MEMBERS[what],
        )

"""First contact with Extend: the prices, balances and products of sample items."""

from vendors import reading
from vendors.contracts import Finding, Samples, Verdict
from vendors.errors import Kind, Refused
from vendors.extend.catalogue import read_product
from vendors.extend.paging import read_all
from vendors.extend.products import PRICES_A_CALL, Price, fetch_prices
from vendors.extend.stock import wanted_warehouses
from vendors.http import VendorClient

_NO_ITEMS = Finding(
    verdict=Verdict.UNCLEAR, text="No item numbers were given to try with."
)


def check_prices(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    """What the sample items cost us, in which unit and currency."""
    if not samples.items:
        return (_NO_ITEMS,)
    numbers = list(dict.fromkeys(samples.items))[:PRICES_A_CALL]
    prices = fetch_prices(client, numbers)
    return tuple(_price(number, prices.get(number), client) for number in numbers)


def _price(number: str, price: Price | None, client: VendorClient) -> Finding:
    if price is None or not price.breaks:
        return Finding(
            verdict=Verdict.UNCLEAR,
            text=f"{number} has no price for customer "
            f"{client.option('customer_number')}.",
            options=("customer_number", "currency"),
        )
    text = (
        f"{number} costs {price.breaks[0][1]} {price.currency} a {price.unit}. "
        "Compare with what the supplier told, without VAT."
    )
    unit = client.option("unit")
    if unit and price.unit != unit:
        return Finding(
            verdict=Verdict.DIFFERS,
            text=f"{text} The unit set is {unit}.",
            options=("unit",),
        )
    return Finding(verdict=Verdict.ASK, text=text, mapping_keys=("prices.price",))


def check_availability(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    """What is free of the sample items, in each warehouse and for each group."""
    return tuple(_availability(client, number) for number in samples.items) or (
        _NO_ITEMS,
    )


def _availability(client: VendorClient, number: str) -> Finding:
    names, told = client.mapping, []
    seen: set[str] = set()
    params = {names["query.item_number"]: number}
    for row in read_all(client, "availability", params, purpose="fetch_availability"):
        warehouse = reading.text(reading.member(row, names["availability.warehouse"]))
        seen.add(warehouse)
        free = [
            reading.text(reading.member(row, names[f"availability.free_{group}"]))
            for group in "ABC"
        ]
        told.append(f"{warehouse} {' / '.join(text or '?' for text in free)}")
    if not told:
        return Finding(
            verdict=Verdict.UNCLEAR, text=f"{number} is in no warehouse there."
        )
    text = f"{number}, free for group A / B / C: {'; '.join(told)}."
    options = ("warehouses", "priority_group")
    if missing := [name for name in wanted_warehouses(client) if name not in seen]:
        text += f" Not seen: {', '.join(missing)}."
        return Finding(verdict=Verdict.DIFFERS, text=text, options=options)
    text += f" We take group {client.option('priority_group')}."
    return Finding(verdict=Verdict.AS_ASSUMED, text=text, options=options)


def check_products(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    """Whether a product can be read, and under which names it is described."""
    return tuple(_product(client, number) for number in samples.items) or (_NO_ITEMS,)


def _product(client: VendorClient, number: str) -> Finding:
    try:
        product = read_product(client, number)
    except Refused as refusal:
        if refusal.kind is not Kind.NOT_FOUND:
            raise
        return Finding(verdict=Verdict.UNCLEAR, text=f"{number} is not known there.")
    members = {
        "product.name": product.description,
        "product.mpn": product.mpn,
        "product.gtin": product.gtin,
        "product.unit": product.unit,
        "product.changed": product.changed_at,
    }
    empty = tuple(key for key, found in members.items() if not found)
    text = f"{number} is “{product.description}”, sold by the {product.unit}."
    if empty:
        text += f" Nothing was found for {', '.join(empty)}."
    return Finding(
        verdict=Verdict.UNCLEAR if empty else Verdict.AS_ASSUMED,
        text=text,
        mapping_keys=empty,
    )

"""Extend's documents about products: units, balances, articles, prices."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from vendors.sandbox.extend.answers import bad_request, swedish
from vendors.sandbox.extend.catalogue import (
    ARTICLES,
    CURRENCY,
    MAIN_WAREHOUSE,
    UNITS,
    VAT_PERCENT,
    WAREHOUSES,
    Article,
)
from vendors.sandbox.extend.fields import moment_parameter
from vendors.sandbox.extend.stock import Shelf, Stock
from vendors.sandbox.messages import Request

MOST_PRICED_PRODUCTS = 10
# Sales units kept back for customers of priority group A.
KEPT_FROM_B = 5
KEPT_FROM_C = 10
CREATED_AT = datetime(2024, 9, 2, 8, tzinfo=UTC)


def unit_documents() -> list[dict[str, Any]]:
    return [
        {"productUnitId": unit.id, "name": unit.name, "description": unit.description}
        for unit in UNITS
    ]


def availability_documents(
    request: Request, stock: Stock, now: datetime
) -> list[dict[str, Any]]:
    """Return one item for each product and warehouse that passes the filters."""
    changed_after = moment_parameter(request, "modifiedDateFrom")
    found = (
        (article, warehouse, stock.shelf((article.number, warehouse)))
        for article, warehouse in _articles_by_warehouse(request)
    )
    return [
        _availability(article, warehouse, shelf, now)
        for article, warehouse, shelf in found
        if changed_after is None or shelf.changed_at > changed_after
    ]


def _availability(
    article: Article, warehouse: str, shelf: Shelf, now: datetime
) -> dict[str, Any]:
    balance = _whole(shelf.available)
    incoming = article.incoming if warehouse == MAIN_WAREHOUSE else 0
    receiving = datetime.combine(now.date(), time(6), UTC) + timedelta(
        hours=article.lead_time_hours
    )
    return {
        "warehouse": warehouse,
        "warehouseName": WAREHOUSES[warehouse],
        "productNumber": article.number,
        "physicalBalance": _whole(shelf.physical),
        "availableBalanceNow": balance,
        "availableBalanceNowB": max(balance - KEPT_FROM_B, 0),
        "availableBalanceNowC": max(balance - KEPT_FROM_C, 0),
        "blockedBalance": 0,
        "orderedQuantity": incoming,
        "orderedQuantityMatchingReceiving": incoming,
        "nextReceivingDate": swedish(receiving) if incoming else None,
        "quantityOnNextReceiving": incoming,
        # Misspelt by the vendor; the two after it are not.
        "avaiableOnNextReceiving": incoming,
        "availableOnNextReceivingB": incoming,
        "availableOnNextReceivingC": incoming,
        "totalExpectedReceivingFromPurchase": incoming,
        "totalExpectedReceivingFromWarehouseTransfer": 0,
        "totalExpectedReceivingFromReturn": 0,
        "changeDate": swedish(shelf.changed_at),
    }


def _whole(units: Decimal) -> int:
    """Return whole sales units; nothing is ever less than not there."""
    return max(int(units // 1), 0)


def product_rows(
    request: Request, changes: Mapping[str, datetime]
) -> list[dict[str, Any]]:
    """Return the product list: one row for each product and warehouse.

    Args:
        changes: of products whose data changed later than the catalogue says.
    """
    changed_after = moment_parameter(request, "modifiedDateFrom")
    changed_before = moment_parameter(request, "modifiedDateTo")
    return [
        {
            "productNumber": article.number,
            "productName": article.name,
            "createDate": swedish(CREATED_AT),
            "productUnit": article.unit,
            # The seller's own cost: a customer's login sees nothing of it.
            "cost": 0,
            "currency": CURRENCY,
            "countryOfOrigin": "SE",
            "supplyMode": article.supply_mode,
            "manufacturer": article.manufacturer,
            "manufacturerProductNumber": article.number.removeprefix("SKU-"),
            "gtinNumberList": article.gtin,
            "warehouse": warehouse,
            "statisticalCategory1": None,
            "statisticalCategory2": None,
            "statisticalCategory3": None,
            "modifiedDate": swedish(changed_at),
        }
        for article, warehouse in _articles_by_warehouse(request)
        for changed_at in [changes.get(article.number, article.changed_at)]
        if changed_after is None or changed_at > changed_after
        if changed_before is None or changed_at <= changed_before
    ]


def product_document(
    article: Article, changes: Mapping[str, datetime]
) -> dict[str, Any]:
    changed_at = changes.get(article.number, article.changed_at)
    return {
        "productNumber": article.number,
        "productData": {
            "productName": article.name,
            "description": article.name,
            "enabled": True,
            "annulled": False,
            "annulledBy": None,
            "annulledDate": None,
            "productUnit": article.unit,
            "purchaseProductUnit": article.unit,
            "productPurchaseFactor": 1,
            "productGTINumber": article.gtin,
            "productDates": {
                "createdDate": swedish(CREATED_AT),
                "changedDate": swedish(changed_at),
            },
            "billOfMaterials": [
                {"productNumber": number, "quantity": quantity}
                for number, quantity in article.components.items()
            ],
            "productVariants": [],
            "productRelations": [],
        },
        "productPrices": price_documents(article),
        "productWarehouses": [
            {"warehouse": warehouse, "minOrderQuantity": 1, "multipleOrderQuantity": 1}
            for warehouse in article.stock
        ],
        "productSuppliers": [],
    }


def priced_articles(request: Request) -> list[Article]:
    """Return the articles a price call asks for: the ten it names, or all.

    Raises:
        Refusal: more than ten were named (documented).
    """
    numbers = request.query.get("productNumberList")
    if numbers is None:
        return list(ARTICLES.values())
    if len(numbers) > MOST_PRICED_PRODUCTS:
        raise bad_request(
            f"productNumberList: at most {MOST_PRICED_PRODUCTS} product numbers."
        )
    return [ARTICLES[number] for number in numbers if number in ARTICLES]


def price_documents(article: Article) -> list[dict[str, Any]]:
    """Return one item for each quantity a price holds from."""
    return [
        {
            "productNumber": article.number,
            "salesUnit": article.unit,
            "fromQuantity": from_quantity,
            "price": price,
            "listPrice": article.list_price,
            "vatPercent": VAT_PERCENT,
            "currency": CURRENCY,
        }
        for from_quantity, price in article.prices.items()
    ]


def _articles_by_warehouse(request: Request) -> Iterator[tuple[Article, str]]:
    """Yield product and warehouse, filtered by the parameters both lists share."""
    name = (request.parameter("productName") or "").lower()
    supplier = request.parameter("supplierNumber")
    if supplier or request.parameter("supplierProductNumber"):
        return  # this installation shows its customers no suppliers
    for article in ARTICLES.values():
        if request.parameter("productNumber") not in (None, article.number):
            continue
        if request.parameter("supplyMode") not in (None, article.supply_mode):
            continue
        if name not in article.name.lower():
            continue
        for warehouse in article.stock:
            if request.parameter("warehouse") in (None, warehouse):
                yield article, warehouse

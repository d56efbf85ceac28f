"""Kvik's paths, member names and words, and how sure each is.

Source: the page on the "Customer API" documents the token path, the token's
answer and the error codes. What it can do with products and orders it tells in one
sentence each: every path and name of those is inferred, and to be compared with the
merchant's own description before the first order.

A member that lies deeper is written with dots: `price.withoutVat`. Names that are
read may be several, separated by blanks; the first one found counts, and is the one
that is sent. A name of `-` is not there: nothing is sent under it.

Key `processing_status.X` holds what the shop's word X means: a word of `Fulfilment`,
or `attention` for one that leaves the state as it is and asks for a person. Merchants
name their states themselves, so no word is documented. Payment words move nothing
and need no table.
"""

from collections.abc import Mapping

from vendors.contracts import Fulfilment, Name, documented, inferred

ATTENTION = "attention"
NOT_THERE = "-"

_PATHS: Mapping[str, Name] = {
    "path.token": documented(
        "/api/customer/oauth/access-token", "with a hyphen, unlike the App API's"
    ),
    "path.products": inferred("/api/customer/products"),
    "path.orders": inferred("/api/customer/orders", "to list and to create"),
    "path.order": inferred("/api/customer/orders/{number}", "only where it is so set"),
    "path.authorize": inferred(
        "/api/customer/oauth/authorize", "or a page of the shop"
    ),
    "path.login_token": inferred("/api/customer/oauth/access-token", "the same one"),
}

_TOKENS: Mapping[str, Name] = {
    "token.scope": documented("all"),
    "token.value": documented("access_token"),
    "token.type": documented("token_type"),
    "token.lifetime": documented("expires_in", "seconds"),
    "token.refresh": inferred("refresh_token", "of a customer's login alone"),
    "token.granted": inferred("scope"),
    "login.scope": inferred("email", "stands in the sample token"),
    "error.code": documented("error"),
    "error.expired": documented("invalid_token", "with 401"),
    "error.denied": documented("access_denied", "with 400: an unusable token"),
    "error.client": documented("invalid_client", "with 401: wrong id or secret"),
    "error.grant": inferred("invalid_grant", "with 400: a code or token that is spent"),
}

_PARAMETERS: Mapping[str, Name] = {
    "query.code": inferred("code"),
    "query.brand": inferred("brand"),
    "query.page": inferred("page"),
    "query.limit": inferred("limit"),
    "query.offset": inferred("offset"),
    "list.products": inferred("items products data.items data results"),
    "list.orders": inferred("items orders data.items data results"),
    "list.next": inferred("next.href next links.next.href links.next _links.next.href"),
}

_PRODUCT: Mapping[str, Name] = {
    "product.code": inferred("code"),
    "product.brand": inferred("brand.name brand"),
    "product.name": inferred("name"),
    "product.unit": inferred("unit"),
    "product.minimum_quantity": inferred("minimumQuantity"),
    "product.availability": inferred("availability", "a number, a flag or a text"),
    "product.quantity": inferred("availability.quantity stockQuantity"),
    "product.in_stock": inferred("availability.inStock inStock", "true or false"),
    "product.availability_text": inferred(
        "availability.text availability.name availability.status availabilityText"
    ),
    "product.delivery_days": inferred("availability.deliveryDays deliveryDays"),
    "product.price": inferred("price", "to tell a price we can't read from none"),
    "product.price_without_vat": inferred("price.withoutVat priceWithoutVat"),
    "product.price_with_vat": inferred("price.withVat priceWithVat"),
    "product.currency": inferred("price.currency currency"),
}

_AVAILABILITY_WORDS: Mapping[str, Name] = {
    "availability.in_stock": inferred(
        "in stock, on stock, available, skladem, na skladě", "separated by commas"
    ),
    "availability.limited": inferred(
        "limited, low stock, few left, last pieces, poslední kusy"
    ),
    "availability.on_order": inferred(
        "on order, to order, backorder, on request, na objednávku"
    ),
    "availability.none": inferred(
        "out of stock, sold out, unavailable, not available, none, není skladem, "
        "vyprodáno"
    ),
}

_ORDER: Mapping[str, Name] = {
    "order.inside": inferred("order data", "where an answer wraps the order"),
    "order.number": inferred("number orderNumber"),
    "order.reference": inferred("customerOrderNumber", "our number, if it has a place"),
    "order.note": inferred("note", "our number stands here in any case"),
    "order.created": inferred("createdAt"),
    "order.processing": inferred(
        "processingStatus.code processingStatus.name processingStatus"
    ),
    "order.payment": inferred("paymentStatus.code paymentStatus.name paymentStatus"),
    "order.lines": inferred("items"),
    "order.total": inferred("total.withoutVat totalWithoutVat"),
    "order.currency": inferred("total.currency currency"),
    "order.address": inferred("deliveryAddress"),
    "order.shipping": inferred("shippingMethod"),
    "order.payment_method": inferred("paymentMethod"),
    "line.code": inferred("code"),
    "line.brand": inferred("brand.name brand"),
    "line.brand_sent": inferred("brand"),
    "line.quantity": inferred("quantity"),
    "line.quantity_shipped": inferred("shippedQuantity deliveredQuantity"),
    "line.price": inferred("price.withoutVat priceWithoutVat"),
    "line.price_sent": inferred("price", "only where prices are set to be sent"),
    "line.currency": inferred("price.currency currency"),
    "address.name": inferred("name"),
    "address.street": inferred("street"),
    "address.city": inferred("city"),
    "address.zip_code": inferred("zip"),
    "address.country": inferred("country"),
}

_WORDS: Mapping[str, tuple[str, ...]] = {
    "none": ("new", "received", "created"),
    "confirmed": (
        "accepted",
        "confirmed",
        "processing",
        "in progress",
        "being processed",
        "waiting for goods",
        "waiting for stock",
    ),
    "partially_shipped": (
        "partially shipped",
        "partly shipped",
        "partially delivered",
        "partially dispatched",
    ),
    "shipped": (
        "shipped",
        "sent",
        "dispatched",
        "handed to carrier",
        "ready for pickup",
        "ready for pick-up",
    ),
    "delivered": ("delivered", "picked up", "completed", "finished"),
    "cancelled": ("cancelled", "canceled", "rejected", "refused"),
    ATTENTION: ("returned", "complaint", "on hold"),
}

_PROCESSING_STATUS: Mapping[str, Name] = {
    f"processing_status.{word}": inferred(meaning)
    for meaning, words in _WORDS.items()
    for word in words
}

MAPPING: Mapping[str, Name] = {
    **_PATHS,
    **_TOKENS,
    **_PARAMETERS,
    **_PRODUCT,
    **_AVAILABILITY_WORDS,
    **_ORDER,
    **_PROCESSING_STATUS,
}

WORD_KINDS: Mapping[str, tuple[str, ...]] = {
    "processing_status": (*Fulfilment, ATTENTION),
}
"""What a word of the processing status may mean."""

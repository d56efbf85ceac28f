"""Extend's paths, member names and status words, and how sure each is.

Source: the schema behind the vendor's Swagger page gives paths, names, types and
the lists of status words; it explains none of the words, so what they mean for us
is inferred. Names that look misspelt are the vendor's own.

Key `order_status.X`, `row_status.X` or `allocation_status.X` holds what the
vendor's word X means:

- a word of `Fulfilment` (`none` for an order that just lies there),
- `attention`: it waits for a person at the vendor's side,
- `attention_picking`: likewise, and picking has begun,
- `by_rows`: says nothing by itself; the rows decide,
- `ignored`: says nothing at all.

Key `trigger.X` holds what a webhook of that name is about, as a word of `Topic`.

Key `paging.X` holds how the pages of a list are asked for:

- `index`: page size and page index, from 0,
- `record`: page size and the number of records before the page,
- `number`: page number alone, from 1.

Names that are read may be several, separated by blanks, where a note says so; the
first one found counts.
"""

from collections.abc import Mapping

from vendors.contracts import Fulfilment, Name, Topic, documented, inferred

BY_ROWS = "by_rows"
IGNORED = "ignored"
ATTENTION = "attention"
ATTENTION_PICKING = "attention_picking"

_PATHS: Mapping[str, Name] = {
    "path.units": documented("/v1_0/{client}/ProductUnits"),
    "path.availability": documented("/v1_0/{client}/ProductAvailability"),
    "path.prices": documented("/v1_0/{client}/ProductPrices"),
    "path.orders": documented("/v1_0/{client}/CustomerOrders"),
    "path.order": documented("/v1_0/{client}/CustomerOrders/{number}"),
    "path.products": documented("/v1_0/{client}/Products"),
    "path.product": documented("/v1_0/{client}/Products/{number}"),
    "path.customers": documented("/v1_0/{client}/Customers"),
    "path.customer": documented("/v1_0/{client}/Customers/{number}"),
}

_HEADERS: Mapping[str, Name] = {
    "header.authorization": documented(
        "ExtendBasicAuthorization", "the form of its value is inferred"
    ),
}

_ORDER_STATUS: Mapping[str, Name] = {
    "order_status.Created": inferred("none"),
    "order_status.Incoming": inferred("confirmed", "the state of a fresh order"),
    "order_status.IncomingWithErrors": inferred(ATTENTION),
    "order_status.Reserved": inferred("picking", "rows are with the warehouse"),
    "order_status.PartiallyDelivered": inferred("partially_shipped"),
    "order_status.Terminated": inferred(BY_ROWS, "closed: delivered, or closed short"),
    "order_status.Annulled": inferred("cancelled"),
    "order_status.OnHoldPayment": inferred(ATTENTION),
    "order_status.OnHoldManual": inferred(ATTENTION),
    "order_status.Pause": inferred(ATTENTION),
    "order_status.PendingForReview": inferred(ATTENTION),
    "order_status.Subscription": inferred(ATTENTION),
    "order_status.Draft": inferred(ATTENTION, "a draft at the vendor's side"),
    "order_status.DraftAllocation": inferred(ATTENTION, "likewise"),
}

_ROW_STATUS: Mapping[str, Name] = {
    "row_status.Created": inferred("none"),
    "row_status.Incoming": inferred("confirmed"),
    "row_status.IncomingWithErrors": inferred(ATTENTION),
    "row_status.ConfirmationSent": inferred("confirmed"),
    "row_status.ConfirmationSentWithErrors": inferred(ATTENTION),
    "row_status.PurchaseDone": inferred("confirmed", "they bought it for us"),
    "row_status.PurchaseConfirmed": inferred("confirmed"),
    "row_status.PurchaseDelivered": inferred("confirmed", "delivered to them"),
    "row_status.Reserved": inferred("picking"),
    "row_status.ReservedWithErros": inferred(ATTENTION_PICKING, "spelt like this"),
    "row_status.Picked": inferred("shipped", "documented for the hook OrderPicked"),
    "row_status.Annulled": inferred("cancelled"),
    "row_status.AwaitingPayment": inferred(ATTENTION),
    "row_status.Pause": inferred(ATTENTION),
    "row_status.PendingForReview": inferred(ATTENTION),
    "row_status.Subscription": inferred(ATTENTION),
    "row_status.Draft": inferred(ATTENTION),
    "row_status.DraftAllocation": inferred(ATTENTION),
}

_ALLOCATION_STATUS: Mapping[str, Name] = {
    "allocation_status.Physical": inferred(IGNORED),
    "allocation_status.Purchase": inferred(IGNORED),
    "allocation_status.NotAllocated": inferred(IGNORED),
    "allocation_status.Delivered": inferred("shipped"),
}

_ORDER: Mapping[str, Name] = {
    "order.header": documented("orderHeader"),
    "order.rows": documented("orderRows"),
    "header.number": documented("orderNumber"),
    "header.reference": documented("orderNumberExternal"),
    "header.type": documented("orderType"),
    "header.status": documented("orderStatus"),
    "header.customer": documented("customerNumber"),
    "header.asked_delivery": documented("askedDeliveryDate"),
    "header.partial_delivery": documented("partialDelivery"),
    "header.address": documented("deliveryAddress"),
    "header.notations": documented("notations"),
    "header.external": documented("external"),
    "header.shipments": documented("shipments"),
    "header.invoices": documented("customerInvoices"),
    "header.changed": inferred("changeDate", "in the list documented, here newer"),
    "external.id": documented("externalId"),
    "notations.notes": documented("notes"),
    "address.name": documented("name1"),
    "address.street": documented("address1"),
    "address.entrance": documented("address2"),
    "address.zip_code": documented("postalCode"),
    "address.city": documented("city"),
    "address.country": documented("countryCode", "exactly two letters"),
    "shipment.number": documented("shipmentNumber"),
    "shipment.created": documented("createDate"),
    "shipment.picked": documented("pickDate"),
    "shipment.forwarder": documented("forwarder"),
    "shipment.packages": documented("packages", "probably parcel numbers"),
}

_ROW: Mapping[str, Name] = {
    "row.position": documented("position"),
    "row.product": documented("product"),
    "row.item_number": documented("productNumber", "inside the product"),
    "row.sales": documented("salesData"),
    "row.delivery": documented("deliveryData", "what was delivered"),
    "row.warehouse": documented("warehouse"),
    "row.external": documented("externalRow"),
    "row.status": documented("orderRowStatus"),
    "row.allocation": documented("allocationStatus"),
    "row.operation": documented("rowOperation"),
    "row.supply_mode": documented("supplyMode"),
    "row.parent": documented("billOfMaterialsParentRowPosition"),
    "row.expected": documented("expectedDeliveryDate"),
    "row.shipment": documented("shipmentNumber"),
    "sales.quantity": documented("quantity", "in the sales unit"),
    "sales.unit": documented("unit"),
    "sales.price": documented("unitPrice", "per sales unit, without VAT"),
    "sales.vat": documented("vatPercent"),
    "sales.currency": documented("currency"),
    "external_row.id": documented("externalRowId"),
    "external_row.position": documented("externalPosition"),
}

_PRODUCTS: Mapping[str, Name] = {
    "units.name": documented("name"),
    "availability.list": documented("productAvailabilityList"),
    "availability.item_number": documented("productNumber"),
    "availability.warehouse": documented("warehouse"),
    "availability.free_A": documented("availableBalanceNow"),
    "availability.free_B": documented("availableBalanceNowB"),
    "availability.free_C": documented("availableBalanceNowC"),
    "availability.next_receiving": documented("nextReceivingDate"),
    "availability.changed": documented("changeDate"),
    "prices.list": documented("productPriceItemList"),
    "prices.item_number": documented("productNumber"),
    "prices.unit": documented("salesUnit"),
    "prices.from_quantity": documented("fromQuantity"),
    "prices.price": documented("price", "without VAT, as far as can be told"),
    "prices.currency": documented("currency"),
    "products.item_number": documented("productNumber"),
    "products.changed": inferred("modifiedDate", "newer than the schema"),
    "product.item_number": documented("productNumber"),
    "product.data": documented("productData"),
    "product.name": inferred("productName", "the schema says “names”"),
    "product.description": documented("description"),
    "product.gtin": documented("productGTINumber"),
    "product.mpn": inferred("manufacturerProductNumber", "documented in the list"),
    "product.unit": documented("productUnit"),
    "product.enabled": documented("enabled"),
    "product.annulled": documented("annulled"),
    "product.dates": documented("productDates"),
    "product.changed": documented("changedDate", "inside the dates"),
}

_CUSTOMERS: Mapping[str, Name] = {
    "customers.list": documented("customerList"),
    "customer.number": documented("customerNumber"),
    "customer.name": documented("name", "of up to 180 characters"),
    "customer.last_name": documented("lastName"),
    "customer.organization_number": documented("organizationNumber"),
    "customer.email": documented(
        "email2", "of the list; that a create takes it is inferred"
    ),
    "customer.invoice_email": documented("invoiceEmail"),
    "customer.phone": documented("phoneNumber2", "likewise of the list"),
    "customer.changed": documented("changeDate"),
    "customer.street": documented("deliveryAddress1", "of the list"),
    "customer.zip_code": documented("deliveryPostalCode", "of the list"),
    "customer.city": documented("deliveryCity", "of the list"),
    "customer.logistics": documented("customerLogisticsSettings"),
    "customer.delivery": documented("customerDeliveryAddress"),
    "customer.delivery_address": documented("address", "inside of it"),
    "customer.template": documented(
        "postTemplate", "that it stands in the body is inferred"
    ),
    "customer_address.street": documented("address1"),
    "customer_address.zip_code": documented("postalCode"),
    "customer_address.city": documented("city"),
    "customer_address.country": documented("country"),
}

_PAGING: Mapping[str, Name] = {
    "paging.orders": documented("index", "a note in the field says `record`"),
    "paging.products": documented("index", "likewise"),
    "paging.availability": documented("number"),
    "paging.prices": documented("number"),
    "paging.customers": documented("number"),
    "paging.info": documented("paginationInfo"),
    "paging.page": documented("currentPage", "from 1"),
    "paging.pages": documented("totalPages"),
}

_PARAMETERS: Mapping[str, Name] = {
    "query.reference": documented("orderNumberExternal"),
    "query.changed_from": documented("modifiedDateFrom", "UTC"),
    "query.page_size": documented("pageCount", "a size, in spite of its name"),
    "query.page_index": documented("pageOffset", "an index, from 0"),
    "query.page_number": documented("pageNumber", "from 1, on the other lists"),
    "query.item_number": documented("productNumber"),
    "query.item_numbers": documented("productNumberList", "repeated, at most 10"),
    "query.warehouse": documented("warehouse"),
    "query.customer": documented("customerNumber"),
    "query.currency": documented("currency"),
    "query.customer_changed_from": documented("changedAfterDate"),
    "query.organization_number": documented("organizationNumber"),
    "query.name": documented("name"),
}

_ROW_WORDS: Mapping[str, Name] = {
    "row_words.not_goods": inferred(
        "Freight Discount Round PaymentPenalty PaymentDiscrepancy Service "
        "WarehouseService Package",
        "supply modes whose rows tell nothing about goods",
    ),
    "row_words.inactive": documented("Inactive", "of `rowOperation`"),
}

_WEBHOOKS: Mapping[str, Name] = {
    "header.signature": documented("ms-signature"),
    "hook.id": documented("Id", "the same over repeats, as far as can be told"),
    "hook.attempt": documented("Attempt"),
    "hook.notifications": documented("Notifications"),
    "hook.action": documented("Action"),
    "hook.details": documented("Details", "differs by action"),
    "details.order": inferred("OrderNumber Number", "several"),
    "details.product": documented("ProductNumber", "several may be given"),
    "details.stock": inferred("ProductNumber ItemNumber Number", "several"),
    "details.customer": inferred("CustomerNumber Number", "several"),
    "trigger.OrderCreated": documented("order"),
    "trigger.OrderReserved": documented("order", "nothing can be changed from here"),
    "trigger.OrderPicked": documented("order", "shipped, row by row"),
    "trigger.OrderCancelled": documented("order", "the complete order"),
    "trigger.OrderDeliveryDataChanged": documented("order"),
    "trigger.AvailableBalanceChanged": documented("stock"),
    "trigger.AvaiableBalanceChanged": documented("stock", "also spelt like this"),
    "trigger.BalanceChanged": documented("other", "of what lies there, sold or not"),
    "trigger.ProductCreated": documented("product"),
    "trigger.ProductChanged": documented("product"),
    "trigger.CustomerCreated": documented("customer"),
    "trigger.CustomerChanged": documented("customer"),
    "trigger.CustomerInvoiceCreated": inferred("order", "if it names one"),
    "trigger.CustomerInvoiceChanged": inferred("order", "if it names one"),
    "trigger.OfferCreated": documented("other"),
    "trigger.OfferChanged": documented("other"),
    "trigger.PurchasePartiallyDelivered": documented("other", "what they buy"),
    "trigger.PurchaseDelivered": documented("other", "likewise"),
    "trigger.PurchaseCancelled": documented("other", "likewise"),
}

MAPPING: Mapping[str, Name] = {
    **_PATHS,
    **_HEADERS,
    **_ORDER_STATUS,
    **_ROW_STATUS,
    **_ALLOCATION_STATUS,
    **_ORDER,
    **_ROW,
    **_ROW_WORDS,
    **_PRODUCTS,
    **_CUSTOMERS,
    **_PAGING,
    **_PARAMETERS,
    **_WEBHOOKS,
}

_LEVELS = (*Fulfilment, ATTENTION, ATTENTION_PICKING, IGNORED)
WORD_KINDS: Mapping[str, tuple[str, ...]] = {
    "order_status": (*_LEVELS, BY_ROWS),
    "row_status": _LEVELS,
    "allocation_status": _LEVELS,
    "trigger": tuple(Topic),
}
"""What a status word or a trigger may mean."""

KEYS_OF_OURS = (
    "row_words.",
    *(
        f"paging.{what}"
        for what in ("orders", "products", "availability", "prices", "customers")
    ),
)
"""What keys begin with whose values are no names of Extend's."""

"""Simutek's paths, member names and query names, and how sure each is.

Source: Simutek's page "API" of the GKS4 documentation. It prints whole samples of
what is sent and answered, so nearly all names are documented. It describes the
filters of the customer list without naming them, and says nothing of how long a
token lives; those names are inferred.
"""

from collections.abc import Mapping

from vendors.contracts import Name, documented, inferred

_LOGIN = {
    "login.path": documented("/connect/token"),
    "login.grant_type": documented("grant_type"),
    "login.client_id": documented("client_id"),
    "login.client_secret": documented("client_secret"),
    "login.token": documented("access_token"),
    "login.token_type": inferred("token_type", "RFC 6749"),
    "login.expires_in": inferred("expires_in", "RFC 6749, in seconds"),
    "login.error": inferred("error", "RFC 6749"),
}

_CUSTOMERS = {
    "path.customers": documented("/api/v1/customers"),
    "path.customer": documented("/api/v1/customers/{number}"),
    "customer.name": documented("name"),
    "customer.number": documented("number"),
    "customer.email": documented("invoiceEmail"),
    "customer.address": documented("postalAddress"),
    "customer.organization_number": documented("corporateIdentityNumber"),
    "customer.tags": documented("tags", "missing in older installations"),
    # The filters are described and not named; one GKS does not know is ignored.
    "query.number": inferred("number", "as in the answer; or customerNumber"),
    "query.name": inferred("name", "as in the answer"),
    "query.organization_number": inferred(
        "corporateIdentityNumber", "as in the answer"
    ),
    "query.page": inferred("page", "as in the answer; counts from 1"),
    "query.limit": inferred("limit", "as in the answer; at most 100"),
    "list.page": documented("page"),
    "list.limit": documented("limit"),
    "list.total": documented("totalCount"),
    "list.customers": documented("customers"),
}

_ADDRESS = {
    "address.line_1": documented("address1"),
    "address.line_2": documented("address2"),
    "address.line_3": documented("address3"),
    "address.city": documented("city"),
    "address.zip_code": documented("zipCode"),
    "address.country": documented("countryCode", "two letters in the sample"),
}

_ORDERS = {
    "path.orders": documented("/api/v1/salesorders"),
    "order.customer": documented("customerNumber"),
    "order.contact": documented("billingContact"),
    "order.ship_to": documented("shipTo", "what is inside it is inferred"),
    "order.title": documented("orderTitle"),
    "order.date": documented(
        "promisedDeliveryDate", "that it holds the wished day is inferred"
    ),
    "order.reference": documented("purchaseOrderNumber"),
    "order.language": documented("languageCode"),
    "order.currency": documented("currencyCode"),
    "order.note": documented("noteFromCustomer"),
    "order.lines": documented("salesOrderlines", "with a small l in lines"),
    "contact.first_name": documented("firstName"),
    "contact.last_name": documented("lastName"),
    "contact.email": documented("email"),
    "contact.phone": documented("phone"),
    "contact.mobile_phone": documented("phoneMobile"),
    "contact.e_invoice_code": documented("eInvoiceCode"),
    "line.item_number": documented("articleNumber"),
    "line.description": documented("description"),
    "line.quantity": documented("quantity"),
    "line.unit": documented("salesUnit"),
    "line.unit_price": documented("unitPrice", "that it is without VAT is inferred"),
    "line.vat": documented("vatPercent", "25 for 25 percent is inferred"),
    "line.is_shipped": documented("shipOrderline"),
    "line.allotments": documented("allotments"),
    "allotment.quantity": documented("qtyToShip"),
    "allotment.ship_to": documented("shipTo"),
    "ship_to.name": documented("recipientName"),
    "ship_to.address": documented("address"),
    "ship_to.contact_name": documented("contactName"),
    "ship_to.contact_phone": documented("contactMobilePhone"),
    "ship_to.contact_email": documented("contactEmail"),
    "answer.number": documented("orderNumber"),
}

MAPPING: Mapping[str, Name] = {**_LOGIN, **_CUSTOMERS, **_ADDRESS, **_ORDERS}

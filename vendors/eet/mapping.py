"""EET's paths, member names and stock kinds, and how sure each is.

Source: the introduction to the "EET Customer API" documents the host, the token,
`/product` with `Items` and `ItemId`, and that `/order` takes `isTest`. What
independent clients send and read alike is marked inferred, as is the rest, which
stands on analogy alone: read it off EET's Swagger page before the first order.

Names that are read may be several, separated by blanks; the first one found
counts. Letter case matters only in what is sent. Titles of price files may hold
blanks, so they are separated by `|`; letter case and dots don't matter.
"""

from collections.abc import Mapping

from vendors.contracts import Name, documented, inferred

MAPPING: Mapping[str, Name] = {
    # Login
    "login.path": documented("/login"),
    "login.username": inferred("UserName", "two clients send it"),
    "login.password": inferred("Password", "two clients send it"),
    "login.token": inferred("Token access_token jwt", "two clients read Token"),
    "login.expiration": inferred("Expiration", "one client reads it"),
    # Products
    "product.path": documented("/product"),
    "product.items": documented("Items"),
    "product.item_number": documented("ItemId"),
    "product.price": inferred("Price", "an object; two clients read it"),
    "product.unit_price": inferred("Price", "inside the object, in hundredths"),
    "product.stock": inferred("Stock", "two clients read it"),
    "product.stock_kind": inferred("StockTypeName", "two clients read it"),
    "product.stock_quantity": inferred("Quantity", "two clients read it"),
    "product.mpn": inferred("Mpn", "one client reads it from /brand"),
    "product.description": inferred("Description", "likewise"),
    "product.description_2": inferred("Description2", "likewise"),
    "stock.sold": inferred("Local Remote", "in EET's warehouses"),
    "stock.known": inferred("Local Remote Incoming", "the kinds seen so far"),
    # Orders
    "order.path": documented("/order"),
    "order.test_in_address": documented(
        "isTest", "that it goes into the address is inferred"
    ),
    "order.test_in_body": inferred("IsTest", "the other place it may be read from"),
    "order.reference": inferred("CustomerOrderNo", "or PurchaseOrderNumber, ..."),
    "order.lines": inferred("Items", "as in the product call"),
    "order.address": inferred("DeliveryAddress", "or ShippingAddress, or an id"),
    "order.comment": inferred("Comment", "or Remark, Note"),
    "line.item_number": inferred("ItemId", "as in the product call"),
    "line.quantity": inferred("Quantity", "or Qty"),
    "address.name": inferred("Name"),
    "address.street": inferred("Street"),
    "address.zip_code": inferred("ZipCode"),
    "address.city": inferred("City"),
    "address.country": inferred("CountryCode"),
    # Answer to an order
    "answer.number": inferred("OrderNumber OrderNo OrderId SalesId SalesOrderNumber"),
    "answer.complaints": inferred("Errors Error Faults ErrorMessage"),
    "answer.success": inferred("Success IsSuccess Succeeded"),
    # Titles of price files: seen in Danish and English ones; Swedish and Norwegian
    # are put by their side unseen
    "file.item_number": inferred(
        "Varenr. | Item Nr | Item No | ItemId | Artikelnr | Artikelnummer | Varenummer"
    ),
    "file.price": inferred("Pris | Price", "for a piece, without VAT"),
    "file.description": inferred("Beskrivelse | Description | Beskrivning"),
    "file.description_2": inferred("Beskrivelse 2 | Description 2 | Beskrivning 2"),
    "file.stock": inferred("Lagerbeholdning | Available for sale | Lagersaldo"),
    "file.brand": inferred(
        "Mærke Navn | Brand Name | Varumärke | Merkenavn | Merke Navn"
    ),
    "file.gtin": inferred("EAN/UPC"),
    "file.mpn": inferred("Manufacturer Part No"),
    "file.delivery": inferred(
        "Forventet levering | Forventet leveringsdato | Expected delivery "
        "| Expected delivery date | Förväntad leverans | Forventet leveringstid",
        "that there is such a column is known, its title is not",
    ),
}

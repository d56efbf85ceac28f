"""Extend Commerce: the supplier's own order and warehouse system, as its customer."""

from vendors.contracts import NotOffered, Vendor
from vendors.extend import auth, cancel, orders, products
from vendors.extend.mapping import MAPPING
from vendors.extend.settings import CREDENTIALS, OPTIONS

VENDOR = Vendor(
    code="extend",
    name="Extend Commerce",
    credentials=CREDENTIALS,
    options=OPTIONS,
    mapping=MAPPING,
    open_client=auth.open_client,
    has_test_flag=False,
    objections=orders.objections,
    check_connection=auth.check_connection,
    fetch_offers=products.fetch_offers,
    list_changed_products=NotOffered(
        "Not connected yet; prices and availability are asked for item by item."
    ),
    read_product=NotOffered("Not connected yet."),
    list_changed_stock=NotOffered("Not connected yet."),
    read_price_file=NotOffered("Extend sends no price files; it is asked by API."),
    customers=NotOffered(
        "Not connected yet; the supplier gives us our customer number."
    ),
    create_shop=NotOffered("Extend's API has no shops."),
    update_shop=NotOffered("Extend's API has no shops."),
    place_order=orders.place_order,
    find_orders=orders.find_orders,
    list_changed_orders=orders.list_changed_orders,
    read_order=orders.read_order,
    cancel_order=cancel.cancel_order,
    webhooks=NotOffered("Not connected yet; orders are followed by polling."),
    customer_login=NotOffered("Extend's API has no customer login."),
)

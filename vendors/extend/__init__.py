"""Extend Commerce: the supplier's own order and warehouse system, as its customer."""

from vendors.contracts import Customers, NotOffered, Vendor, Webhooks
from vendors.extend import (
    auth,
    cancel,
    catalogue,
    checklist,
    customers,
    orders,
    products,
    stock,
    webhooks,
)
from vendors.extend.mapping import KEYS_OF_OURS, MAPPING, WORD_KINDS
from vendors.extend.settings import CREDENTIALS, LIMITS, OPTIONS

VENDOR = Vendor(
    code="extend",
    name="Extend Commerce",
    credentials=CREDENTIALS,
    options=OPTIONS,
    mapping=MAPPING,
    word_kinds=WORD_KINDS,
    keys_of_ours=KEYS_OF_OURS,
    open_client=auth.open_client,
    has_test_flag=False,
    objections=orders.objections,
    check_connection=auth.check_connection,
    fetch_offers=products.fetch_offers,
    list_changed_products=catalogue.list_changed_products,
    read_product=catalogue.read_product,
    list_changed_stock=stock.list_changed_stock,
    read_price_file=NotOffered("Extend sends no price files; it is asked by API."),
    customers=Customers(
        read=customers.read_customer,
        find=customers.find_customers,
        create=customers.create_customer,
        list_changed=customers.list_changed_customers,
        objections=customers.objections,
    ),
    create_shop=NotOffered("Extend's API has no shops."),
    update_shop=NotOffered("Extend's API has no shops."),
    place_order=orders.place_order,
    find_orders=orders.find_orders,
    list_changed_orders=orders.list_changed_orders,
    read_order=orders.read_order,
    cancel_order=cancel.cancel_order,
    webhooks=Webhooks(read=webhooks.read, echo=webhooks.echo),
    customer_login=NotOffered("Extend's API has no customer login."),
    checklist=checklist.CHECKLIST,
    known_addresses=checklist.KNOWN_ADDRESSES,
    limits=LIMITS,
)

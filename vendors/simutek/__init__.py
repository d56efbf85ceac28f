"""Simutek GKS4: a printing house's own order system, as its customer."""

from vendors.contracts import Customers, NotOffered, Vendor
from vendors.simutek import auth, checklist, customers, orders
from vendors.simutek.mapping import MAPPING
from vendors.simutek.products import NO_ARTICLES, NO_OFFERS, NO_STOCK
from vendors.simutek.settings import CREDENTIALS, KNOWN_ADDRESSES, LIMITS, OPTIONS
from vendors.simutek.status import NOT_CANCELLED, NOT_FOLLOWED, NOT_LOOKED_UP

VENDOR = Vendor(
    code="simutek",
    name="Simutek GKS4",
    credentials=CREDENTIALS,
    options=OPTIONS,
    mapping=MAPPING,
    open_client=auth.open_client,
    has_test_flag=False,
    objections=orders.objections,
    check_connection=auth.check_connection,
    fetch_offers=NotOffered(NO_OFFERS),
    list_changed_products=NotOffered(NO_ARTICLES),
    read_product=NotOffered(NO_ARTICLES),
    list_changed_stock=NotOffered(NO_STOCK),
    read_price_file=NotOffered("Simutek sends no price files."),
    customers=Customers(
        read=customers.read,
        find=customers.find,
        create=customers.create,
        objections=customers.objections,
        list_changed=NotOffered(
            "Simutek's list of customers does not tell when one was changed."
        ),
    ),
    create_shop=NotOffered("Simutek's API has no shops."),
    update_shop=NotOffered("Simutek's API has no shops."),
    place_order=orders.place_order,
    find_orders=NotOffered(NOT_LOOKED_UP),
    list_changed_orders=NotOffered(NOT_FOLLOWED),
    read_order=NotOffered(NOT_FOLLOWED),
    cancel_order=NotOffered(NOT_CANCELLED),
    webhooks=NotOffered("Simutek's API sends no webhooks."),
    customer_login=NotOffered("Simutek's API has no customer login."),
    checklist=checklist.CHECKLIST,
    known_addresses=KNOWN_ADDRESSES,
    limits=LIMITS,
)

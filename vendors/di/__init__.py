"""DI (Distribution Innovation): registers web shops for delivery, "Shop API"."""

from vendors.contracts import NotOffered, Vendor
from vendors.di import auth, environments, orders, shops
from vendors.di.checklist import CHECKLIST
from vendors.di.details import SHOP_FIELDS
from vendors.di.mapping import MAPPING
from vendors.di.objections import shop_objections
from vendors.di.products import NO_PRODUCTS
from vendors.di.settings import CREDENTIALS, LIMITS, OPTIONS
from vendors.di.status import NO_ORDERS, NO_READING

VENDOR = Vendor(
    code="di",
    name="Distribution Innovation",
    credentials=CREDENTIALS,
    options=OPTIONS,
    mapping=MAPPING,
    keys_of_ours=("error_key.",),
    open_client=auth.open_client,
    has_test_flag=False,
    objections=orders.objections,
    check_connection=auth.check_connection,
    fetch_offers=NotOffered(NO_PRODUCTS),
    list_changed_products=NotOffered(NO_PRODUCTS),
    read_product=NotOffered(NO_PRODUCTS),
    list_changed_stock=NotOffered(NO_PRODUCTS),
    read_price_file=NotOffered(NO_PRODUCTS),
    customers=NotOffered("DI's Shop API has shops and no customers."),
    create_shop=shops.create_shop,
    update_shop=shops.update_shop,
    place_order=NotOffered(NO_ORDERS),
    find_orders=NotOffered(NO_ORDERS),
    list_changed_orders=NotOffered(NO_ORDERS),
    read_order=NotOffered(NO_READING),
    cancel_order=NotOffered(NO_ORDERS),
    webhooks=NotOffered("DI's Shop API sends no webhooks."),
    customer_login=NotOffered("DI's Shop API has no customer login."),
    shop_fields=SHOP_FIELDS,
    shop_objections=shop_objections,
    checklist=CHECKLIST,
    known_addresses=environments.KNOWN_ADDRESSES,
    limits=LIMITS,
)

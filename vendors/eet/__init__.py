"""EET Group: spare parts and electronics, through the "EET Customer API"."""

from vendors.contracts import NotOffered, Vendor
from vendors.eet import auth, checklist, orders, price_file, products
from vendors.eet.mapping import MAPPING
from vendors.eet.settings import CREDENTIALS, LIMITS, OPTIONS
from vendors.eet.status import REASON

VENDOR = Vendor(
    code="eet",
    name="EET Group",
    credentials=CREDENTIALS,
    options=OPTIONS,
    mapping=MAPPING,
    keys_of_ours=("file.", "stock."),
    open_client=auth.open_client,
    has_test_flag=True,
    objections=orders.objections,
    check_connection=auth.check_connection,
    fetch_offers=products.fetch_offers,
    list_changed_products=NotOffered(
        "EET's API has no such call; its price files tell what has changed."
    ),
    read_product=NotOffered(
        "EET's API has no such call; its price files describe all."
    ),
    list_changed_stock=NotOffered("EET's API has no such call."),
    read_price_file=price_file.read_price_file,
    customers=NotOffered("EET's API has no customers; the account is the customer."),
    create_shop=NotOffered("EET's API has no shops."),
    update_shop=NotOffered("EET's API has no shops."),
    place_order=orders.place_order,
    find_orders=NotOffered(
        "EET's API can't look an order up. Search EET's web shop and the order "
        "confirmations for our order number."
    ),
    list_changed_orders=NotOffered(REASON),
    read_order=NotOffered(REASON),
    cancel_order=NotOffered(
        "EET's API can't cancel an order; call the sales contact at once."
    ),
    webhooks=NotOffered("EET's API sends no webhooks."),
    customer_login=NotOffered("EET's API has no customer login."),
    checklist=checklist.CHECKLIST,
    known_addresses=checklist.KNOWN_ADDRESSES,
    limits=LIMITS,
)

"""Tinker Tools: hand tools, by an API of five calls."""

from vendors.tinker import auth, checklist, orders, products
from vendors.tinker.mapping import MAPPING, WORD_KINDS
from vendors.tinker.settings import CREDENTIALS, LIMITS, OPTIONS

from vendors.contracts import NotOffered, Vendor

VENDOR = Vendor(
    code="tinker",
    name="Tinker Tools",
    credentials=CREDENTIALS,
    options=OPTIONS,
    mapping=MAPPING,
    word_kinds=WORD_KINDS,
    open_client=auth.open_client,
    has_test_flag=False,
    objections=orders.objections,
    check_connection=auth.check_connection,
    fetch_offers=products.fetch_offers,
    list_changed_products=NotOffered(
        "Tinker has no list of changed articles; each is asked for by its number."
    ),
    read_product=NotOffered(
        "Tinker describes an article only beside its price; ask for the offer."
    ),
    list_changed_stock=NotOffered(
        "Tinker has no list of stock; each article is asked for by its number."
    ),
    read_price_file=NotOffered("Tinker hands out no price files."),
    customers=NotOffered("Tinker's API has no customers; the key is the customer."),
    create_shop=NotOffered("Tinker sells tools and sets no shops up."),
    update_shop=NotOffered("Tinker sells tools and keeps no shops."),
    place_order=orders.place_order,
    find_orders=orders.find_orders,
    list_changed_orders=NotOffered(
        "Tinker's list of orders does not tell when one was changed; read each."
    ),
    read_order=orders.read_order,
    cancel_order=NotOffered("Tinker's API can't cancel an order; call them at once."),
    webhooks=NotOffered("Tinker sends no webhooks."),
    customer_login=NotOffered("Tinker has no login for customers of ours."),
    checklist=checklist.CHECKLIST,
    known_addresses=checklist.KNOWN_ADDRESSES,
    limits=LIMITS,
)

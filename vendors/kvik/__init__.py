"""Kvik: a hosted web shop, through its "Customer API", as the shop's customer."""

from vendors.contracts import NotOffered, Vendor
from vendors.kvik import auth, listing, look_up, orders, products
from vendors.kvik.checklist import CHECKLIST
from vendors.kvik.login import CUSTOMER_LOGIN
from vendors.kvik.mapping import MAPPING, WORD_KINDS
from vendors.kvik.settings import CREDENTIALS, LIMITS, OPTIONS

VENDOR = Vendor(
    code="kvik",
    name="Kvik shop",
    credentials=CREDENTIALS,
    options=OPTIONS,
    mapping=MAPPING,
    word_kinds=WORD_KINDS,
    keys_of_ours=("availability.",),
    open_client=auth.open_client,
    has_test_flag=False,
    objections=orders.objections,
    check_connection=auth.check_connection,
    fetch_offers=products.fetch_offers,
    list_changed_products=NotOffered(
        "The shop has no list of changes; ask for an item by its code, with the brand "
        "where several share it."
    ),
    read_product=NotOffered(
        "The shop's answer describes an item only beside its price; ask for the offer."
    ),
    list_changed_stock=NotOffered(
        "The shop has no list of stock; ask for an item by its code."
    ),
    read_price_file=NotOffered(
        "No price file of these shops is known; ask the merchant for one."
    ),
    customers=NotOffered(
        "We are the shop's customer; its other customers are not shown to us."
    ),
    create_shop=NotOffered("We are a customer of the shop; the vendor sets shops up."),
    update_shop=NotOffered("We are a customer of the shop; the merchant keeps it."),
    place_order=orders.place_order,
    find_orders=look_up.find_orders,
    list_changed_orders=listing.list_changed_orders,
    lists_whole=True,
    read_order=listing.read_order,
    cancel_order=NotOffered(
        "“Manage orders” is all the vendor says, and no call to cancel is described. "
        "Call the shop at once; the list shows when the order is cancelled."
    ),
    webhooks=NotOffered(
        "The shop sends no webhooks to customers; its list of orders is read instead."
    ),
    customer_login=CUSTOMER_LOGIN,
    note_before_placing=look_up.note_before_placing,
    checklist=CHECKLIST,
    # Each shop has an address of its own; the help of the client id says so.
    known_addresses=(),
    limits=LIMITS,
)

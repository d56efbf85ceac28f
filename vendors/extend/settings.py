"""What a supplier that runs Extend is asked for: credentials and options."""

from collections.abc import Mapping

from vendors.contracts import CallLimits, FieldKind, SettingField
from vendors.options import MINIMUM_ORDER_VALUE, POLL_MINUTES, limit_fields
from vendors.testmode import agreement_field

LOGINS: Mapping[str, tuple[str, ...]] = {
    "fetch_prices": ("product_", "read_"),
    "list_changed_products": ("product_", "read_"),
    "read_product": ("product_", "read_"),
    "fetch_availability": ("stock_", "read_"),
    "list_changed_stock": ("stock_", "read_"),
    "read_customer": ("customer_", "read_"),
    "find_customers": ("customer_", "read_"),
    "list_changed_customers": ("customer_", "read_"),
    "create_customer": ("customer_",),
}
"""Which logins a call tries first, by its purpose; after them comes the main one.

Purposes that are not here read with `read_` and write with `order_`."""

CREDENTIALS = (
    SettingField(name="username", label="User name", is_required=True),
    SettingField(
        name="password", label="Password", kind=FieldKind.SECRET, is_required=True
    ),
    SettingField(
        name="read_username",
        label="User name for reading",
        help="Extend may hand out different logins for different calls. Leave empty "
        "to read with the login above.",
    ),
    SettingField(
        name="read_password", label="Password for reading", kind=FieldKind.SECRET
    ),
    SettingField(
        name="order_username",
        label="User name for orders",
        help="Leave empty to place and cancel orders with the first login.",
    ),
    SettingField(
        name="order_password", label="Password for orders", kind=FieldKind.SECRET
    ),
    SettingField(
        name="product_username",
        label="User name for products and prices",
        help="Leave empty to read them with the login for reading.",
    ),
    SettingField(
        name="product_password",
        label="Password for products and prices",
        kind=FieldKind.SECRET,
    ),
    SettingField(
        name="stock_username",
        label="User name for availability",
        help="Leave empty to read it with the login for reading.",
    ),
    SettingField(
        name="stock_password",
        label="Password for availability",
        kind=FieldKind.SECRET,
    ),
    SettingField(
        name="customer_username",
        label="User name for customers",
        help="Leave empty to read them with the login for reading, and to create "
        "them with the first one.",
    ),
    SettingField(
        name="customer_password",
        label="Password for customers",
        kind=FieldKind.SECRET,
    ),
    SettingField(
        name="webhook_secret",
        label="Webhook secret",
        kind=FieldKind.SECRET,
        help="As entered at the webhook in Extend's backend; 32 to 64 characters.",
    ),
    SettingField(
        name="webhook_secret_previous",
        label="Webhook secret, previous",
        kind=FieldKind.SECRET,
        help="Stays valid while the secret is being changed.",
    ),
)

ORDER_TYPES = (
    "Normal",
    "QuickOrder",
    "Express",
    "ServiceOrderExpress",
    "WarehouseTransferOrder",
    "ServiceOrderNormal",
    "ServiceOrderPickup",
    "RMAOrder",
    "ReplacementOrder",
    "CDDestination",
    "Subscription",
    "SeasonOrder",
    "WebshopOrder",
    "AgreedOrder",
    "GiftshopOrder",
)

_ORDERING = (
    SettingField(
        name="client",
        label="Client",
        is_required=True,
        help="Short name of the company inside the installation; part of every "
        "address.",
    ),
    SettingField(
        name="customer_number",
        label="Customer number",
        is_required=True,
        help="Our number with this supplier; prices hang on it.",
    ),
    SettingField(
        name="warehouse",
        label="Warehouse",
        help="Short name of the warehouse that rows are ordered from. Leave empty to "
        "let Extend choose.",
    ),
    SettingField(
        name="unit",
        label="Sales unit",
        help="Sent with a line that names none, such as ST. Extend demands a unit; "
        "the check of the connection lists those it knows.",
    ),
    SettingField(
        name="order_type",
        label="Order type",
        kind=FieldKind.CHOICE,
        choices=ORDER_TYPES,
        default="Normal",
    ),
    SettingField(
        name="partial_delivery",
        label="Delivery in parts",
        kind=FieldKind.CHOICE,
        choices=("customer", "yes", "no"),
        default="customer",
        help="“customer” leaves it to what the supplier has set for us.",
    ),
    agreement_field(
        "Extend has no test mode: an order sent in test mode is a real one there. "
        "Tick only after the supplier has given us a test installation, or a customer "
        "number whose orders it deletes."
    ),
    SettingField(
        name="read_only",
        label="Read only",
        kind=FieldKind.BOOLEAN,
        default=False,
        help="Nothing is ordered, cancelled or created; everything else works.",
    ),
)

_CUSTOMERS = (
    SettingField(
        name="allow_customer_creation",
        label="Customers may be created",
        kind=FieldKind.BOOLEAN,
        default=False,
        help="As a rule the supplier makes the customer and tells us its number.",
    ),
    SettingField(
        name="customer_template",
        label="Template of new customers",
        help="Name of a template in the installation, which fills in the rest.",
    ),
)

_READING = (
    SettingField(
        name="warehouses",
        label="Warehouses for availability",
        help="Short names, separated by commas. Leave empty for the warehouse above, "
        "or all if there is none.",
    ),
    SettingField(
        name="priority_group",
        label="Priority group",
        kind=FieldKind.CHOICE,
        choices=("A", "B", "C"),
        default="A",
        help="Ask the supplier: groups B and C see balances of their own.",
    ),
    SettingField(
        name="currency",
        label="Currency of prices",
        help="Such as SEK. Leave empty for the customer's own.",
    ),
    SettingField(
        name="most_items",
        label="Items asked for at once",
        kind=FieldKind.INTEGER,
        default=50,
        help="Extend does not accept asking for balances product by product; a few "
        "for an order are fine.",
    ),
    SettingField(
        name="time_zone",
        label="Time zone",
        default="Europe/Stockholm",
        help="Holds for dates that come without one.",
    ),
    SettingField(
        name="poll_overlap",
        label="Overlap of polling, minutes",
        kind=FieldKind.INTEGER,
        default=135,
        help="How far a poll reaches back behind the last change seen; two hours "
        "and a quarter also cover a mix-up of UTC and Swedish time.",
    ),
    SettingField(
        name="read_timeout",
        label="Longest wait for an answer, seconds",
        kind=FieldKind.INTEGER,
        default=120,
    ),
)

LIMITS = CallLimits(
    per_minute=240,
    at_once=2,
    groups={"high": 240},
    group_of={"check_connection": "high"},
    note="Extend documents 300 for its group “Standard”, but not in which time; this "
    "stays under 300 a minute. The group “High” is counted apart.",
)

OPTIONS = (
    *_ORDERING,
    *_CUSTOMERS,
    *_READING,
    POLL_MINUTES,
    MINIMUM_ORDER_VALUE,
    *limit_fields(LIMITS),
)

"""What a supplier that runs GKS is asked for: credentials and options."""

from vendors.contracts import CallLimits, FieldKind, KnownAddress, SettingField
from vendors.options import MINIMUM_ORDER_VALUE, limit_fields
from vendors.testmode import agreement_field

KNOWN_ADDRESSES = (
    KnownAddress(
        base_url="",
        auth_url="https://id.simutek.se",
        note="Simutek hands the address of the API over with the credentials; it is "
        "another one for each supplier. There is no test system.",
    ),
)

CREDENTIALS = (
    SettingField(
        name="client_id",
        label="Client id",
        is_required=True,
        help="The supplier has Simutek register a client for us in its GKS.",
    ),
    SettingField(
        name="client_secret",
        label="Client secret",
        kind=FieldKind.SECRET,
        is_required=True,
    ),
)

_ORDERING = (
    SettingField(
        name="customer_number",
        label="Customer number",
        is_required=True,
        help="Our number in the supplier's GKS. Orders under one it does not know "
        "are refused; the check of the connection shows whose it is.",
    ),
    agreement_field(
        "GKS has no test mode: each accepted order is a real one, and may start "
        "production at once. Tick only after the supplier has agreed to a customer "
        "number and an article for tests, and the customer number above is that one."
    ),
    SettingField(
        name="language_code",
        label="Language of documents",
        kind=FieldKind.CHOICE,
        choices=("sv", "no", "en"),
        default="en",
        help="Of the order confirmation, for example; GKS knows these three.",
    ),
    SettingField(
        name="order_title_suffix",
        label="Words after the order's title",
        help="The title is our order number, and these words follow it.",
    ),
    SettingField(
        name="delivery_in",
        label="Place of the delivery address",
        kind=FieldKind.CHOICE,
        choices=("lines", "order"),
        default="lines",
        help="“lines” repeats it at each line, the form that Simutek prints in full; "
        "“order” gives it once, in a form that Simutek leaves open.",
    ),
)

_CONTACTS = (
    SettingField(name="billing_first_name", label="Buyer's first name"),
    SettingField(name="billing_last_name", label="Buyer's last name"),
    SettingField(name="billing_email", label="Buyer's e-mail address"),
    SettingField(
        name="billing_phone",
        label="Buyer's phone",
        help="With the country code: +46 8 000 00 00.",
    ),
    SettingField(
        name="billing_mobile_phone",
        label="Buyer's mobile phone",
        help="With the country code.",
    ),
    SettingField(
        name="billing_e_invoice_code",
        label="Reference for e-invoices",
        help="Such as a cost centre; the supplier's invoice carries it.",
    ),
    SettingField(name="delivery_contact_name", label="Contact at the delivery place"),
    SettingField(
        name="delivery_contact_phone",
        label="Mobile phone at the delivery place",
        help="With the country code.",
    ),
    SettingField(
        name="delivery_contact_email", label="E-mail address at the delivery place"
    ),
)

LIMITS = CallLimits(
    per_minute=120,
    at_once=2,
    note="Simutek states no limit; this is our guess of what is gentle.",
)

OPTIONS = (
    *_ORDERING,
    *_CONTACTS,
    SettingField(
        name="allow_customer_creation",
        label="Customers may be created",
        kind=FieldKind.BOOLEAN,
        default=False,
        help="Creating one writes into the supplier's own register; agree on it first.",
    ),
    SettingField(
        name="read_timeout",
        label="Longest wait for an answer, seconds",
        kind=FieldKind.INTEGER,
        default=60,
    ),
    MINIMUM_ORDER_VALUE,
    *limit_fields(LIMITS),
)

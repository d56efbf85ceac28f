"""What a supplier whose shop runs on Kvik is asked for: credentials and options."""

from vendors.contracts import CallLimits, FieldKind, SettingField
from vendors.options import MINIMUM_ORDER_VALUE, POLL_MINUTES, limit_fields
from vendors.testmode import agreement_field

AUTO, UNPAGED, BY_PAGE, BY_OFFSET, BY_LINK = "auto", "none", "page", "offset", "link"

CREDENTIALS = (
    SettingField(
        name="client_id",
        label="Client id",
        is_required=True,
        help="The merchant allows the Customer API for our customer account; the id "
        "and the secret then stand in our user profile in the shop. The address is "
        "the shop's own, https:// and its domain: there is no common one.",
    ),
    SettingField(
        name="client_secret",
        label="Client secret",
        kind=FieldKind.SECRET,
        is_required=True,
        help="Most likely what the profile calls the Customer API password.",
    ),
    SettingField(
        name="login_client_id",
        label="Client id for customers' logins",
        help="Of our application, where the merchant has entered one. Leave empty to "
        "use the client id above.",
    ),
    SettingField(
        name="login_client_secret",
        label="Client secret for customers' logins",
        kind=FieldKind.SECRET,
        help="Leave empty to use the client secret above.",
    ),
)

_ORDERING = (
    SettingField(
        name="shipping_method",
        label="Shipping method",
        help="Its id in the shop; ask the merchant. Leave empty to send none and let "
        "the shop choose.",
    ),
    SettingField(
        name="payment_method",
        label="Payment method",
        help="Its id in the shop; ask the merchant. Leave empty to send none and let "
        "the shop choose.",
    ),
    SettingField(
        name="send_prices",
        label="Send prices",
        kind=FieldKind.BOOLEAN,
        default=False,
        help="A shop prices an order itself. Tick only if the merchant says that the "
        "API takes prices.",
    ),
    agreement_field(
        "The shop has no test mode: an order sent in test mode is a real one there. "
        "Tick only after the merchant has agreed to cancel the orders of this "
        "customer, or has given us a trial shop."
    ),
    SettingField(
        name="read_only",
        label="Read only",
        kind=FieldKind.BOOLEAN,
        default=False,
        help="Nothing is ordered; everything else works.",
    ),
)

_READING = (
    SettingField(
        name="paging",
        label="Paging of the list of orders",
        kind=FieldKind.CHOICE,
        choices=(AUTO, UNPAGED, BY_PAGE, BY_OFFSET, BY_LINK),
        default=AUTO,
        help="“auto” follows a next link, else asks for a second page by page and "
        "offset at once and sees whether anything new comes. “none” takes one answer "
        "for all, and “link” one without a link for the last: choose them only if the "
        "merchant says so, or orders may be overlooked.",
    ),
    SettingField(
        name="page_size",
        label="Orders per page",
        kind=FieldKind.INTEGER,
        default=100,
        help="For “page” and “offset”.",
    ),
    SettingField(
        name="first_page",
        label="Number of the first page",
        kind=FieldKind.INTEGER,
        default=1,
    ),
    SettingField(
        name="reads_single_orders",
        label="Single orders can be read",
        kind=FieldKind.BOOLEAN,
        default=False,
        help="Tick if the shop answers at the path of a single order; else an order "
        "is looked for in the list of all.",
    ),
    SettingField(
        name="time_zone",
        label="Time zone",
        default="Europe/Prague",
        help="Holds for times that come without one.",
    ),
    SettingField(
        name="clock_tolerance",
        label="Tolerance for the shop's clock, minutes",
        kind=FieldKind.INTEGER,
        default=135,
        help="How much earlier than it was sent an order may be dated by the shop; "
        "two hours and a quarter also cover a mix-up of time zones.",
    ),
    SettingField(
        name="read_timeout",
        label="Longest wait for an answer, seconds",
        kind=FieldKind.INTEGER,
        default=60,
    ),
)

_LOGIN = (
    SettingField(
        name="login_pkce",
        label="Customers' logins with PKCE",
        kind=FieldKind.BOOLEAN,
        default=True,
        help="An extra proof in the login of a customer. Untick if the shop refuses "
        "it.",
    ),
)

LIMITS = CallLimits(
    per_minute=60,
    at_once=1,
    note="No limit is published; a shop is a small server, so it gets one a second.",
)

OPTIONS = (
    *_ORDERING,
    *_READING,
    *_LOGIN,
    POLL_MINUTES,
    MINIMUM_ORDER_VALUE,
    *limit_fields(LIMITS),
)

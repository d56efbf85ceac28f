"""What a supplier at EET is asked for: credentials and options."""

from vendors.contracts import CallLimits, FieldKind, SettingField
from vendors.options import MINIMUM_ORDER_VALUE, limit_fields

CREDENTIALS = (
    SettingField(
        name="username",
        label="User name",
        is_required=True,
        help="Of the API account, which EET's sales representative opens.",
    ),
    SettingField(
        name="password", label="Password", kind=FieldKind.SECRET, is_required=True
    ),
)

LIMITS = CallLimits(
    per_minute=120,
    at_once=1,
    note="EET states no limit; this is gentler than what others are seen to do.",
)

OPTIONS = (
    SettingField(
        name="order_contract_confirmed",
        label="Order call confirmed",
        kind=FieldKind.BOOLEAN,
        default=False,
        help="Tick only after the place and the spelling of the test flag were read "
        "off EET's Swagger page and agree with the names of this supplier. "
        "Before that no order is sent, not even a test.",
    ),
    SettingField(
        name="price_divisor",
        label="Price divisor",
        kind=FieldKind.DECIMAL,
        default=100,
        help="EET seems to send prices in hundredths (12950 for 129.50). Compare "
        "one item with the web shop; set 1 if the API sends ordinary prices.",
    ),
    SettingField(
        name="currency",
        label="Currency",
        help="Of the account, such as DKK. The API does not say it.",
    ),
    SettingField(
        name="batch_size",
        label="Items per call",
        kind=FieldKind.INTEGER,
        default=250,
        help="EET refuses calls with more than about 1000 items.",
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

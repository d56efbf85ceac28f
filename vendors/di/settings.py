"""What a supplier at DI is asked for: credentials and options."""

from typing import Any

from vendors.contracts import Account, CallLimits, FieldKind, SettingField
from vendors.options import limit_fields, read_option

CURRENT, CUSTOMER_SYSTEM = "current", "customer_system"
NUMBER, TEXT = "number", "text"
WITH_ID, WITHOUT_ID = "with_id", "without_id"
OBJECT, JSON_PATCH = "object", "json_patch"
V3, V2 = "v-3", "v-2"

CREDENTIALS = (
    SettingField(
        name="username",
        label="User name",
        is_required=True,
        help="From DI's service desk; as a rule it begins with “ws”. The user needs "
        "the role for the Shop API and access to the owner party.",
    ),
    SettingField(
        name="password", label="Password", kind=FieldKind.SECRET, is_required=True
    ),
)

_SHOPS = (
    SettingField(
        name="owner_party_key",
        label="Owner party key",
        help="DI's key of the owner party that shops are made for, unless the shop "
        "names another. Ask DI for it.",
    ),
    SettingField(
        name="transport_solution_ids",
        label="Transport solutions",
        help="Their ids at DI, separated by commas, such as “4, 17”, unless the shop "
        "names others. They come from DI or the carrier.",
    ),
    SettingField(
        name="body_form",
        label="Form of a new shop",
        kind=FieldKind.CHOICE,
        choices=(CURRENT, CUSTOMER_SYSTEM),
        default=CURRENT,
        help="“customer_system” is an older form of DI's page, in case the server "
        "still follows it.",
    ),
    SettingField(
        name="street_number_as",
        label="Street numbers are sent as",
        kind=FieldKind.CHOICE,
        choices=(NUMBER, TEXT),
        default=NUMBER,
        help="DI's sample has a number. What is not all digits is always a text.",
    ),
    SettingField(
        name="customer_numbers_as",
        label="External customer ids are sent as",
        kind=FieldKind.CHOICE,
        choices=(NUMBER, TEXT),
        default=NUMBER,
        help="DI's samples have numbers; a number can't keep a leading zero.",
    ),
)

_UPDATES = (
    SettingField(
        name="update_confirmed",
        label="Update call confirmed",
        kind=FieldKind.BOOLEAN,
        default=False,
        help="DI's public pages do not show the path and the body of an update. "
        "Tick only after an update was seen to work on TEST with the path and the "
        "body below; before that no shop is updated in PRODUCTION.",
    ),
    SettingField(
        name="update_path",
        label="Path of an update",
        kind=FieldKind.CHOICE,
        choices=(WITH_ID, WITHOUT_ID),
        default=WITH_ID,
        help="Whether the id of the shop stands in the path, or in the body alone.",
    ),
    SettingField(
        name="update_body",
        label="Body of an update",
        kind=FieldKind.CHOICE,
        choices=(OBJECT, JSON_PATCH),
        default=OBJECT,
        help="The shop as when it was made, or a list of JSON Patch operations.",
    ),
    SettingField(
        name="update_sends_setup",
        label="Updates send the setup too",
        kind=FieldKind.BOOLEAN,
        default=False,
        help="Owner party, address collection and transport solutions. DI describes "
        "them for new shops alone; tick only if TEST takes them.",
    ),
    SettingField(
        name="update_sends_empty",
        label="Updates send empty members",
        kind=FieldKind.BOOLEAN,
        default=False,
        help="What is left empty is not sent, and DI may keep what it has. Tick if "
        "TEST shows that an empty value clears it.",
    ),
)

_CONNECTION = (
    SettingField(
        name="login_version",
        label="Version of the login",
        kind=FieldKind.CHOICE,
        choices=(V3, V2),
        default=V3,
        help="v-3 lets us choose how long a token lives; with v-2 it is 30 minutes.",
    ),
    SettingField(
        name="token_minutes",
        label="Life of a token, minutes",
        kind=FieldKind.INTEGER,
        default=720,
        help="1 to 1440, with v-3. DI asks not to log in for every call.",
    ),
    SettingField(
        name="read_timeout",
        label="Longest wait for an answer, seconds",
        kind=FieldKind.INTEGER,
        default=60,
    ),
)

LIMITS = CallLimits(
    per_minute=120,
    at_once=2,
    note="DI states no limit, and may limit who misuses the service.",
)

OPTIONS = (*_SHOPS, *_UPDATES, *_CONNECTION, *limit_fields(LIMITS))


def option(account: Account, name: str) -> Any:
    """Return an option of an account, where there is no client to ask.

    Raises:
        NotSent: it is set to something impossible.
    """
    return read_option(OPTIONS, account.options, name)

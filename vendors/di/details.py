"""What DI wants to know of a shop besides its name, numbers and address."""

import re
from dataclasses import dataclass
from typing import Any

from vendors.contracts import Account, Address, FieldKind, SettingField, ShopRequest
from vendors.di.settings import option
from vendors.options import read_option

SHOP_FIELDS = (
    SettingField(
        name="owner_party_key",
        label="Owner party key",
        help="DI's key of the owner party the shop is made for. Leave empty for the "
        "one set at the supplier.",
    ),
    SettingField(
        name="transport_solution_ids",
        label="Transport solutions",
        help="Ids at DI, separated by commas, such as “4, 17”. Leave empty for those "
        "set at the supplier.",
    ),
    SettingField(
        name="address_collector",
        label="Address collection",
        kind=FieldKind.BOOLEAN,
        default=False,
        help="Whether DI collects addresses for this shop. Said once, when the shop "
        "is made.",
    ),
    SettingField(
        name="vat_liable",
        label="Liable to VAT",
        kind=FieldKind.BOOLEAN,
        default=False,
        help="Sent each time, for DI takes a shop that does not say so as not liable.",
    ),
    SettingField(
        name="external_customer_ids",
        label="External customer ids",
        help="Freight product = customer number, separated by commas, such as "
        "“5=4100023, 7=4100024”. Always all of them; DI takes each pair once.",
    ),
    SettingField(name="deliverer_edi", label="EDI software"),
    SettingField(
        name="web_shop_platform",
        label="Web shop platform",
        help="Such as WooCommerce, or “Egen” for one of their own.",
    ),
    SettingField(name="ceo", label="CEO"),
    SettingField(name="customer_manager", label="Customer manager"),
    SettingField(
        name="short_name",
        label="Short name",
        help="Up to 5 characters, unique at DI. Only needed where the supplier sends "
        "the older form of a new shop.",
    ),
)

_LIST = re.compile(r"[,;\s]+")
_WHOLE = re.compile(r"\d{1,18}", re.ASCII)
_PAIR = re.compile(r"(\d{1,18})\s*=\s*(\d{1,18})", re.ASCII)
_HOUSE = re.compile(r"(\d+)\s*([^\W\d_])")


@dataclass(frozen=True)
class CustomerId:
    """The shop's customer number with one freight product; digits, as typed."""

    freight_product: str
    customer_number: str


def detail(request: ShopRequest, name: str) -> Any:
    """Return one detail by its declared type, or its default.

    Raises:
        NotSent: it is something impossible.
    """
    return read_option(SHOP_FIELDS, request.details, name)


def owner_party_key(account: Account, request: ShopRequest) -> str:
    return str(detail(request, "owner_party_key")) or str(
        option(account, "owner_party_key")
    )


def transport_solution_ids(
    account: Account, request: ShopRequest
) -> tuple[int, ...] | None:
    """Return the ids to connect, each once; None if one is no whole number."""
    text = detail(request, "transport_solution_ids")
    text = text or option(account, "transport_solution_ids")
    words = [word for word in _LIST.split(text) if word]
    if not all(_WHOLE.fullmatch(word) for word in words):
        return None
    return tuple(dict.fromkeys(int(word) for word in words))


def external_customer_ids(request: ShopRequest) -> tuple[CustomerId, ...] | None:
    """Return the pairs as typed; None if one can't be read."""
    text = detail(request, "external_customer_ids")
    found = []
    for word in re.split(r"[,;\n]", text):
        if not word.strip():
            continue
        pair = _PAIR.fullmatch(word.strip())
        if pair is None:
            return None
        found.append(CustomerId(pair[1], pair[2]))
    return tuple(found)


def house(address: Address) -> tuple[str, str]:
    """Return street number and entrance; the letter of “12B” is an entrance."""
    number, entrance = address.street_number.strip(), address.entrance.strip()
    split = None if entrance else _HOUSE.fullmatch(number)
    return (split[1], split[2]) if split else (number, entrance)


def zip_code(address: Address) -> str:
    """Return the code as text; “113 30” is written without its blank."""
    digits = "".join(address.zip_code.split())
    return digits if digits.isdecimal() else address.zip_code.strip()


def country(address: Address) -> str:
    return address.country_code.strip().upper()

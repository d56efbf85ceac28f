"""What stands against creating or updating a shop at DI, found without any call.

Source: the field tables of the page "Shop API". DI marks e-mail and address as
mandatory and not the parts of the address; a warehouse without them is of no use,
so they are demanded here. Lengths are those of DI's parcel APIs.
"""

import re
from collections.abc import Iterator, Sequence

from vendors.contracts import Account, Address, ShopRequest
from vendors.di import environments
from vendors.di.auth import LONGEST_MINUTES, wrong_minutes
from vendors.di.details import (
    SHOP_FIELDS,
    CustomerId,
    country,
    detail,
    external_customer_ids,
    house,
    owner_party_key,
    transport_solution_ids,
    zip_code,
)
from vendors.di.settings import (
    CUSTOMER_SYSTEM,
    JSON_PATCH,
    NUMBER,
    OPTIONS,
    WITHOUT_ID,
    option,
)
from vendors.errors import NotSent

COUNTRIES = ("NO", "SE", "DE", "FI")
_ZIP_DIGITS = {"NO": (4, "0181"), "SE": (5, "11330")}
_LONGEST_EMAIL, _LONGEST_LINE, _LONGEST_CITY, _LONGEST_ZIP = 100, 105, 35, 9
_LONGEST_ENTRANCE = _LONGEST_SHORT_NAME = 5
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_SHOP_ID = re.compile(r"[1-9]\d{0,17}", re.ASCII)

UPDATE_NOT_CONFIRMED = (
    "No shop is updated in PRODUCTION before the path and the body of DI's update "
    "call were tried on TEST: its public pages show neither. Try them with the "
    "checklist of a supplier in test mode, set “Path of an update” and “Body of an "
    "update” to what worked, then tick “Update call confirmed”."
)


def shop_objections(account: Account, request: ShopRequest) -> tuple[str, ...]:
    """Return what stands against sending this shop, new or known; nothing is called."""
    try:
        for field in OPTIONS:
            option(account, field.name)
        for field in SHOP_FIELDS:
            detail(request, field.name)
    except NotSent as error:
        return (error.text,)
    return (
        *_account_objections(account),
        *(_update_objections if request.vendor_id else _setup_objections)(
            account, request
        ),
        *_text_objections(request),
        *_address_objections(request.address),
        *_customer_id_objections(
            external_customer_ids(request),
            is_number=option(account, "customer_numbers_as") == NUMBER,
        ),
    )


def _account_objections(account: Account) -> Iterator[str]:
    yield from environments.pair_objections(account)
    yield from environments.mode_objections(account)
    minutes = option(account, "token_minutes")
    if not 1 <= minutes <= LONGEST_MINUTES:
        yield wrong_minutes(minutes)


def _setup_objections(account: Account, request: ShopRequest) -> Iterator[str]:
    if not owner_party_key(account, request):
        yield "The owner party key is missing; enter it at the shop or its supplier."
    solutions = transport_solution_ids(account, request)
    if solutions is None:
        yield (
            "The transport solutions must be whole numbers separated by commas, such "
            "as “4, 17”."
        )
    elif not solutions:
        yield (
            "The transport solutions are missing; enter at least one id at the shop "
            "or its supplier."
        )
    if option(account, "body_form") == CUSTOMER_SYSTEM:
        short_name = detail(request, "short_name")
        if not 1 <= len(short_name) <= _LONGEST_SHORT_NAME:
            yield (
                "The short name must have 1 to 5 characters in the older form of a "
                "shop; enter one at the shop."
            )
        if not request.name.strip():
            yield "The name is missing; the older form of a shop demands it."


def _update_objections(account: Account, request: ShopRequest) -> Iterator[str]:
    if not account.is_test and not option(account, "update_confirmed"):
        yield UPDATE_NOT_CONFIRMED
    if not _SHOP_ID.fullmatch(request.vendor_id):
        yield f"DI's id of a shop is a whole number, not {request.vendor_id[:40]!r}."
    sends_setup = option(account, "update_sends_setup")
    if sends_setup:
        yield from _setup_objections(account, request)
    if option(account, "update_body") == JSON_PATCH:
        if option(account, "update_path") == WITHOUT_ID:
            yield (
                "A JSON Patch holds no id, so the id must stand in the path; change "
                "“Path of an update” or “Body of an update”."
            )
        if sends_setup:
            yield (
                "A JSON Patch changes the shop alone; untick “Updates send the setup "
                "too” or change “Body of an update”."
            )


def _text_objections(request: ShopRequest) -> Iterator[str]:
    email = request.email.strip()
    if not email:
        yield "The e-mail is missing; DI demands one."
    elif len(email) > _LONGEST_EMAIL or not _EMAIL.fullmatch(email):
        yield (
            "The e-mail must be one address of up to 100 characters, such as "
            "lager@example.com."
        )
    texts = {
        "name": request.name,
        "organisation number": request.organization_number,
        "e-mail": email,
        "phone": request.phone,
        **{
            field.label: detail(request, field.name)
            for field in SHOP_FIELDS
            if field.name != "external_customer_ids"
        },
    }
    yield from _unprintable(texts)


def _unprintable(texts: dict[str, object]) -> Iterator[str]:
    for label, text in texts.items():
        if isinstance(text, str) and not text.isprintable():
            yield f"The {label} holds a line break or a sign that can't be sent."


def _address_objections(address: Address) -> Iterator[str]:
    number, entrance = house(address)
    code, land = zip_code(address), country(address)
    parts = {
        "street": address.street.strip(),
        "street number": number,
        "zip code": code,
        "city": address.city.strip(),
        "country": land,
    }
    if not any(parts.values()):
        yield "The address is missing; enter the warehouse's."
        return
    for label, value in parts.items():
        if not value:
            yield f"The {label} of the address is missing; DI needs it."
    yield from _unprintable({**parts, "entrance": entrance})
    if len(entrance) > _LONGEST_ENTRANCE:
        yield f"The entrance must have up to 5 characters, not {len(entrance)}."
    if len(f"{parts['street']} {number} {entrance}".strip()) > _LONGEST_LINE:
        yield (
            "The street, its number and the entrance are too long together; shorten "
            f"them to {_LONGEST_LINE} characters."
        )
    if len(parts["city"]) > _LONGEST_CITY:
        yield f"The city is too long; shorten it to {_LONGEST_CITY} characters."
    if land and land not in COUNTRIES:
        yield (
            f"The country must be one of {', '.join(COUNTRIES)}, not {land[:10]!r}; "
            "DI delivers to no other."
        )
    if code:
        yield from _zip_objections(code, land)


def _zip_objections(code: str, land: str) -> Iterator[str]:
    if len(code) > _LONGEST_ZIP:
        yield f"The zip code is too long; shorten it to {_LONGEST_ZIP} characters."
    elif land in _ZIP_DIGITS:
        digits, sample = _ZIP_DIGITS[land]
        if not re.fullmatch(rf"\d{{{digits}}}", code, re.ASCII):
            yield (
                f"The zip code must have {digits} digits in {land}, such as {sample}, "
                f"not {code!r}."
            )


def _customer_id_objections(
    pairs: Sequence[CustomerId] | None, *, is_number: bool
) -> Iterator[str]:
    if pairs is None:
        yield (
            "The external customer ids must be written as freight product = customer "
            "number, such as “5=4100023, 7=4100024”."
        )
        return
    for pair in dict.fromkeys(pairs):
        shown = f"{pair.freight_product}={pair.customer_number}"
        if pairs.count(pair) > 1:
            yield (
                f"The external customer id {shown} is there twice; DI takes each pair "
                "once."
            )
        words = (pair.freight_product, pair.customer_number)
        if is_number and any(word != str(int(word)) for word in words):
            yield (
                f"The external customer id {shown} begins with a zero, which a number "
                "can't keep; leave it out, or send them as text."
            )

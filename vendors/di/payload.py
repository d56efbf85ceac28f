"""The bodies of DI's two calls, as pure functions.

DI's tables have no types. Numbers are sent where its sample has numbers, except
zip codes, whose leading zero no number can carry.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from vendors.contracts import Account, Address, ShopRequest
from vendors.di.details import (
    CustomerId,
    country,
    detail,
    external_customer_ids,
    house,
    owner_party_key,
    transport_solution_ids,
    zip_code,
)
from vendors.di.settings import CUSTOMER_SYSTEM, NUMBER, option

Names = Mapping[str, str]


def create_body(account: Account, request: ShopRequest, names: Names) -> dict[str, Any]:
    """Return the body of the call that makes a shop; its id is left out."""
    return {
        **_setup(account, request, names),
        names["create.shop"]: _shop(account, request, names),
    }


def update_object(
    account: Account, request: ShopRequest, names: Names
) -> dict[str, Any]:
    """Return the whole shop with its id, in the form of the create call."""
    body: dict[str, Any] = {}
    if option(account, "update_sends_setup"):
        body = _setup(account, request, names)
    body[names["create.shop"]] = {
        names["shop.id"]: int(request.vendor_id),
        **_shop(account, request, names, sends_empty=_sends_empty(account)),
    }
    return body


def update_patch(
    account: Account, request: ShopRequest, names: Names
) -> list[dict[str, Any]]:
    """Return the whole shop as JSON Patch operations, one for each member."""
    shop = _shop(account, request, names, sends_empty=_sends_empty(account))
    address = shop.pop(names["shop.address"])
    prefix = names["shop.address"]
    flat = {**shop, **{f"{prefix}/{name}": value for name, value in address.items()}}
    return [
        {
            "op": "replace",
            "path": names["patch.path"].replace("{member}", member),
            "value": value,
        }
        for member, value in flat.items()
    ]


def _sends_empty(account: Account) -> bool:
    return bool(option(account, "update_sends_empty"))


def _setup(account: Account, request: ShopRequest, names: Names) -> dict[str, Any]:
    """Return what belongs to the making of a shop, in one of the two forms."""
    collects = detail(request, "address_collector")
    solutions = list(transport_solution_ids(account, request) or ())
    if option(account, "body_form") == CUSTOMER_SYSTEM:
        around = {
            names["create.customer_system"]: {
                names["customer_system.name"]: request.name.strip(),
                names["customer_system.short_name"]: detail(request, "short_name"),
                names["customer_system.address_collector"]: collects,
            }
        }
    else:
        around = {names["create.address_collector"]: collects}
    return {
        names["create.owner_party_key"]: owner_party_key(account, request),
        **around,
        names["create.transport_solution_ids"]: solutions,
    }


def _shop(
    account: Account,
    request: ShopRequest,
    names: Names,
    *,
    sends_empty: bool = False,
) -> dict[str, Any]:
    """Return the shop itself; what is empty is left out unless asked for.

    `vatLiable` is always there: DI takes a shop that does not say it as not liable.
    """
    texts = {
        "organization_number": request.organization_number,
        "email": request.email.strip(),
        "legal_name": request.name.strip(),
        "deliverer_edi": detail(request, "deliverer_edi"),
        "vat_liable": detail(request, "vat_liable"),
        "web_shop_platform": detail(request, "web_shop_platform"),
        "ceo": detail(request, "ceo"),
        "customer_manager": detail(request, "customer_manager"),
        "phone": request.phone.strip(),
    }
    body: dict[str, Any] = {
        names[f"shop.{name}"]: value
        for name, value in texts.items()
        if value != "" or sends_empty
    }
    body[names["shop.address"]] = _address(
        request.address,
        names,
        is_number=option(account, "street_number_as") == NUMBER,
        sends_empty=sends_empty,
    )
    pairs = external_customer_ids(request) or ()
    if pairs or sends_empty:
        is_number = option(account, "customer_numbers_as") == NUMBER
        body[names["shop.external_customer_ids"]] = [
            _customer_id(pair, names, is_number=is_number) for pair in pairs
        ]
    return body


def _address(
    address: Address, names: Names, *, is_number: bool, sends_empty: bool
) -> dict[str, Any]:
    number, entrance = house(address)
    members = {
        "street": address.street.strip(),
        "street_number": _street_number(number) if is_number else number,
        "entrance": entrance,
        "zip_code": zip_code(address),
        "city": address.city.strip(),
        "country": country(address),
    }
    return {
        names[f"address.{name}"]: value
        for name, value in members.items()
        if value != "" or sends_empty
    }


def _street_number(number: str) -> int | str:
    """Return a number where that loses nothing, which “012” would."""
    is_digits = number.isascii() and number.isdecimal()
    return int(number) if is_digits and str(int(number)) == number else number


def _customer_id(pair: CustomerId, names: Names, *, is_number: bool) -> dict[str, Any]:
    def written(digits: str) -> int | str:
        return int(digits) if is_number else digits

    return {
        names["external.freight_product"]: written(pair.freight_product),
        names["external.customer_number"]: written(pair.customer_number),
    }


def address_as_sent(request: ShopRequest) -> Iterator[tuple[str, str]]:
    """Yield the parts of the address as texts, by their keys in the mapping."""
    number, entrance = house(request.address)
    yield "address.street", request.address.street.strip()
    yield "address.street_number", number
    yield "address.entrance", entrance
    yield "address.zip_code", zip_code(request.address)
    yield "address.city", request.address.city.strip()
    yield "address.country", country(request.address)

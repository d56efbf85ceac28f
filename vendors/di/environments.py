"""DI's two environments, told apart by host alone: there is no test flag.

Source: the page "Shop API" (its hosts changed between versions 6 and 8) and the
login pages. The hosts move without notice other than on the wiki, so an address
nobody knows is no fault; two known ones that do not belong together are.
"""

from collections.abc import Iterator
from enum import StrEnum
from urllib.parse import urlsplit

from vendors.contracts import Account, KnownAddress


class Environment(StrEnum):
    TEST = "TEST"
    PRODUCTION = "PRODUCTION"


_SHOP_HOSTS = {
    "stg-api-flow.aws.di.no": Environment.TEST,
    "api-flow.di.no": Environment.PRODUCTION,
}
_LOGIN_HOSTS = {
    "staging-ws.di.no": Environment.TEST,
    "ws.di.no": Environment.PRODUCTION,
}

KNOWN_ADDRESSES = (
    KnownAddress(
        "https://stg-api-flow.aws.di.no",
        auth_url="https://staging-ws.di.no",
        note="TEST: nothing made here reaches other parties. The login is at "
        "another host than the Shop API.",
    ),
    KnownAddress(
        "https://api-flow.di.no",
        auth_url="https://ws.di.no",
        note="PRODUCTION: every shop made here is real. The login is at another "
        "host than the Shop API.",
    ),
)


def host_of(url: str) -> str:
    """Return the host of an address; empty if it has none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def environment_of(url: str) -> Environment | None:
    """Return the environment an address belongs to, as far as that is known."""
    return {**_SHOP_HOSTS, **_LOGIN_HOSTS}.get(host_of(url))


def login_url(account: Account) -> str:
    return account.auth_url or account.base_url


def pair_objections(account: Account) -> Iterator[str]:
    """Say why the login host and the Shop API host can't be used together."""
    if not account.auth_url and host_of(account.base_url) in _SHOP_HOSTS:
        known = next(
            address.auth_url
            for address in KNOWN_ADDRESSES
            if host_of(address.base_url) == host_of(account.base_url)
        )
        yield (
            f"{host_of(account.base_url)} has no login: enter {known} as the login "
            "address of this supplier."
        )
    shop, login = environment_of(account.base_url), environment_of(login_url(account))
    if shop and login and shop != login:
        yield (
            f"The Shop API address is DI's {shop} and the login address is its "
            f"{login}; a token of one must never go to the other. Correct one of "
            "the two addresses."
        )


def mode_objections(account: Account) -> Iterator[str]:
    """Say why shops can't be written there in the supplier's mode."""
    environment = environment_of(account.base_url)
    if account.is_test and environment is Environment.PRODUCTION:
        yield (
            "This supplier is in test mode, but its address is DI's PRODUCTION, where "
            "every shop is real. Enter the TEST addresses, or set it live."
        )
    if not account.is_test and environment is Environment.TEST:
        yield (
            "This supplier is live, but its address is DI's TEST, where no shop is "
            "real. Enter the PRODUCTION addresses, or set it to test mode."
        )

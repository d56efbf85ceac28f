"""Which addresses a vendor may be called at."""

import re
from collections.abc import Mapping
from ipaddress import ip_address
from urllib.parse import quote

from vendors.contracts import Account
from vendors.errors import Kind, NotSent, Refused

# Strict on purpose: user names, queries, fragments and backslashes in an address
# are read differently by different parsers, and the credentials follow the reader.
_ADDRESS = re.compile(
    r"(?P<scheme>https?)://"
    r"(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:/[\w.~/%-]*)?",
    re.ASCII,
)


def checked_base(account: Account, url: str) -> str:
    """Return a vendor's base address without its last slash, fit to be called.

    Raises:
        NotSent: no proper address, or `http` where it is not allowed.
    """
    parts = _ADDRESS.fullmatch(url)
    if not parts:
        raise NotSent(
            f"The address of {account.supplier} is not usable; it must look like "
            "https://host.example/path.",
            kind=Kind.CONFIGURATION,
        )
    if parts["scheme"] == "http" and not (
        account.allow_insecure_loopback and is_loopback(url)
    ):
        raise NotSent(
            f"The address of {account.supplier} must begin with https://.",
            kind=Kind.CONFIGURATION,
        )
    return url.rstrip("/")


def is_loopback(url: str) -> bool:
    """Whether the address is on this machine."""
    parts = _ADDRESS.fullmatch(url)
    if not parts:
        return False
    host = parts["host"].strip("[]").lower()
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def fill(template: str, values: Mapping[str, str]) -> str:
    """Put values into the `{name}` places of a path, escaped.

    Raises:
        Refused: a value is empty or a dot segment, which would turn the path of
            one order into the path of all of them; or it can't be written.
    """
    for name, value in values.items():
        is_writable = value == value.encode(errors="replace").decode()
        if value.strip(". ") == "" or not is_writable:
            raise Refused(f"{value!r} is not a usable {name}.", kind=Kind.GUARD)
        template = template.replace("{" + name + "}", quote(value, safe=""))
    return template

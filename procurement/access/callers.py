"""Where a call comes from, and whether it may come from there."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from procurement.errors import InvalidInput

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

MOST_NETWORKS = 50


def client_address(request: Any) -> Address | None:
    """The address a call comes from; None if it can't be told.

    `X-Forwarded-For` is believed only where `BEHIND_PROXY` is on, and only its last
    `TRUSTED_PROXIES` entries, which our own proxies wrote: whatever stands before them
    may have been made up by the caller. With fewer entries than proxies the call came
    past one of them, and counts as coming from whoever opened the connection.

    Args:
        request: Django's or DRF's.
    """
    seen: str = request.META.get("REMOTE_ADDR", "")
    if proxies := settings.TRUSTED_PROXIES:
        entries = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if len(entries) >= proxies:
            seen = entries[-proxies] or seen
    return read_address(seen)


@lru_cache(maxsize=1000)
def read_address(text: str) -> Address | None:
    """An address as proxies and servers write it, with a port or without.

    An IPv4 address in the clothes of IPv6 (`::ffff:192.0.2.4`) is the IPv4 address.
    """
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        return found.ipv4_mapped
    return found


def read_networks(text: str | Iterable[str]) -> list[str]:
    """Networks as they are kept: each once, in CIDR notation, in the order given.

    Args:
        text: addresses and networks, apart by commas, spaces or lines; or one by one.

    Raises:
        InvalidInput: at `networks`; it names the entry that won't do.
    """
    entries = text if isinstance(text, str) else " ".join(text)
    found: list[str] = []
    for entry in entries.replace(",", " ").replace(";", " ").split():
        network = str(_read_network(entry))
        if network not in found:
            found.append(network)
    if len(found) > MOST_NETWORKS:
        text = _("Give at most %(most)s networks.") % {"most": MOST_NETWORKS}
        raise InvalidInput({"networks": text})
    return found


def _read_network(entry: str) -> Network:
    try:
        return ip_network(entry)
    except ValueError:
        pass
    try:
        whole = ip_network(entry, strict=False)
    except ValueError:
        says = _(
            "%(entry)s is no address and no network, such as 192.0.2.10, "
            "192.0.2.0/24 or 2001:db8::/32."
        ) % {"entry": entry[:60]}
        raise InvalidInput({"networks": says}) from None
    says = _("%(entry)s is an address within a network. Give %(network)s.") % {
        "entry": entry,
        "network": whole,
    }
    raise InvalidInput({"networks": says})


def comes_from(address: Address | None, networks: Sequence[str]) -> bool:
    """Whether an address is in one of the networks; anybody is where there are none."""
    if not networks:
        return True
    if address is None:
        return False
    return any(address in network for network in _parsed(tuple(networks)))


@lru_cache(maxsize=1000)
def _parsed(networks: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ip_network(network) for network in networks)

"""Which machines may be called, and a connection to the very one that was checked.

A name is resolved once for a connection, every address it has is checked, and the
connection goes to one of those, so that a name which answers differently the next
moment leads nowhere. Certificate and `Host` stay the name's.

Source: the registries of special addresses of IANA, RFC 6890 and its successors, as
of 2025. They stand here rather than being asked of the standard library, whose view of
them has changed from one release to the next.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

Network = IPv4Network | IPv6Network
Resolver = Callable[[str, int], Sequence[str]]
"""A host and a port to the addresses that they have, as text."""


class DestinationRefused(ValueError):
    """The host is none we may call. The text is fit for people, and names no address.

    Not an `OSError` on purpose: those that break off a connection are taken for
    trouble of the moment.
    """


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Read networks such as `10.20.0.0/16`.

    Raises:
        ValueError: one of them is none.
    """
    return tuple(ip_network(text.strip()) for text in texts if text.strip())


_CLOSED = networks(
    (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",
        "100.64.0.0/10",  # behind a carrier's NAT; some clouds' metadata
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's own service on every machine there
        "169.254.0.0/16",  # link-local; most clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",
        "2001::/23",  # Teredo, benchmarks, ORCHID
        "2001:db8::/32",
        "2002::/16",  # 6to4: leads to any IPv4 address
        "3fff::/20",
    )
)
_OPEN_IPV6 = ip_network("2000::/3")
"""All that is given out of IPv6. Loopback, private, link-local and multicast, mapped
IPv4 and NAT64 lie outside."""
_LOOPBACK = networks(("127.0.0.0/8", "::1/128"))


def _resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@dataclass(frozen=True)
class Destinations:
    """The machines one caller may be led to.

    Attributes:
        allows_loopback: this machine too, as in a demo.
        allowed: networks that may be called though they are closed to everybody else.
        resolve: who tells the addresses of a host.
    """

    allows_loopback: bool = False
    allowed: tuple[Network, ...] = ()
    resolve: Resolver = _resolve

    def addresses(self, host: str, port: int, *, seconds: float = 10) -> Sequence[str]:
        """The addresses of a host, every one of which may be called.

        Args:
            seconds: how long the look-up may take.

        Raises:
            DestinationRefused: one of them may not.
            OSError: the host is not known, or nobody said in time.
        """
        found = _in_time(self.resolve, host, port, seconds)
        if not found:
            raise OSError("no address")
        if not all(self.may_call(address) for address in found):
            raise DestinationRefused(
                "the host's address is of a network that may not be called"
            )
        return found

    def may_call(self, address: str) -> bool:
        """Whether one address, written as numbers, may be called."""
        try:
            ip = ip_address(address)
        except ValueError:
            return False
        if any(ip in network for network in self.allowed):
            return True
        if self.allows_loopback and any(ip in network for network in _LOOPBACK):
            return True
        if ip.version == 6 and ip not in _OPEN_IPV6:
            return False
        return not any(ip in network for network in _CLOSED)


PUBLIC = Destinations()


def connect(
    destinations: Destinations,
    host: str,
    port: int,
    *,
    seconds: float,
    deadline: float,
    options: Iterable[tuple[int, int, int]] = (),
) -> socket.socket:
    """Connect to a host at an address that was checked for this connection.

    Args:
        seconds: for the look-up, and for each address tried.
        deadline: of `time.monotonic`, for all of it.
        options: of the socket, as `setsockopt` takes them.

    Raises:
        DestinationRefused: the host may not be called.
        OSError: no connection came about.
    """
    found = destinations.addresses(host, port, seconds=_left(seconds, deadline))
    trouble: OSError | None = None
    for address in found:
        try:
            made = socket.create_connection(
                (address, port), timeout=_left(seconds, deadline)
            )
        except OSError as error:
            trouble = error
            continue
        for option in options:
            made.setsockopt(*option)
        return made
    raise trouble or OSError("no address")


def _left(seconds: float, deadline: float) -> float:
    left = min(seconds, deadline - time.monotonic())
    if left <= 0:
        raise TimeoutError("deadline")
    return left


def _in_time(resolve: Resolver, host: str, port: int, seconds: float) -> Sequence[str]:
    """Resolve on a thread, since a name server that is silent can't be hurried."""
    found: list[Sequence[str]] = []
    trouble: list[Exception] = []

    def look_up() -> None:
        try:
            found.append(resolve(host, port))
        except Exception as error:
            trouble.append(error)

    thread = threading.Thread(target=look_up, name="look-up", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TimeoutError("no name server answered")
    if trouble:
        raise trouble[0]
    return found[0]

"""Calls the sandbox makes itself: to this machine only, and no redirect followed."""

import http.client
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from vendors.sandbox.errors import BadInput

HOSTS = ("127.0.0.1", "localhost", "::1")
TIME_LIMIT_SECONDS = 5.0
LONGEST_ANSWER = 2**16

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    body: bytes


def checked_address(url: object) -> str:
    """Return an address the sandbox may call.

    Raises:
        BadInput: not plain HTTP, or not this machine.
    """
    expected = f"an http address on this machine ({', '.join(HOSTS)})"
    if not isinstance(url, str) or not url.isascii() or not url.isprintable():
        raise BadInput("url", expected)
    try:
        address = urlsplit(url)
        is_here = address.hostname in HOSTS and address.port != 0
    except ValueError:
        raise BadInput("url", expected) from None
    if address.scheme != "http" or not is_here or "@" in address.netloc or " " in url:
        raise BadInput("url", expected)
    return url


def post(url: str, body: bytes, headers: Headers) -> Reply | None:
    """Send a body; None where no whole answer came."""
    return _call("POST", urlsplit(url), body, headers)


def get(url: str, **parameters: str) -> Reply | None:
    """Ask with further parameters in the address; None where no whole answer came."""
    address = urlsplit(url)
    query = urlencode([*parse_qsl(address.query), *parameters.items()])
    return _call("GET", address._replace(query=query), None, ())


def _call(
    method: str, address: SplitResult, body: bytes | None, headers: Headers
) -> Reply | None:
    connection = http.client.HTTPConnection(
        address.hostname or "", address.port or 80, timeout=TIME_LIMIT_SECONDS
    )
    target = address._replace(scheme="", netloc="", fragment="").geturl()
    try:
        connection.request(method, target or "/", body, dict(headers))
        answer = connection.getresponse()
        return Reply(answer.status, answer.read(LONGEST_ANSWER))
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()

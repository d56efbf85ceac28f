"""Which addresses a webhook may be sent to, and calling one of them."""

import json
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.utils import timezone

from procurement import VERSION
from procurement.errors import InvalidInput
from procurement.webhooks.models import MAX_URL_LENGTH
from vendors.destinations import Destinations
from vendors.errors import Kind
from vendors.limits import retry_after
from vendors.transport import Answer, Failure, TimeLimits, Transport

__all__ = ["Called", "Transport", "call", "checked_url"]

PORTS = (80, 443)
"""Of those below 1024 no other is called: behind them are other things than the web."""
MOST_READ = 64 * 1024
LONGEST_WAIT = 24 * 3600
"""Seconds; a receiver that asks for more is called again after a day."""
LIMITS = TimeLimits(connect=5, read=15, total=15)
_PRINTABLE = {chr(code) for code in range(0x21, 0x7F)} - set('\\"<>^`{|}')


@dataclass(frozen=True)
class Called:
    """What came of calling a receiver.

    Attributes:
        status: of its answer, whole or cut; None where none came.
        text: what it means, for a person.
        body: the beginning of the answer.
        retry_after: seconds it asks us to wait.
    """

    status: int | None
    text: str
    body: str = ""
    retry_after: int | None = None

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def checked_url(url: str) -> str:
    """An address that a webhook may be sent to, as far as the text of it tells.

    Where its host leads is looked at with every call.

    Raises:
        InvalidInput: it may not, and why.
    """
    if why := _objection(url):
        raise InvalidInput({"url": why})
    return url


def _objection(url: str) -> str:
    if len(url) > MAX_URL_LENGTH:
        return f"It may have {MAX_URL_LENGTH} characters."
    if not url or set(url) - _PRINTABLE:
        return "Write it in plain ASCII, with everything else escaped."
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "It is no address."
    if not host or parts.scheme not in ("https", "http"):
        return "It has to look like https://host.example/path."
    if "@" in parts.netloc or "#" in url:
        return "It may have neither a user name nor a fragment."
    if parts.scheme == "http" and not _is_loopback_allowed(host):
        return "It has to begin with https://."
    if port is not None and port not in PORTS and port < 1024:
        return "Use port 443, or one above 1023."
    if _is_number(host) and not destinations().may_call(host):
        return "Its host is of a network that may not be called."
    # The very reader that calls it has to read the same host.
    try:
        prepared = requests.Request("POST", url).prepare().url or ""
    except (requests.RequestException, ValueError):
        return "It is no address."
    if (urlsplit(prepared).hostname or "") != host:
        return "It is no address."
    return ""


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback_allowed(host: str) -> bool:
    return settings.ALLOW_INSECURE_LOOPBACK and host in (
        "127.0.0.1",
        "localhost",
        "::1",
    )


def destinations() -> Destinations:
    return Destinations(
        allows_loopback=settings.ALLOW_INSECURE_LOOPBACK,
        allowed=settings.WEBHOOK_ALLOWED_NETWORKS,
    )


def call(
    transport: Transport,
    url: str,
    *,
    body: bytes,
    headers: dict[str, str],
    limits: TimeLimits | None = None,
) -> Called:
    """Send a message once; whatever happens is in what it returns."""
    if why := _objection(url):
        return Called(None, why)
    request = requests.Request(
        "POST",
        url,
        data=body,
        headers={
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": f"procurement/{VERSION} (webhooks)",
            **headers,
        },
    ).prepare()
    found = transport.send(
        request, limits or LIMITS, destinations=destinations(), most=MOST_READ
    )
    if isinstance(found, Failure):
        return _of_failure(found)
    return _of_answer(found)


def _of_answer(answer: Answer) -> Called:
    told = f"HTTP {answer.status}"
    if 300 <= answer.status < 400:
        told += ": redirects are not followed"
    wait = retry_after(answer, timezone.now(), longest=LONGEST_WAIT)
    return Called(answer.status, told, answer.text(), wait)


_WORDS = {
    Kind.TIMEOUT: "no answer within {seconds:g} seconds",
    Kind.CONNECTION: "no connection ({cause})",
    Kind.CONFIGURATION: "not called: {cause}",
    Kind.CUT: "the connection broke ({cause})",
    Kind.UNREADABLE: "the answer can't be read ({cause})",
}


def _of_failure(failure: Failure) -> Called:
    if failure.partial is not None:
        # The status is the answer; how its body ends makes no difference to us.
        return _of_answer(failure.partial)
    words = _WORDS.get(failure.kind, "{cause}")
    return Called(None, words.format(seconds=LIMITS.total, cause=failure.cause))


def as_body(message_type: str, timestamp: str, data: object) -> str:
    """The body of a message, with its names in this order."""
    message = {"type": message_type, "timestamp": timestamp, "data": data}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))

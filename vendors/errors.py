"""What can go wrong at a vendor, by what it means for the caller.

A call that writes ends in exactly one of four ways: it returns, or it raises one
of the three errors below. They answer the only question that matters afterwards:
change the data (`Refused`), try again later (`NotSent`), or ask first
(`OutcomeUnknown`). A call that only reads never raises `OutcomeUnknown`, since
repeating it harms nobody.
"""

from enum import StrEnum


class Kind(StrEnum):
    """Why a call failed; people are shown a text for it, never the bare word."""

    DATA = "data"
    """The vendor said no to what was sent."""
    NOT_FOUND = "not_found"
    NOT_ALLOWED = "not_allowed"
    """The vendor's state forbids it: cancelling after picking has begun."""
    GUARD = "guard"
    """Our own rule stopped it before anything left the machine."""

    CONNECTION = "connection"
    """No connection came about, so nothing was sent."""
    CREDENTIALS = "credentials"
    """User name, password, token or right refused: one trouble for the supplier."""
    THROTTLED = "throttled"
    CONFIGURATION = "configuration"
    """A setting of the supplier is missing or wrong."""

    TIMEOUT = "timeout"
    CUT = "cut"
    """The connection broke after something was sent."""
    SERVER = "server"
    """5xx, or a 4xx by which the vendor reports trouble of its own."""
    UNREADABLE = "unreadable"
    """An answer came and could not be understood."""
    BUG = "bug"
    """Our own code failed."""


class VendorError(Exception):
    """A vendor call that did not succeed.

    Attributes:
        kind: the cause.
        text: one sentence for a person; free of secrets.
        status: the HTTP status, where there was an answer.
        vendor_text: the vendor's own words, at most 500 characters, masked.
        retry_after: seconds the vendor asks us to wait, where it does.
    """

    def __init__(
        self,
        text: str,
        *,
        kind: Kind,
        status: int | None = None,
        vendor_text: str = "",
        retry_after: int | None = None,
    ) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text
        self.status = status
        self.vendor_text = vendor_text[:500]
        self.retry_after = retry_after


class Refused(VendorError):
    """The data won't do; nothing was done. Change it before trying again."""

    def __init__(
        self,
        text: str,
        *,
        kind: Kind = Kind.DATA,
        status: int | None = None,
        vendor_text: str = "",
    ) -> None:
        super().__init__(text, kind=kind, status=status, vendor_text=vendor_text)


class NotSent(VendorError):
    """Proven that nothing was processed; the same call may be made again later."""


class HeldBack(NotSent):
    """Our own call budget let nothing out: the vendor was not even asked."""


class OutcomeUnknown(VendorError):
    """The vendor may have done it. Never to be repeated without asking first."""

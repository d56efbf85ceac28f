"""What an answer means that is no success: which error, of which kind.

The table is about calls that write. A call that only reads can't have an unknown
outcome, so there `OutcomeUnknown` becomes `NotSent` of the same kind.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from vendors import limits, reading
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused, VendorError
from vendors.transport import Answer, Failure

WAITING = (429, 503)
"""Statuses whose answer may say how long to wait."""


@dataclass(frozen=True)
class Outcome:
    error: type[VendorError]
    kind: Kind
    phrase: str = ""
    """Takes the place of the general words about it."""

    def for_read(self) -> "Outcome":
        return Outcome(NotSent, self.kind) if self.error is OutcomeUnknown else self


UNREADABLE = Outcome(OutcomeUnknown, Kind.UNREADABLE)

BY_STATUS: Mapping[int, Outcome] = {
    401: Outcome(NotSent, Kind.CREDENTIALS),
    403: Outcome(Refused, Kind.CREDENTIALS),
    404: Outcome(Refused, Kind.NOT_FOUND),
    # The server gave up waiting, or something stands in the way: it may be the
    # very order we are sending.
    408: Outcome(OutcomeUnknown, Kind.TIMEOUT),
    409: Outcome(OutcomeUnknown, Kind.SERVER),
    429: Outcome(NotSent, Kind.THROTTLED),
}


def of_status(status: int, by_status: Mapping[int, Outcome], is_write: bool) -> Outcome:
    """Return what a status outside 2xx means."""
    if found := by_status.get(status):
        return found if is_write else found.for_read()
    if 300 <= status < 400:
        # By contract a redirect means "not processed", but nothing proves it. What
        # was only read is simply at another address.
        return UNREADABLE if is_write else Outcome(NotSent, Kind.CONFIGURATION)
    if 400 <= status < 500:
        return Outcome(Refused, Kind.DATA)
    outcome = Outcome(OutcomeUnknown, Kind.SERVER if status >= 500 else Kind.UNREADABLE)
    return outcome if is_write else outcome.for_read()


def of_failure(failure: Failure, is_write: bool) -> Outcome:
    """Return what it means that no whole answer came."""
    if failure.kind is Kind.CONFIGURATION:
        return Outcome(NotSent, failure.kind, f"{failure.cause}; nothing was sent")
    if failure.is_unsent or not is_write:
        return Outcome(NotSent, failure.kind)
    return Outcome(OutcomeUnknown, failure.kind)


PHRASES: Mapping[tuple[type[VendorError], Kind], str] = {
    (Refused, Kind.DATA): "the vendor refused what was sent",
    (Refused, Kind.NOT_FOUND): "the vendor does not know what was asked for",
    (Refused, Kind.CREDENTIALS): "the account has no right to do this",
    (NotSent, Kind.CONNECTION): "no connection; nothing was sent",
    (NotSent, Kind.CREDENTIALS): "user name, password or right refused",
    (NotSent, Kind.THROTTLED): "too many calls; the vendor asks us to wait",
    (NotSent, Kind.CONFIGURATION): "the address is not right; it leads elsewhere",
    (NotSent, Kind.TIMEOUT): "no answer in time",
    (NotSent, Kind.CUT): "the connection broke",
    (NotSent, Kind.SERVER): "the vendor has trouble of its own",
    (NotSent, Kind.UNREADABLE): "the answer could not be understood",
    (OutcomeUnknown, Kind.TIMEOUT): "no answer in time; it may have been done",
    (OutcomeUnknown, Kind.CUT): "the connection broke; it may have been done",
    (OutcomeUnknown, Kind.SERVER): (
        "the vendor has trouble of its own; it may have been done"
    ),
    (OutcomeUnknown, Kind.UNREADABLE): (
        "the answer could not be understood; it may have been done"
    ),
}


def error(
    outcome: Outcome,
    supplier: str,
    *,
    answer: Answer | None = None,
    vendor_text: str = "",
) -> VendorError:
    """Return the error for an outcome, with a text for people.

    Args:
        vendor_text: masked already.
    """
    status = answer.status if answer else None
    told = f" (HTTP {status})" if status else ""
    general = PHRASES.get((outcome.error, outcome.kind), "the call failed")
    phrase = outcome.phrase or general
    found = outcome.error(
        f"{supplier}: {phrase}{told}.",
        kind=outcome.kind,
        status=status,
        vendor_text=vendor_text,
    )
    if answer and answer.status in WAITING:
        found.retry_after = limits.retry_after(answer, datetime.now(UTC))
    return found


def vendor_text(answer: Answer) -> str:
    """Return the vendor's own words out of an error answer, as one line.

    Understands problem details (title, detail, errors by field), `Message` with
    `ModelState`, `errorKey` with `errorMap`, a bare string, HTML and plain text.
    """
    try:
        words = _json_words(answer.json())
    except ValueError:
        words = _plain_words(answer.text())
    return " ".join(words.split())


_TEXT_MEMBERS = (
    "Message",
    "title",
    "detail",
    "Information",
    "error_description",
    "error",
    "hint",
    "errorKey",
)
_FIELD_MEMBERS = ("errors", "ModelState", "errorMap")
_NAMED_LEVELS = 3
"""How deep the names of nested fields are told; below that, the words alone."""


def _json_words(data: Any) -> str:
    entries = data if isinstance(data, list) else [data]
    return "; ".join(dict.fromkeys(filter(None, map(_entry_words, entries))))


def _entry_words(entry: Any) -> str:
    said = [reading.text(reading.member(entry, name)) for name in _TEXT_MEMBERS]
    for name in _FIELD_MEMBERS:
        fields = reading.member(entry, name)
        if isinstance(fields, dict):
            said += _field_words(fields)
        else:
            said.append(", ".join(reading.scalars(fields)))
    if any(said):
        said += _other_words(entry)
    words = "; ".join(dict.fromkeys(filter(None, said)))
    return words or ", ".join(reading.scalars(entry))


def _field_words(
    fields: Mapping[str, Any], prefix: str = "", levels: int = _NAMED_LEVELS
) -> Iterator[str]:
    for name, found in fields.items():
        if isinstance(found, dict) and found and levels > 1:
            yield from _field_words(found, f"{prefix}{name}.", levels - 1)
        else:
            yield f"{prefix}{name}: {', '.join(reading.scalars(found))}"


def _other_words(entry: Any) -> list[str]:
    """Return what stands in lists and objects under names nobody told us of.

    Messages by field are mostly there, and without them "invalid data" is no help.
    """
    known = {name.casefold() for name in (*_TEXT_MEMBERS, *_FIELD_MEMBERS)}
    members = entry.items() if isinstance(entry, dict) else ()
    return [
        f"{name}: {words}"
        for name, value in members
        if isinstance(value, dict | list) and str(name).casefold() not in known
        if (words := ", ".join(reading.scalars(value)))
    ]


_UNSEEN = re.compile(
    r"<(script|style|head)\b.*?(</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
_TAG = re.compile(r"<[^<>]*>?")
_ENOUGH = 20_000


def _plain_words(text: str) -> str:
    text = text[:_ENOUGH]
    title = re.search(r"<title[^>]*>([^<]*)", text, re.IGNORECASE)
    words = _TAG.sub(" ", _UNSEEN.sub(" ", text))
    return f"{title[1]} {words}" if title else words

"""What a vendor's help desk needs to find a call of ours, as plain text.

Exchanges were masked before they were stored; nothing is shown here that their own
pages would not show.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from procurement.scoping import scoped
from procurement.suppliers.models import Exchange
from procurement.transmissions.models import Attempt, Transmission
from procurement.troubles import causes

MOST_EXCHANGES = 60
MOST_OF_A_BODY = 20_000
_RULE = "=" * 72

REQUEST_IDS = frozenset(
    {
        "apigw-requestid",
        "cf-ray",
        "correlation-id",
        "ms-cv",
        "operation-id",
        "request-context",
        "request-id",
        "traceparent",
        "x-amz-cf-id",
        "x-amzn-requestid",
        "x-amzn-trace-id",
        "x-azure-ref",
        "x-correlation-id",
        "x-ms-request-id",
        "x-request-id",
        "x-trace-id",
        "x-transaction-id",
    }
)
"""Headers by which vendors find a call in their own logs."""


def evidence_text(transmission: Transmission, reader: User | None) -> str:
    """The whole of it: references, times, each try with what was sent and answered.

    Args:
        reader: whose eyes the exchanges are for; None where they are for nobody's.
    """
    attempts = list(transmission.attempts.all())
    exchanges = _exchanges(transmission, attempts, reader) if reader else []
    parts = [*_head(transmission), *_ids(exchanges), ""]
    by_talk = {attempt.conversation: attempt for attempt in attempts}
    for attempt in attempts:
        parts += _attempt(attempt)
        said = [each for each in exchanges if each.conversation == attempt.conversation]
        for each in said:
            parts += _exchange(each)
    beside = [each for each in exchanges if each.conversation not in by_talk]
    if beside:
        parts += [_RULE, _("Other calls about it: look-ups and readings"), ""]
        for each in beside:
            parts += _exchange(each)
    if reader is None:
        parts.append(_("What was sent and answered is left out: you may not see it."))
    elif len(exchanges) == MOST_EXCHANGES:
        parts.append(
            _("Only the first %(count)s calls are here.") % {"count": MOST_EXCHANGES}
        )
    return "\n".join(parts).rstrip() + "\n"


def _exchanges(
    transmission: Transmission, attempts: Iterable[Attempt], reader: User
) -> list[Exchange]:
    talks: list[UUID] = [attempt.conversation for attempt in attempts]
    rows = Exchange.objects.filter(
        Q(conversation__in=talks)
        | Q(subject=transmission.reference, supplier=transmission.supplier_id)
    )
    seen = scoped(rows, reader).order_by("started_at", "pk")
    return list(seen[:MOST_EXCHANGES])


def _head(transmission: Transmission) -> Iterator[str]:
    supplier = transmission.supplier
    facts = {
        _("Our reference"): transmission.reference,
        _("About"): transmission.subject,
        _("Step"): transmission.get_operation_display(),
        _("Supplier"): f"{supplier.name} ({supplier.api.name})",
        _("Kind of purchase"): _("test") if transmission.is_test else _("real"),
        _("State"): transmission.get_state_display(),
        _("Cause"): str(causes.cause_of(transmission.kind).title),
        _("What we noted"): transmission.text,
        _("Your words"): transmission.vendor_text,
        _("Your number"): transmission.number,
        _("Asked for"): both_times(transmission.created_at),
        _("Tries"): str(transmission.attempt_count),
        _("Look-ups"): str(transmission.look_up_count or ""),
    }
    yield _("Evidence for a help desk; secrets are masked")
    yield _RULE
    yield from lined_up(facts)


def lined_up(facts: Mapping[str, str]) -> Iterator[str]:
    """Facts one below the other, those without a value left out."""
    width = max(len(name) for name in facts) + 2
    for name, value in facts.items():
        if value:
            yield f"{name + ':':<{width}}{value}"


def _ids(exchanges: Iterable[Exchange]) -> Iterator[str]:
    found = [(each, request_ids(each)) for each in exchanges]
    if any(ids for _each, ids in found):
        yield ""
        yield _("Your ids of our calls")
        for each, ids in found:
            for name, value in ids.items():
                yield f"  {each.method} {each.purpose} {utc(each.started_at)}"
                yield f"    {name}: {value}"


def request_ids(exchange: Exchange) -> dict[str, str]:
    """What the vendor calls this exchange, by the names of its headers."""
    headers: dict[str, Any] = exchange.response_headers
    return {
        name: str(value)
        for name, value in headers.items()
        if name.lower() in REQUEST_IDS
    }


def _attempt(attempt: Attempt) -> Iterator[str]:
    yield _RULE
    yield _("Try %(number)s: %(outcome)s") % {
        "number": attempt.number,
        "outcome": attempt.get_outcome_display(),
    }
    finished = attempt.finished_at
    yield from lined_up(
        {
            _("Begun"): both_times(attempt.started_at),
            _("Ended"): both_times(finished) if finished else _("not known"),
            _("Reference sent"): attempt.reference,
            _("What we noted"): attempt.text,
            _("Your words"): attempt.vendor_text,
        }
    )
    yield ""


def _exchange(exchange: Exchange) -> Iterator[str]:
    yield f"--- {exchange.method} {exchange.url}"
    answer = str(exchange.status) if exchange.status else _("none")
    yield from lined_up(
        {
            _("For"): exchange.purpose,
            _("Sent at"): both_times(exchange.started_at),
            _("Took"): f"{exchange.duration_ms} ms",
            _("Status of the answer"): answer,
            _("Error"): exchange.error,
        }
    )
    yield from _block(_("Request headers"), headers_text(exchange.request_headers))
    yield from _block(_("Request"), exchange.request_body)
    yield from _block(_("Answer headers"), headers_text(exchange.response_headers))
    yield from _block(_("Answer"), exchange.response_body)
    yield ""


def headers_text(headers: Mapping[str, Any]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in headers.items())


def _block(title: str, text: str) -> Iterator[str]:
    if not text:
        return
    yield f"{title}:"
    for line in text[:MOST_OF_A_BODY].splitlines():
        yield f"    {line}"
    if len(text) > MOST_OF_A_BODY:
        yield "    " + _("[cut here: %(count)s characters in all]") % {
            "count": len(text)
        }


def both_times(moment: datetime) -> str:
    """In UTC and in the installation's zone, to the second, each with its zone."""
    local = timezone.localtime(moment)
    return f"{utc(moment)} ({local:%Y-%m-%d %H:%M:%S %Z})"


def utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"

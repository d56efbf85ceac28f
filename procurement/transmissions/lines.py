"""What the log says of tries to send: one line when each has come to its end."""

import logging
from collections.abc import Iterable

from procurement.logs.ids import Given, about, subject
from procurement.transmissions.calling import Called
from procurement.transmissions.models import Attempt, Outcome

logger = logging.getLogger("procurement.attempts")

NEEDS_A_LOOK = (Outcome.UNKNOWN, Outcome.REFUSED)


def ids_of(attempt: Attempt) -> dict[str, Given]:
    """What a try is about, for every line that is written meanwhile."""
    transmission = attempt.transmission
    supplier = transmission.supplier
    return {
        "transmission": transmission.pk,
        "attempt": attempt.pk,
        "supplier": supplier.slug,
        "vendor": supplier.vendor,
        **subject(transmission.subject),
    }


def write(called: Iterable[Called]) -> None:
    """Say how tries ended, once that is recorded."""
    for each in called:
        attempt = each.attempt
        level = logging.WARNING if attempt.outcome in NEEDS_A_LOOK else logging.INFO
        told = f"{attempt.kind}: {attempt.text}" if attempt.kind else attempt.text
        with about(**ids_of(attempt)):
            logger.log(
                level,
                "try %s to %s %s: %s%s",
                attempt.number,
                attempt.transmission.operation,
                attempt.transmission.subject,
                attempt.outcome,
                f" ({told})" if told else "",
                extra={"outcome": str(attempt.outcome), "kind": str(attempt.kind)},
            )

"""Keeping a note of every HTTP request, secrets masked."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime

import requests

from vendors.contracts import Exchange, Recorder
from vendors.masking import Masker
from vendors.transport import Answer, Failure

logger = logging.getLogger("vendors")


@dataclass(frozen=True)
class ExchangeLog:
    """Hands exchanges to a recorder; a recorder that fails costs no answer."""

    supplier: str
    masker: Masker
    recorder: Recorder

    def add(
        self,
        purpose: str,
        request: requests.PreparedRequest,
        found: Answer | Failure,
        *,
        started_at: datetime,
        duration_ms: int,
        keeps_answer: bool,
        is_write: bool = False,
    ) -> None:
        """Record one exchange.

        Args:
            is_write: whether it may have changed something at the vendor.
            keeps_answer: False for an answer that may hold a secret we don't know.
        """
        exchange = self._masked(purpose, request, found, started_at, duration_ms)
        if not keeps_answer:
            exchange = replace(exchange, response_body="[not kept: may hold a token]")
        # Reads that go well are most calls by far, and find nothing new, most of them.
        is_news = is_write or exchange.status is None or exchange.status >= 400
        logger.log(
            logging.INFO if is_news else logging.DEBUG,
            "%s %s: %s in %d ms",
            self.supplier,
            purpose,
            exchange.error or exchange.status,
            duration_ms,
            extra={
                "operation": purpose,
                "status": exchange.status,
                "duration_ms": duration_ms,
            },
        )
        try:
            self.recorder(exchange)
        except Exception:
            # What the vendor answered must not be lost with the note about it.
            logger.exception("An exchange of %s was not kept.", self.supplier)

    def _masked(
        self,
        purpose: str,
        request: requests.PreparedRequest,
        found: Answer | Failure,
        started_at: datetime,
        duration_ms: int,
    ) -> Exchange:
        answer = found.partial if isinstance(found, Failure) else found
        body = request.body or b""
        return Exchange(
            purpose=purpose,
            method=request.method or "",
            url=self.masker.url(request.url or ""),
            request_headers=self.masker.headers(request.headers),
            request_body=self.masker.body(
                body if isinstance(body, bytes) else str(body).encode()
            ),
            started_at=started_at,
            duration_ms=duration_ms,
            status=answer.status if answer else None,
            response_headers=self.masker.headers(answer.headers if answer else {}),
            response_body=self.masker.body(answer.body if answer else b""),
            error=f"{found.kind}: {found.cause}" if isinstance(found, Failure) else "",
        )

"""Faults on demand: which call they befall, and what becomes of its answer.

A fault *before* the vendor saw the request proves nothing was processed; one *after*
happens to the answer of a request that was processed in full. A fault of *showing*
makes the vendor tell something odd about the state of its orders, for that one answer.
An *outgoing* one befalls the webhook calls a vendor makes.
"""

import itertools
import random
import threading
import zlib
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from typing import Any

from vendors.sandbox import edits
from vendors.sandbox.errors import BadInput
from vendors.sandbox.lives import Turn
from vendors.sandbox.messages import JSON, Answer, Delivery, Request
from vendors.sandbox.vendor import Vendor

ANY = "*"
WEBHOOK = "webhook"  # the name of a vendor's own calls, among its endpoints
MOST_SECONDS = 3600.0
BOMB_MEGABYTES = 256
REDIRECTS = (301, 302, 303, 307, 308)
GATEWAY_PAGE = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Fault:
    """One order to misbehave.

    Attributes:
        vendor: code of the vendor it is for.
        endpoint: name of the call it befalls; `*` = any that it can befall.
        fault: one of `NAMES`.
        times: how often; None = as long as it stands.
        probability: chance for each matching call, from 0 to 1; None = always.
        seed: makes the same calls fail in every run.
        seconds: real time for `slow`, `slow_drip` and `hold`.
        retry_after: seconds that `throttled` advises; None = says nothing.
        status: of the `redirect`.
    """

    vendor: str
    endpoint: str
    fault: str
    times: int | None = None
    probability: float | None = None
    seed: int | None = None
    seconds: float = 10.0
    retry_after: int | None = None
    status: int = 307

    def __post_init__(self) -> None:
        if self.fault not in NAMES:
            raise BadInput("fault", f"one of {', '.join(NAMES)}")
        _check_whole("times", self.times, least=1)
        _check_whole("seed", self.seed, least=0)
        _check_whole("retry_after", self.retry_after, least=0)
        if self.probability is not None:
            _check_number("probability", self.probability, most=1)
        _check_number("seconds", self.seconds, most=MOST_SECONDS)
        if self.status not in REDIRECTS:
            raise BadInput("status", f"one of {', '.join(map(str, REDIRECTS))}")

    def befalls(self, vendor: str, endpoint: str, possible: Collection[str]) -> bool:
        return (
            self.vendor == vendor
            and self.endpoint in (ANY, endpoint)
            and self.fault in possible
        )


def _check_whole(name: str, value: Any, least: int) -> None:
    if value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise BadInput(name, f"a whole number of {least} or more")


def _check_number(name: str, value: Any, most: float) -> None:
    is_number = not isinstance(value, bool | str | list | dict) and value is not None
    if not is_number or not 0 <= value <= most:
        raise BadInput(name, f"a number from 0 to {most:g}")


@dataclass(slots=True)
class _Standing:
    """A fault in force, with what it has done so far."""

    id: int
    fault: Fault
    happened: int = 0
    chance: random.Random = field(default_factory=random.Random)

    def strikes(self) -> bool:
        probability = self.fault.probability
        if probability is not None and self.chance.random() >= probability:
            return False
        self.happened += 1
        return True

    @property
    def is_spent(self) -> bool:
        return self.fault.times is not None and self.happened >= self.fault.times


class FaultBoard:
    """The faults in force; the oldest that matches a call and strikes wins."""

    def __init__(self) -> None:
        self._standing: list[_Standing] = []
        self._ids = itertools.count(1)
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> int:
        """Put a fault in force and return its id."""
        chance = random.Random(fault.seed)  # noqa: S311 (repeatable, not secret)
        with self._lock:
            standing = _Standing(next(self._ids), fault, chance=chance)
            self._standing.append(standing)
        return standing.id

    def draw(
        self, vendor: str, endpoint: str, possible: Collection[str]
    ) -> Fault | None:
        """Return the fault that befalls this call, and count it.

        Args:
            possible: names of the faults that make sense for it.
        """
        if not self._standing:
            return None
        with self._lock:
            for standing in self._standing:
                fault = standing.fault
                if fault.befalls(vendor, endpoint, possible) and standing.strikes():
                    if standing.is_spent:
                        self._standing.remove(standing)
                    return fault
        return None

    def clear(self, fault_id: int | None = None) -> None:
        """Lift one fault, or all of them."""
        with self._lock:
            self._standing = [
                standing
                for standing in self._standing
                if fault_id not in (None, standing.id)
            ]

    def list(self) -> list[dict[str, Any]]:
        with self._lock:
            return [
                {"id": standing.id, "happened": standing.happened}
                | asdict(standing.fault)
                for standing in self._standing
            ]


def _throttled(vendor: Vendor, request: Request, fault: Fault) -> Answer:
    answer = vendor.too_many_requests()
    if fault.retry_after is None:
        return answer
    return answer.with_headers(("Retry-After", str(fault.retry_after)))


def _redirect(vendor: Vendor, request: Request, fault: Fault) -> Answer:
    # Another name for the same machine: to a client it is a stranger, who must get
    # neither the credentials nor the order.
    port = request.headers.get("host", "").rpartition(":")[2]
    address = f"http://localhost:{port}/elsewhere{request.path}"
    return Answer(fault.status, headers=(("Location", address),))


BEFORE: dict[str, Callable[[Vendor, Request, Fault], Answer | None]] = {
    "cut_before": lambda vendor, request, fault: None,
    "error_before": lambda vendor, request, fault: Answer.html(
        503, GATEWAY_PAGE.format("503 Service Unavailable")
    ),
    "throttled": _throttled,
    "refused": lambda vendor, request, fault: vendor.refused("Refused on demand."),
    "redirect": _redirect,
    "token_dies": lambda vendor, request, fault: vendor.token_died(request),
}


def _half_answer(vendor: Vendor, answer: Answer, fault: Fault) -> Delivery:
    half = answer.body[: len(answer.body) // 2]
    # At least one byte is missing, also from an answer that had no body.
    return Delivery(
        replace(answer, body=half),
        missing_bytes=max(len(answer.body) - len(half), 1),
    )


def _rubbish_json(vendor: Vendor, answer: Answer, fault: Fault) -> Delivery:
    return Delivery(Answer(200, answer.body[: len(answer.body) // 2] + b'{"', JSON))


def _gzip_bomb(vendor: Vendor, answer: Answer, fault: Fault) -> Delivery:
    packed = Answer(200, bomb(), JSON, (("Content-Encoding", "gzip"),))
    return Delivery(packed)


def _huge(vendor: Vendor, answer: Answer, fault: Fault) -> Delivery:
    return Delivery(edits.followed_by_blanks(answer))


def _hostile_texts(vendor: Vendor, answer: Answer, fault: Fault) -> Delivery:
    return Delivery(edits.with_hostile_texts(answer))


def _long_texts(vendor: Vendor, answer: Answer, fault: Fault) -> Delivery:
    return Delivery(edits.with_long_texts(answer))


def _missing_number(vendor: Vendor, answer: Answer, fault: Fault) -> Delivery:
    return Delivery(vendor.without_number(answer))


AFTER: dict[str, Callable[[Vendor, Answer, Fault], Delivery]] = {
    "lost_answer": lambda vendor, answer, fault: Delivery(None),
    "half_answer": _half_answer,
    "error_after": lambda vendor, answer, fault: Delivery(
        Answer.html(500, GATEWAY_PAGE.format("500 Internal Server Error"))
    ),
    "slow": lambda vendor, answer, fault: Delivery(
        answer, wait_seconds=float(fault.seconds)
    ),
    "slow_drip": lambda vendor, answer, fault: Delivery(
        answer, drip_seconds=float(fault.seconds)
    ),
    "hold": lambda vendor, answer, fault: Delivery(
        answer, hold_seconds=float(fault.seconds)
    ),
    "html": lambda vendor, answer, fault: Delivery(
        Answer.html(200, GATEWAY_PAGE.format("Welcome"))
    ),
    "rubbish_json": _rubbish_json,
    "gzip_bomb": _gzip_bomb,
    "huge": _huge,
    "hostile_texts": _hostile_texts,
    "long_texts": _long_texts,
    "missing_number": _missing_number,
}

SHOWING: dict[str, Turn] = {
    "unknown_status": Turn.UNKNOWN_WORD,
    "backward_status": Turn.BACKWARD,
    "repeated_status": Turn.REPEATED,
}
OUTGOING: dict[str, str] = {
    "lost": "never sent",
    "duplicate": "sent twice, under the same id",
    "reordered": "sent after the next one",
    "batched": "sent together with the next one",
    "bad_signature": "signed with another secret",
    "unknown_trigger": "with an action that no list of the vendor has",
}
KINDS: dict[str, Collection[str]] = {
    "Before the vendor saw it": BEFORE,
    "After it was processed": AFTER,
    "States of orders": SHOWING,
    "Webhooks": OUTGOING,
}
NAMES = (*BEFORE, *AFTER, *SHOWING, *OUTGOING)


def possible_faults(vendor: Vendor, endpoint: str) -> Collection[str]:
    """Return the names of the faults that can befall a call of this name."""
    if endpoint == WEBHOOK:
        return OUTGOING
    showing = SHOWING if endpoint in vendor.status_calls else ()
    return {*BEFORE, *AFTER, *showing}


@cache
def bomb() -> bytes:
    """Return a small gzip body that unpacks to hundreds of megabytes of valid JSON."""
    packer = zlib.compressobj(level=1, wbits=zlib.MAX_WBITS | 16)
    blanks = b" " * 2**20
    pieces = [packer.compress(blanks) for _ in range(BOMB_MEGABYTES)]
    return b"".join([*pieces, packer.compress(b"{}"), packer.flush()])

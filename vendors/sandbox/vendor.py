"""What every vendor of the sandbox has: endpoints, checks before them, and books."""

import itertools
import re
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import unquote

from vendors.sandbox import jsontext
from vendors.sandbox.errors import BadInput
from vendors.sandbox.lives import Life, Turn
from vendors.sandbox.messages import JSON, Answer, Refusal, Request
from vendors.sandbox.world import World

Parameters = Mapping[str, str]


@dataclass(frozen=True)
class Endpoint:
    """One call a vendor takes.

    Attributes:
        name: the sandbox's word for it, the same at all vendors that have the call.
        path: below the vendor's base path; `{name}` stands for one segment.
        act: does the work and answers; raises `Refusal` to end early.
        group: the vendor's name for the rate limit that counts it.
        at_login_host: whether it is below `login_path` rather than `base_path`.
    """

    name: str
    method: str
    path: str
    act: Callable[[Request, Parameters], Answer]
    group: str = ""
    at_login_host: bool = False
    pattern: re.Pattern[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(self.path))
        object.__setattr__(self, "pattern", re.compile(pattern))


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at a vendor, for those who have a webhook there.

    Attributes:
        action: the vendor's word for it, one of its `triggers`.
        details: what the vendor tells of it.
    """

    vendor: str
    action: str
    details: Mapping[str, Any]
    at: datetime


class Vendor(ABC):
    """A stand-in for one vendor's server.

    A vendor handles one request at a time, which is what makes its books consistent;
    waiting, and writing to sockets, happen outside.
    """

    code: ClassVar[str]
    base_path: ClassVar[str]
    login_path: ClassVar[str] = ""  # where tokens come from another host
    number_member: ClassVar[tuple[str, ...]]  # where its answer holds an order's number
    status_calls: ClassVar[tuple[str, ...]] = ()  # endpoints that show orders' states
    triggers: ClassVar[tuple[str, ...]] = ()  # what it sends webhooks for

    def __init__(self, world: World) -> None:
        self.world = world
        self.lock = threading.RLock()
        self.listener: Callable[[Event], None] | None = None
        self._numbers = itertools.count(1)
        self.endpoints = self.list_endpoints()
        self.open_books()

    @abstractmethod
    def list_endpoints(self) -> Sequence[Endpoint]: ...

    @abstractmethod
    def open_books(self) -> None:
        """Start with empty books: no orders, no tokens."""

    @abstractmethod
    def orders(self) -> list[dict[str, Any]]:
        """Return the orders in the books, oldest first."""

    def shops(self) -> list[dict[str, Any]]:
        """Return the shops created over the API, as they stand, oldest first."""
        return []

    def customers(self) -> list[dict[str, Any]]:
        """Return the customers created over the API, oldest first."""
        return []

    def holdings(self) -> dict[str, list[dict[str, Any]]]:
        """Return all that is worth a table on the page, by its title."""
        held = {
            "Orders": self.orders(),
            "Shops": self.shops(),
            "Customers made": self.customers(),
        }
        return {title: rows for title, rows in held.items() if rows}

    def lives(self) -> Iterable[Life]:
        """Return the lives of all orders, where they have states."""
        return ()

    def settle(self) -> None:
        """Take all steps that have fallen due."""
        for life in self.lives():
            life.settle(self.world.clock.now(), self.world.pace)

    def hook_message(
        self, secret: str, document: Mapping[str, Any]
    ) -> tuple[bytes, tuple[tuple[str, str], ...]]:
        """Return body and headers of a webhook call, signed."""
        raise NotImplementedError(f"{self.code} has no webhooks")

    def tell(self, action: str, details: Mapping[str, Any], at: datetime) -> None:
        """Tell those who listen what happened."""
        if self.listener:
            self.listener(Event(self.code, action, details, at))

    @abstractmethod
    def admit(
        self, endpoint: Endpoint, request: Request, parameters: Parameters
    ) -> None:
        """Check what comes before any endpoint, credentials above all."""

    @abstractmethod
    def refused(self, text: str) -> Answer:
        """Answer that the data won't do."""

    @abstractmethod
    def token_died(self, request: Request) -> Answer:
        """Forget the token of this request and answer as the vendor then would."""

    @abstractmethod
    def not_found(self, request: Request) -> Answer: ...

    @abstractmethod
    def method_not_allowed(self, request: Request, allowed: str) -> Answer: ...

    def too_many_requests(self) -> Answer:
        return Answer(429)

    def complete(self, endpoint: Endpoint, answer: Answer) -> Answer:
        """Add what the vendor puts on every answer."""
        return answer

    def without_number(self, answer: Answer) -> Answer:
        """Take the number out of an answer that reports success."""
        if not 200 <= answer.status < 300 or answer.content_type != JSON:
            return answer
        document = jsontext.loads(answer.body)
        holder = document
        for member in self.number_member[:-1]:
            holder = holder.get(member, {}) if isinstance(holder, dict) else {}
        if isinstance(holder, dict):
            holder.pop(self.number_member[-1], None)
        return replace(answer, body=jsontext.dumps(document).encode("ascii"))

    def set_life(self, order: str, life: str) -> None:
        """Give an order another life, by its number or the buyer's reference."""
        raise BadInput("vendor", f"not {self.code}: its orders have no states")

    def below(self, path: str) -> tuple[str, bool] | None:
        """Return what follows the vendor's address, and if it is the login host's."""
        if path.startswith(self.base_path + "/"):
            return path.removeprefix(self.base_path), False
        if self.login_path and path.startswith(self.login_path + "/"):
            return path.removeprefix(self.login_path), True
        return None

    def find(
        self, method: str, path: str, at_login_host: bool = False
    ) -> tuple[Endpoint, Parameters] | list[str]:
        """Return the endpoint for a call, or the methods the path takes instead."""
        methods = []
        for endpoint in self.endpoints:
            if endpoint.at_login_host is not at_login_host:
                continue
            match = endpoint.pattern.fullmatch(path)
            if match and endpoint.method == method:
                found = match.groupdict().items()
                return endpoint, {name: unquote(value) for name, value in found}
            if match:
                methods.append(endpoint.method)
        return methods

    def answer(
        self,
        endpoint: Endpoint,
        request: Request,
        parameters: Parameters,
        turn: Turn | None = None,
    ) -> Answer:
        """Process one request; with a turn, all orders are shown as if they took it."""
        with self.lock, self._shown_as(turn):
            try:
                self.admit(endpoint, request, parameters)
                answer = endpoint.act(request, parameters)
            except Refusal as refusal:
                answer = refusal.answer
            return self.complete(endpoint, answer)

    @contextmanager
    def _shown_as(self, turn: Turn | None) -> Iterator[None]:
        if turn is None:
            yield
            return
        self.settle()
        turns = [(life, life.turn) for life in self.lives()]
        for life, _ in turns:
            life.turn = turn
        try:
            yield
        finally:
            for life, own_turn in turns:
                life.turn = own_turn

    def next_number(self) -> int:
        """Return the next number; a reset of the books does not start it over."""
        return self.world.run * 100_000 + next(self._numbers)

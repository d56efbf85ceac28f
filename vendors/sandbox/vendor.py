"""What every vendor of the sandbox has: endpoints, checks before them, and books."""

import itertools
import re
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import unquote

from vendors.sandbox.errors import BadInput
from vendors.sandbox.messages import Answer, Refusal, Request
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
    """

    name: str
    method: str
    path: str
    act: Callable[[Request, Parameters], Answer]
    group: str = ""
    pattern: re.Pattern[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(self.path))
        object.__setattr__(self, "pattern", re.compile(pattern))


class Vendor(ABC):
    """A stand-in for one vendor's server.

    A vendor handles one request at a time, which is what makes its books consistent;
    waiting, and writing to sockets, happen outside.
    """

    code: ClassVar[str]
    base_path: ClassVar[str]
    number_member: ClassVar[tuple[str, ...]]  # where its answer holds an order's number

    def __init__(self, world: World) -> None:
        self.world = world
        self.lock = threading.RLock()
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

    def set_life(self, order: str, life: str) -> None:
        """Give an order another life, by its number or the buyer's reference."""
        raise BadInput("vendor", f"not {self.code}: its orders have no states")

    def find(self, method: str, path: str) -> tuple[Endpoint, Parameters] | list[str]:
        """Return the endpoint for a call, or the methods the path takes instead."""
        methods = []
        for endpoint in self.endpoints:
            match = endpoint.pattern.fullmatch(path)
            if match and endpoint.method == method:
                found = match.groupdict().items()
                return endpoint, {name: unquote(value) for name, value in found}
            if match:
                methods.append(endpoint.method)
        return methods

    def answer(
        self, endpoint: Endpoint, request: Request, parameters: Parameters
    ) -> Answer:
        """Process one request."""
        with self.lock:
            try:
                self.admit(endpoint, request, parameters)
                answer = endpoint.act(request, parameters)
            except Refusal as refusal:
                answer = refusal.answer
            return self.complete(endpoint, answer)

    def next_number(self) -> int:
        """Return the next number; a reset of the books does not start it over."""
        return self.world.run * 100_000 + next(self._numbers)

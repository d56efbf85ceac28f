"""What a client owes the gate before it and after each answer."""

import pytest
import responses

from tests.vendors.clients import PlainClient, TokenClient, open_at
from vendors.contracts import SeenLimits
from vendors.errors import HeldBack, Kind, NotSent

URL = "http://127.0.0.1:9"


class NotedGate:
    """Notes what it is asked and told; lets out as many as it is given."""

    def __init__(self, lets: int = 99) -> None:
        self.lets = lets
        self.asked: list[str] = []
        self.told: list[tuple[str, int, SeenLimits | None, int | None]] = []

    def enter(self, purpose: str) -> None:
        self.asked.append(purpose)
        if len(self.asked) > self.lets:
            raise HeldBack("Later.", kind=Kind.THROTTLED, retry_after=3)

    def heard(
        self,
        purpose: str,
        *,
        status: int,
        limits: SeenLimits | None,
        retry_after: int | None,
    ) -> None:
        self.told.append((purpose, status, limits, retry_after))


def guarded(gate: NotedGate, kind: type[PlainClient] = PlainClient) -> PlainClient:
    client = open_at(URL, kind=kind)
    client.gate = gate
    return client


@responses.activate
def test_nothing_leaves_while_the_gate_is_closed() -> None:
    client = guarded(NotedGate(lets=0))

    with pytest.raises(HeldBack) as held:
        client.act("POST", "/orders", purpose="place_order", json={})

    assert len(responses.calls) == 0
    assert not client.has_written
    assert held.value.retry_after == 3


@responses.activate
def test_login_and_call_are_asked_for_one_by_one() -> None:
    responses.post(f"{URL}/login", json={"Token": "t-1"})
    responses.get(f"{URL}/things", json={})
    gate = NotedGate()

    guarded(gate, TokenClient).ask("GET", "/things", purpose="read")

    assert gate.asked == ["login", "read"]


@responses.activate
def test_order_held_back_after_the_login_was_not_written() -> None:
    responses.post(f"{URL}/login", json={"Token": "t-1"})
    client = guarded(NotedGate(lets=1), TokenClient)

    with pytest.raises(HeldBack):
        client.act("POST", "/orders", purpose="place_order", json={})

    assert [call.request.url for call in responses.calls] == [f"{URL}/login"]
    assert not client.has_written


@responses.activate
def test_gate_hears_what_answers_say_of_limits() -> None:
    responses.get(
        f"{URL}/things",
        json={},
        headers={"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "7"},
    )
    responses.get(f"{URL}/more", status=429, headers={"Retry-After": "30"})
    responses.get(f"{URL}/most", status=429)
    gate = NotedGate()
    client = guarded(gate)

    client.ask("GET", "/things", purpose="read")
    for path in ("/more", "/most"):
        with pytest.raises(NotSent):
            client.ask("GET", path, purpose="read")

    assert gate.told == [
        ("read", 200, SeenLimits(300, 7, None), None),
        ("read", 429, None, 30),
        ("read", 429, None, None),
    ]

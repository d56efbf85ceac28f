"""What is Tinker's own; what all vendors have in common is tried by the suite."""

from dataclasses import replace
from decimal import Decimal

import pytest
import responses

import vendors
from tests.vendors.sixth import on_board
from vendors.contracts import Account, Fulfilment, ItemKey
from vendors.errors import NotSent, Refused
from vendors.tokens import MemoryTokenStore

BASE = "https://tinker.test"
SESSION = "session-0815-4711"
ORDERED = {
    "no": "TT-1001",
    "your_ref": "PO-2031-000042",
    "state": "received",
    "positions": [{"no": "HAM-300", "pieces": 6, "net": "12.50"}],
}


@pytest.fixture
def tinker():
    with on_board():
        yield vendors.get("tinker")


@pytest.fixture
def server(responses_on) -> responses.RequestsMock:
    """A Tinker as far as the session."""
    responses_on.post(f"{BASE}/session", json={"session": SESSION, "seconds": 900})
    return responses_on


@pytest.fixture
def client(tinker, exchanges):
    account = Account(
        supplier="Tinker North", base_url=BASE, credentials={"key": "k-4711-north"}
    )
    return tinker.open_client(account, MemoryTokenStore(), exchanges.append)


@pytest.fixture
def order(make_order):
    line = {"item_number": "HAM-300", "unit_price": Decimal("12.50")}
    return make_order(line, currency="EUR", note="Ring first.")


def test_an_order_goes_out_to_the_letter(tinker, server, client, order):
    server.post(f"{BASE}/orders", json=ORDERED, status=201)

    accepted = tinker.place_order(client, order)

    request = server.calls[-1].request
    assert request.headers["X-Session"] == SESSION
    assert request.body == (
        b'{"your_ref": "PO-2031-000042", '
        b'"positions": [{"no": "HAM-300", "pieces": 6}], "remark": "Ring first."}'
    )
    assert accepted.number == "TT-1001"
    assert accepted.order.fulfilment is Fulfilment.CONFIRMED


def test_an_order_that_will_not_do_stays_here(tinker, server, client, order, address):
    with pytest.raises(Refused, match="leave the address out"):
        tinker.place_order(client, replace(order, delivery_address=address))

    assert len(server.calls) == 0


def test_an_article_in_the_place_of_another_is_not_believed(tinker, server, client):
    server.get(f"{BASE}/articles/SAW-7", json={"no": "HAM-300", "net": "12.50"})

    with pytest.raises(NotSent, match="does not hold the article SAW-7"):
        tinker.fetch_offers(client, [ItemKey("SAW-7")])


def test_a_word_may_be_explained_by_the_supplier(tinker, server, exchanges):
    account = Account(
        supplier="Tinker North",
        base_url=BASE,
        credentials={"key": "k-4711-north"},
        mapping={"order_status.in the shed": "picking"},
    )
    client = tinker.open_client(account, MemoryTokenStore(), exchanges.append)
    server.get(f"{BASE}/orders/TT-1", json={"no": "TT-1", "state": "in the shed"})

    found = tinker.read_order(client, "TT-1")

    assert found.fulfilment is Fulfilment.PICKING
    assert found.unknown_words == ()


def test_neither_key_nor_session_is_kept(tinker, server, client, exchanges):
    server.get(f"{BASE}/articles/HAM-300", json={"no": "HAM-300", "net": "12.50"})

    tinker.fetch_offers(client, [ItemKey("HAM-300")])

    assert len(exchanges) == 2
    assert "k-4711-north" not in repr(exchanges)
    assert SESSION not in repr(exchanges)

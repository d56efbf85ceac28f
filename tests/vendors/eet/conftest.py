from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import responses

from vendors.contracts import Account, Exchange, OrderRequest
from vendors.eet import auth
from vendors.tokens import MemoryTokenStore

TOKEN = {"Token": "token-1"}


@pytest.fixture
def open_client(eet_account: Account, exchanges: list[Exchange]) -> Callable[..., Any]:
    """Open a client; keyword arguments replace members of the account."""

    def build(**members: Any) -> auth.EetClient:
        account = replace(eet_account, **members)
        return auth.open_client(account, MemoryTokenStore(), exchanges.append)

    return build


@pytest.fixture
def client(open_client: Callable[..., Any]) -> auth.EetClient:
    return open_client()


@pytest.fixture
def eet(responses_on: responses.RequestsMock) -> responses.RequestsMock:
    """EET as far as the login."""
    responses_on.post("https://eet.test/login", json=TOKEN)
    return responses_on


@pytest.fixture
def order(make_order: Callable[..., OrderRequest]) -> OrderRequest:
    line = {"item_number": "KAB20417", "quantity": Decimal(3), "unit": ""}
    return make_order(line, reference="PO-2031-00042", currency="DKK")

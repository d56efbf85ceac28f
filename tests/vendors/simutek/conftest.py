from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import responses

from vendors.contracts import Account, Exchange, OrderRequest
from vendors.simutek import auth
from vendors.tokens import MemoryTokenStore

LOGIN = "https://id.simutek.test/connect/token"
API = "https://tryck.test/api/v1"
TOKEN = {
    "access_token": "eyJ-token-1",
    "expires_in": 3600,
    "token_type": "Bearer",
    "scope": "gks.api",
}
OWN = {
    "name": "Acme Purchasing AB",
    "number": "K200731",
    "invoiceEmail": "invoices@acme.example",
    "postalAddress": {
        "address1": "Storgatan 1",
        "address2": "Garageinfart 2",
        "address3": "Port C",
        "city": "Malmö",
        "zipCode": "211 44",
        "state": None,
        "countryCode": "SE",
    },
    "corporateIdentityNumber": "556000-0000",
    "tags": [{"key": "source", "value": "portal"}],
}


@pytest.fixture
def account() -> Account:
    return Account(
        supplier="Tryck & Form",
        base_url="https://tryck.test",
        auth_url="https://id.simutek.test",
        credentials={
            "client_id": "acme-purchasing",
            "client_secret": "pässword/4711+x",
        },
        options={"customer_number": "K200731", "test_orders_agreed": True},
    )


@pytest.fixture
def open_client(account: Account, exchanges: list[Exchange]) -> Callable[..., Any]:
    """Open a client; keyword arguments replace or add options."""

    def build(members: dict[str, Any] | None = None, **options: Any) -> Any:
        changed = replace(account, options={**account.options, **options})
        changed = replace(changed, **(members or {}))
        return auth.open_client(changed, MemoryTokenStore(), exchanges.append)

    return build


@pytest.fixture
def client(open_client: Callable[..., Any]) -> auth.SimutekClient:
    return open_client()


@pytest.fixture
def gks(responses_on: responses.RequestsMock) -> responses.RequestsMock:
    """A GKS as far as the login."""
    responses_on.post(LOGIN, json=TOKEN)
    return responses_on


@pytest.fixture
def order(make_order: Callable[..., OrderRequest]) -> OrderRequest:
    line = {
        "item_number": "BRO-A5-16",
        "description": "Brochure A5, 16 pages",
        "quantity": Decimal(500),
        "unit": "st",
        "unit_price": Decimal("3.25"),
    }
    return make_order(line, reference="PO-2031-0457")

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import responses

from tests.vendors.kvik.payloads import TOKEN_URL
from vendors.contracts import Account, Exchange
from vendors.kvik import auth
from vendors.tokens import MemoryTokenStore


@pytest.fixture
def kvik_account() -> Account:
    return Account(
        supplier="Norvik shop",
        base_url="https://shop.test",
        credentials={
            "client_id": "7d0a5b1c-40f2-4c1b-9a5e-2f6b7c8d9e10",
            "client_secret": "c3e1 &=+/ä",
        },
        options={"test_orders_agreed": True},
    )


@pytest.fixture
def open_client(kvik_account: Account, exchanges: list[Exchange]) -> Callable[..., Any]:
    """Open a client; keyword arguments replace or add options."""

    def build(
        *,
        mapping: dict[str, str] | None = None,
        account: dict[str, Any] | None = None,
        **options: Any,
    ) -> auth.KvikClient:
        changed = replace(
            kvik_account,
            mapping=mapping or {},
            options={"test_orders_agreed": True, **options},
            **(account or {}),
        )
        return auth.open_client(changed, MemoryTokenStore(), exchanges.append)

    return build


@pytest.fixture
def client(open_client: Callable[..., Any]) -> auth.KvikClient:
    return open_client()


@pytest.fixture
def shop(responses_on: responses.RequestsMock) -> responses.RequestsMock:
    """A shop that gives tokens, and what else a test says."""
    responses_on.post(
        TOKEN_URL,
        json={
            "_type": "AccessToken",
            "token_type": "Bearer",
            "expires_in": 3600,
            "access_token": "eyJ0.first.token",
        },
    )
    return responses_on

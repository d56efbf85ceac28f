from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from vendors.contracts import Account, Exchange
from vendors.extend import auth
from vendors.tokens import MemoryTokenStore


@pytest.fixture
def open_client(
    extend_account: Account, exchanges: list[Exchange]
) -> Callable[..., Any]:
    """Open a client; keyword arguments replace or add options."""

    def build(
        credentials: dict[str, str] | None = None, base_url: str = "", **options: Any
    ) -> auth.ExtendClient:
        account = replace(
            extend_account,
            base_url=base_url or extend_account.base_url,
            allow_insecure_loopback=True,
            credentials=credentials or extend_account.credentials,
            options={**extend_account.options, **options},
        )
        return auth.open_client(account, MemoryTokenStore(), exchanges.append)

    return build


@pytest.fixture
def client(open_client: Callable[..., Any]) -> auth.ExtendClient:
    return open_client()

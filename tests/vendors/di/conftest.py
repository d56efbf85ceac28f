from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import responses

from vendors.contracts import Account, Address, Exchange, ShopRequest
from vendors.di import auth
from vendors.tokens import MemoryTokenStore

LOGIN = "https://login.test/ws/json/auth/v-3/login/720"
SHOPS = "https://shop.test/ws/json/shop/v-1"
SHOP = f"{SHOPS}/4711"


@pytest.fixture
def di_account() -> Account:
    return Account(
        supplier="DI Norway",
        base_url="https://shop.test",
        auth_url="https://login.test",
        credentials={"username": "wsnordlys", "password": "pässord/4711+x"},
        options={
            "owner_party_key": "nordlys-pakker",
            "transport_solution_ids": "4, 17",
        },
    )


@pytest.fixture
def open_client(di_account: Account, exchanges: list[Exchange]) -> Callable[..., Any]:
    """Open a client; keyword arguments replace members, options are added."""

    def build(options: dict[str, Any] | None = None, **members: Any) -> auth.DiClient:
        members["options"] = {**di_account.options, **(options or {})}
        account = replace(di_account, **members)
        return auth.open_client(account, MemoryTokenStore(), exchanges.append)

    return build


@pytest.fixture
def client(open_client: Callable[..., Any]) -> auth.DiClient:
    return open_client()


@pytest.fixture
def di(responses_on: responses.RequestsMock) -> responses.RequestsMock:
    """DI as far as the login."""
    responses_on.post(LOGIN, json={"token": "token-1"})
    return responses_on


@pytest.fixture
def shop() -> ShopRequest:
    """A shop to be made, of the parts most shops have."""
    return ShopRequest(
        reference="shop-12",
        name="Fjellbutikken AS",
        organization_number="918 273 645",
        email="lager@example.invalid",
        phone="90000001",
        address=Address(
            street="Storgata",
            street_number="12",
            entrance="B",
            zip_code="0181",
            city="Oslo",
            country_code="NO",
        ),
        details={
            "address_collector": True,
            "vat_liable": True,
            "web_shop_platform": "Egen",
            "external_customer_ids": "5=4100023",
        },
    )


@pytest.fixture
def known_shop(shop: ShopRequest) -> ShopRequest:
    return replace(shop, vendor_id="4711")

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import responses

from vendors.contracts import (
    Account,
    Address,
    Exchange,
    OrderLineRequest,
    OrderRequest,
)


@pytest.fixture
def exchanges() -> list[Exchange]:
    """What the clients of a test recorded."""
    return []


@pytest.fixture
def eet_account() -> Account:
    return Account(
        supplier="EET Denmark",
        base_url="https://eet.test",
        credentials={"username": "acme-api", "password": "pässword/4711+x"},
        options={"order_contract_confirmed": True, "currency": "DKK"},
    )


@pytest.fixture
def extend_account() -> Account:
    return Account(
        supplier="Extend Nord",
        base_url="https://extend.test/RESTAPI",
        credentials={"username": "api-user", "password": "secret"},
        options={
            "client": "NORDLAGER",
            "customer_number": "K-20417",
            "warehouse": "WH-SYD",
            "unit": "ST",
            "test_orders_agreed": True,
        },
    )


@pytest.fixture
def make_order() -> Callable[..., OrderRequest]:
    """Build an order of one line; keyword arguments replace its members."""
    line = OrderLineRequest(
        position=1,
        item_number="SKU-4410",
        quantity=Decimal(6),
        unit_price=Decimal("41.50"),
        unit="ST",
        vat_percent=Decimal(25),
    )
    order = OrderRequest(
        reference="PO-2031-000042",
        currency="SEK",
        is_test=True,
        lines=(line,),
    )

    def build(*lines: dict[str, Any], **members: Any) -> OrderRequest:
        if lines:
            members["lines"] = tuple(replace(line, **members) for members in lines)
        return replace(order, **members)

    return build


@pytest.fixture
def address() -> Address:
    return Address(
        name="Verkstad Nord",
        street="Provgatan",
        street_number="4",
        entrance="B",
        zip_code="90320",
        city="Umeå",
        country_code="SE",
    )


@pytest.fixture
def responses_on() -> Iterator[responses.RequestsMock]:
    """A network on which nothing answers but what a test says."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        yield mocked

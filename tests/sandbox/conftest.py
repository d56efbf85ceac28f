"""A running sandbox, and bare clients that speak to it as a program would."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from vendors.sandbox import Sandbox

CREDENTIALS = {"UserName": "sandbox-eet", "Password": "sandbox-eet-password"}
# base64 of sandbox-extend:sandbox-extend-password
BASIC = "Basic c2FuZGJveC1leHRlbmQ6c2FuZGJveC1leHRlbmQtcGFzc3dvcmQ="


class EetClient:
    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.session = requests.Session()

    def login(self, **changes: str) -> requests.Response:
        answer = self.post("/login", CREDENTIALS | changes)
        if answer.ok:
            self.session.headers["Authorization"] = f"Bearer {answer.json()['Token']}"
        return answer

    def post(self, path: str, document: Any = None, **more: Any) -> requests.Response:
        return self.session.post(self.base_url + path, json=document, timeout=5, **more)

    def order(
        self, path: str = "/order?isTest=true", **changes: Any
    ) -> requests.Response:
        order = {
            "CustomerOrderNo": "PO-2031-00042",
            "Items": [{"ItemId": "KAB20417", "Quantity": 3}],
        }
        return self.post(path, order | changes)


class ExtendClient:
    def __init__(self, base_url: str) -> None:
        self.base_url = f"{base_url}/v1_0/NORD"
        self.session = requests.Session()
        self.session.headers["ExtendBasicAuthorization"] = BASIC

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        return self.session.request(method, self.base_url + path, timeout=5, **more)

    def get(self, path: str, **parameters: Any) -> requests.Response:
        return self.call("GET", path, params=parameters)

    def place(self, *rows: dict[str, Any], **header: Any) -> requests.Response:
        body = {
            "orderHeader": {
                "orderType": "Normal",
                "orderNumberExternal": "PB-2031-0007",
                "customerNumber": "K-20417",
                "freightFree": True,
            }
            | header,
            "orderRows": list(rows) or [self.row()],
        }
        return self.call("POST", "/CustomerOrders", json=body)

    def place_number(self, *rows: dict[str, Any], **header: Any) -> str:
        number: str = self.place(*rows, **header).json()["orderHeader"]["orderNumber"]
        return number

    def read(self, number: str) -> Any:
        return self.get(f"/CustomerOrders/{number}").json()

    @staticmethod
    def row(
        product: str = "SKU-4410", quantity: Any = 6, unit: str = "ST", **more: Any
    ) -> dict[str, Any]:
        sales = {"quantity": quantity, "unit": unit}
        sales |= {name: more.pop(name) for name in ("unitPrice",) if name in more}
        return {
            "product": {"productNumber": product},
            "salesData": sales,
            "warehouse": "WH-SYD",
        } | more


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Sandbox:
    running_sandbox.reset()
    return running_sandbox


@pytest.fixture
def eet(sandbox: Sandbox) -> EetClient:
    client = EetClient(sandbox.base_url("eet"))
    client.login()
    return client


@pytest.fixture
def extend(sandbox: Sandbox) -> ExtendClient:
    return ExtendClient(sandbox.base_url("extend"))

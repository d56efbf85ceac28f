"""A shop that runs in the sandbox, a buyer at a browser, and a customer who agrees."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from procurement.customers.models import Customer
from procurement.logins.models import CustomerLoginToken
from procurement.suppliers.models import Supplier
from tests.factories import ADDRESS, make_supplier, make_user
from vendors.sandbox import Sandbox

PUBLIC_URL = "http://127.0.0.1:8000"
BACK = f"{PUBLIC_URL}/logins/return/"
RETURN = "/logins/return/"
CLIENT_SECRET = "sandbox-kvik-secret"
Travel = Callable[..., str]


@pytest.fixture(autouse=True)
def public_url(settings: Any) -> None:
    settings.PUBLIC_URL = PUBLIC_URL


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(port=0, kvik_redirect_uri=BACK) as running:
        yield running


@pytest.fixture
def shop(db: None, sandbox: Sandbox) -> Supplier:
    return make_supplier(
        "kvik",
        base_url=sandbox.base_url("kvik"),
        credentials={"client_id": "sandbox-kvik", "client_secret": CLIENT_SECRET},
    )


@pytest.fixture
def customer(db: None) -> Customer:
    return Customer.objects.create(**{**ADDRESS, "name": "Verkstad Nord"})


def person(username: str, *, may_connect: bool = True) -> User:
    """A member of staff who may look at shop logins, and connect them."""
    user = make_user(username)
    names = ["view_customerlogintoken"] + ["connect_customer"] * may_connect
    user.user_permissions.add(
        *Permission.objects.filter(
            content_type__app_label="logins", codename__in=names
        ),
        Permission.objects.get(codename="view_exchange"),
    )
    return user


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def buyer(db: None) -> User:
    return person("buyer")


@pytest.fixture
def desk(buyer: User) -> Client:
    """The buyer's browser."""
    return browser_of(buyer)


def page(name: str, customer: Customer, shop: Supplier) -> str:
    return reverse(f"admin:logins_{name}", args=[customer.pk, shop.pk])


@pytest.fixture
def start(customer: Customer, shop: Supplier) -> Travel:
    """Press the button; return the shop's address the browser is sent to."""

    def press(client: Client) -> str:
        answer = client.post(page("connect", customer, shop))
        assert answer.status_code == 302, answer
        return str(answer["Location"])

    return press


def decide(address: str, decision: str = "agree") -> str:
    """Do what the customer does at the shop; return where the browser is sent."""
    shown = requests.get(address, timeout=5, allow_redirects=False)
    assert shown.status_code == 200, shown.text
    form = {**dict(parse_qsl(urlsplit(address).query)), "decision": decision}
    path = address.partition("?")[0]
    answer = requests.post(path, data=form, timeout=5, allow_redirects=False)
    assert answer.status_code == 303, answer.text
    back = answer.headers["Location"]
    assert back.startswith(f"{BACK}?")
    return RETURN + "?" + urlsplit(back).query


def query_of(address: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address).query))


@pytest.fixture
def connected(desk: Client, start: Travel) -> CustomerLoginToken:
    """A login that was connected a moment ago."""
    assert desk.get(decide(start(desk))).status_code == 303
    return CustomerLoginToken.objects.get()


def tokens_asked_for(sandbox: Sandbox) -> int:
    """How often the shop was asked for tokens."""
    return len([call for call in sandbox.calls("kvik") if call.endpoint == "login"])

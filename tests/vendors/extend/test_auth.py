import base64
from datetime import datetime, timedelta, timezone

import pytest
import requests

from vendors.contracts import ItemKey
from vendors.errors import Kind, NotSent, Refused
from vendors.extend import auth, products

UNITS = "https://extend.test/RESTAPI/v1_0/NORDLAGER/ProductUnits"
ORDERS = "https://extend.test/RESTAPI/v1_0/NORDLAGER/CustomerOrders"


def test_user_and_password_go_in_the_header_of_its_own(responses_on, client, exchanges):
    responses_on.get(UNITS, json=[{"productUnitId": 1, "name": "ST"}, {"name": "FRP"}])

    text = auth.check_connection(client)

    request = responses_on.calls[0].request
    # base64 of api-user:secret
    assert request.headers["ExtendBasicAuthorization"] == "Basic YXBpLXVzZXI6c2VjcmV0"
    assert "Authorization" not in request.headers
    assert request.url == UNITS
    assert text == "Connected; sales units: ST, FRP."
    assert exchanges[0].request_headers["ExtendBasicAuthorization"] == "***"


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ({"productUnitList": [{"Name": "ST"}]}, "Connected; sales units: ST."),
        ([], "Connected; sales units: none named."),
    ],
)
def test_units_are_read_with_tolerance(responses_on, client, answer, text):
    responses_on.get(UNITS, json=answer)

    assert auth.check_connection(client) == text


@pytest.mark.parametrize(
    ("answer", "error_type", "kind"),
    [
        ({"status": 401}, NotSent, Kind.CREDENTIALS),
        ({"status": 403}, NotSent, Kind.CREDENTIALS),
        ({"status": 404}, Refused, Kind.NOT_FOUND),
        ({"status": 429}, NotSent, Kind.THROTTLED),
        ({"status": 500}, NotSent, Kind.SERVER),
        ({"body": "<html>Login</html>"}, NotSent, Kind.UNREADABLE),
        ({"body": "5"}, NotSent, Kind.UNREADABLE),
        ({"body": requests.ConnectTimeout()}, NotSent, Kind.CONNECTION),
    ],
)
def test_each_trouble_of_the_check_has_its_kind(
    responses_on, client, answer, error_type, kind
):
    responses_on.get(UNITS, **answer)

    with pytest.raises(error_type) as caught:
        auth.check_connection(client)

    assert caught.value.kind is kind
    assert len(responses_on.calls) == 1


def test_reading_and_ordering_may_have_credentials_of_their_own(
    responses_on, open_client
):
    client = open_client(
        credentials={
            "username": "one",
            "password": "1111",
            "order_username": "two",
            "order_password": "2222",
        }
    )
    responses_on.get(UNITS, json=[])
    responses_on.post(ORDERS, json=[])

    client.ask("GET", auth.path(client, "path.units"), purpose="test")
    client.act("POST", auth.path(client, "path.orders"), purpose="test")

    sent = [c.request.headers["ExtendBasicAuthorization"] for c in responses_on.calls]
    # one:1111 and two:2222
    assert sent == ["Basic b25lOjExMTE=", "Basic dHdvOjIyMjI="]


ALL_LOGINS = {
    f"{prefix}{part}": f"{prefix}{part}"
    for prefix in ("", "read_", "order_", "product_", "stock_", "customer_")
    for part in ("username", "password")
}


@pytest.mark.parametrize(
    ("purpose", "is_write", "given", "used"),
    [
        ("fetch_prices", False, "product_ read_", "product_"),
        ("list_changed_products", False, "product_ read_", "product_"),
        ("read_product", False, "product_ read_", "product_"),
        ("fetch_availability", False, "stock_ read_", "stock_"),
        ("list_changed_stock", False, "stock_ product_ read_", "stock_"),
        ("read_customer", False, "customer_ read_", "customer_"),
        ("find_customers", False, "customer_ read_", "customer_"),
        ("list_changed_customers", False, "customer_ read_", "customer_"),
        ("fetch_prices", False, "read_ stock_ order_", "read_"),
        ("fetch_availability", False, "read_ product_", "read_"),
        ("read_customer", False, "order_", ""),
        ("create_customer", True, "customer_ order_ read_", "customer_"),
        # A login for orders was not handed out for customers.
        ("create_customer", True, "order_ read_", ""),
        ("place_order", True, "order_ read_", "order_"),
        ("place_order", True, "read_ customer_", ""),
        ("read_order", False, "order_ read_", "read_"),
    ],
)
def test_each_kind_of_call_may_have_a_login_of_its_own(
    open_client, purpose, is_write, given, used
):
    prefixes = ("", *given.split())
    client = open_client(
        credentials={
            key: word
            for key, word in ALL_LOGINS.items()
            if key.removesuffix("username").removesuffix("password") in prefixes
        }
    )

    proof = client.authorize(purpose=purpose, is_write=is_write)

    expected = base64.b64encode(f"{used}username:{used}password".encode()).decode()
    assert proof.headers == {"ExtendBasicAuthorization": f"Basic {expected}"}


def test_prices_and_availability_are_asked_for_with_their_own_logins(
    responses_on, open_client
):
    client = open_client(
        credentials={**ALL_LOGINS, "product_username": "p", "stock_username": "s"}
    )
    base = "https://extend.test/RESTAPI/v1_0/NORDLAGER"
    responses_on.get(f"{base}/ProductPrices", json=[])
    responses_on.get(f"{base}/ProductAvailability", json=[])

    products.fetch_offers(client, [ItemKey("SKU-4410")])

    sent = [c.request.headers["ExtendBasicAuthorization"] for c in responses_on.calls]
    # p:product_password and s:stock_password
    assert sent == ["Basic cDpwcm9kdWN0X3Bhc3N3b3Jk", "Basic czpzdG9ja19wYXNzd29yZA=="]


def test_half_a_pair_of_credentials_is_a_trouble_of_configuration(open_client):
    client = open_client(
        credentials={"username": "one", "password": "1111", "read_username": "two"}
    )

    with pytest.raises(NotSent) as caught:
        auth.check_connection(client)

    assert caught.value.kind is Kind.CONFIGURATION
    assert "read_password" in caught.value.text


def test_without_a_client_nothing_is_called(responses_on, open_client):
    with pytest.raises(NotSent) as caught:
        auth.check_connection(open_client(client=""))

    assert caught.value.kind is Kind.CONFIGURATION
    assert len(responses_on.calls) == 0


def test_a_zone_that_does_not_exist_is_a_trouble_of_configuration(open_client):
    with pytest.raises(NotSent) as caught:
        auth.zone(open_client(time_zone="Europe/Nowhere"))

    assert caught.value.kind is Kind.CONFIGURATION


def test_a_moment_is_written_in_utc():
    swedish = timezone(timedelta(hours=2))

    assert auth.utc(datetime(2031, 4, 2, 10, 15, 7, tzinfo=swedish)) == (
        "2031-04-02T08:15:07Z"
    )

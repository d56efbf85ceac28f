"""Kvik: a shop that prices orders itself, and lists all there are, ours or not."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from tests.vendors.suite.desk import Desk
from tests.vendors.suite.table import (
    AT_A_LOGIN,
    DONE,
    Buying,
    Call,
    Case,
    Ending,
    keep_order,
    keep_placed,
    order_is_booked,
    orders_booked,
    place,
    says,
)
from vendors.contracts import (
    Fulfilment,
    ItemKey,
    LookUp,
    OrderLineRequest,
    OrderRequest,
)
from vendors.errors import Kind, NotSent

FOREIGN_ORDERS = 3
RETURN_TO = "https://office.test/login/back"
VERIFIER = "a-code-verifier-of-at-least-43-characters-0001"
ORDER = OrderRequest(
    reference="PO-2031-000042",
    currency="CZK",
    is_test=True,
    lines=(
        OrderLineRequest(
            position=1,
            item_number="TX-4410",
            brand="Norvik",
            quantity=Decimal(6),
            unit_price=Decimal("129.00"),
        ),
    ),
    note="Ring before delivery.",
)
# "It can't be told what is in the list" is all a refused list says of an order.
LIST_REFUSED = {"refused": Ending(NotSent, Kind.CONFIGURATION)}


def fetch_offers(desk: Desk) -> Any:
    items = [
        ItemKey("TX-4410"),
        ItemKey("100-20", "Brava"),
        ItemKey("100-20"),
        ItemKey("NOPE"),
    ]
    return desk.vendor.fetch_offers(desk.client, items)


def offers_are_right(offers: Any, desk: Desk) -> None:
    filter_mat, seal, shared, unknown = offers
    assert filter_mat.unit_price == Decimal("129.00")
    assert filter_mat.currency == "CZK"
    assert filter_mat.quantity_available == 14
    assert filter_mat.lead_time_days == 2
    assert seal.unit_price == Decimal("46.90")
    assert shared.unit_price is None
    assert "Brava, Norvik" in shared.warning
    assert not unknown.is_known


def look_up(desk: Desk) -> Any:
    sought = LookUp(
        reference=ORDER.reference,
        sent_at=datetime.now(UTC) - timedelta(seconds=5),
        order=ORDER,
    )
    return desk.vendor.find_orders(desk.client, sought)


def only_ours_is_found(orders: Any, desk: Desk) -> None:
    [found] = orders
    assert found.number == desk.kept["number"]
    assert found.reference == ORDER.reference
    assert found.lines[0].unit_price == Decimal("129.00")


def all_are_listed(page: Any, desk: Desk) -> None:
    assert page.next_page is None
    assert len(page.orders) == FOREIGN_ORDERS + 1
    assert desk.kept["number"] in [order.number for order in page.orders]


def order_is_read(order: Any, desk: Desk) -> None:
    assert order.number == desk.kept["number"]
    assert order.fulfilment is Fulfilment.NONE
    assert order.lines[0].quantity == 6


def note_is_of_all_there_are(note: Any, desk: Desk) -> None:
    assert len(note["numbers"]) == FOREIGN_ORDERS


def login_address(desk: Desk) -> str:
    address: str = desk.vendor.customer_login.address(
        desk.client, RETURN_TO, "a-state", VERIFIER
    )
    return address


def agree(desk: Desk) -> None:
    """Be the customer in the browser, and keep the code it brings back."""
    address = urlsplit(login_address(desk))
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    answer = requests.post(
        address._replace(query="").geturl(),
        data={**asked, "decision": "agree"},
        allow_redirects=False,
        timeout=10,
    )
    desk.kept["code"] = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]


def exchange(desk: Desk) -> Any:
    return desk.vendor.customer_login.exchange(
        desk.client, desk.kept["code"], RETURN_TO, VERIFIER
    )


def keep_refresh_token(desk: Desk) -> None:
    agree(desk)
    desk.kept["refresh_token"] = exchange(desk).refresh_token


def renew(desk: Desk) -> Any:
    return desk.vendor.customer_login.renew(desk.client, desk.kept["refresh_token"])


def tokens_are_there(tokens: Any, desk: Desk) -> None:
    assert tokens.access_token
    assert tokens.refresh_token
    assert tokens.refresh_token != desk.kept.get("refresh_token")
    life = tokens.expires_at - datetime.now(UTC)
    assert timedelta(minutes=58) < life <= timedelta(minutes=60)


def address_leads_to_the_shop(desk: Desk) -> None:
    assert login_address(desk).startswith(f"{desk.sandbox.base_url('kvik')}/")
    assert "code_challenge_method=S256" in login_address(desk)
    assert VERIFIER not in login_address(desk)


def objections(desk: Desk) -> None:
    assert desk.vendor.objections(desk.client.account, ORDER) == ()


CASE = Case(
    code="kvik",
    credentials={"client_id": "sandbox-kvik", "client_secret": "sandbox-kvik-secret"},
    secret="client_secret",
    items=("TX-4410", "Brava/100-20"),
    calls=(
        Call(
            name="check_connection",
            endpoint="login",
            run=lambda desk: desk.vendor.check_connection(desk.client),
            check=says("Logged in; the token is used until"),
            but=AT_A_LOGIN,
        ),
        Call(
            name="fetch_offers",
            endpoint="products",
            run=fetch_offers,
            check=offers_are_right,
        ),
        Call(
            name="place_order",
            endpoint="place_order",
            begin=keep_order(ORDER),
            run=place,
            check=order_is_booked,
            entries=orders_booked,
            but={"missing_number": DONE},
        ),
        Call(
            name="find_orders",
            endpoint="list_orders",
            begin=keep_placed(ORDER),
            run=look_up,
            check=only_ours_is_found,
            but=LIST_REFUSED,
        ),
        Call(
            name="list_changed_orders",
            endpoint="list_orders",
            begin=keep_placed(ORDER),
            run=lambda desk: desk.vendor.list_changed_orders(
                desk.client, datetime.now(UTC), 0
            ),
            check=all_are_listed,
            but=LIST_REFUSED,
        ),
        Call(
            name="read_order",
            endpoint="list_orders",
            begin=keep_placed(ORDER),
            run=lambda desk: desk.vendor.read_order(desk.client, desk.kept["number"]),
            check=order_is_read,
            but=LIST_REFUSED,
        ),
        Call(
            name="note_before_placing",
            endpoint="list_orders",
            run=lambda desk: desk.vendor.note_before_placing(desk.client, ORDER),
            check=note_is_of_all_there_are,
            but=LIST_REFUSED,
        ),
        Call(
            name="customer_login.exchange",
            endpoint="login",
            begin=agree,
            run=exchange,
            check=tokens_are_there,
            but=AT_A_LOGIN,
        ),
        Call(
            name="customer_login.renew",
            endpoint="login",
            begin=keep_refresh_token,
            run=renew,
            check=tokens_are_there,
            but=AT_A_LOGIN,
        ),
    ),
    local={
        "customer_login.address": address_leads_to_the_shop,
        "objections": objections,
    },
    buying=Buying(
        order=ORDER,
        item={
            "item_number": "TX-4410",
            "brand": "Norvik",
            "unit_price": Decimal("129.00"),
            "unit": "",
        },
        can_look_up=True,
        reading_options={"reads_single_orders": True},
        texts=("note", "address", "item_number", "reference"),
    ),
)

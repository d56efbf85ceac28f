"""DI: no goods and no orders, but shops that can't be looked up once made."""

from dataclasses import replace
from typing import Any

from tests.vendors.suite.desk import Desk
from tests.vendors.suite.table import AT_A_LOGIN, DONE, Call, Case, Ending, says
from vendors.contracts import Address, OrderRequest, ShopRequest
from vendors.errors import Kind, NotSent

SHOP = ShopRequest(
    reference="shop-12",
    name="Fjellbutikken AS",
    organization_number="918273645",
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
)
# The whole shop is sent each time, so an update may always be made again; a 2xx says
# that it has worked, whatever else is in it.
REPEATABLE = {
    "cut_before": Ending(NotSent, Kind.CUT),
    "error_before": Ending(NotSent, Kind.SERVER),
    "redirect": Ending(NotSent, Kind.CONFIGURATION),
    "lost_answer": Ending(NotSent, Kind.CUT),
    "half_answer": Ending(NotSent, Kind.CUT),
    "error_after": Ending(NotSent, Kind.SERVER),
    "slow": Ending(NotSent, Kind.TIMEOUT),
    "slow_drip": Ending(NotSent, Kind.TIMEOUT),
    "html": DONE,
    "rubbish_json": DONE,
    "gzip_bomb": DONE,
    "missing_number": DONE,
}


def create(desk: Desk) -> Any:
    return desk.vendor.create_shop(desk.client, SHOP)


def shop_is_booked(accepted: Any, desk: Desk) -> None:
    [booked] = desk.sandbox.shops("di")
    assert accepted.number == str(booked["id"])
    assert booked["owner_party_key"] == "nordlys-pakker"
    assert booked["transport_solution_ids"] == [4, 17]
    assert booked["shop"]["legalName"] == "Fjellbutikken AS"
    assert booked["shop"]["address"]["zipCode"] == "0181"


def keep_shop(desk: Desk) -> None:
    desk.kept["id"] = create(desk).number


def update(desk: Desk) -> Any:
    changed = replace(SHOP, vendor_id=desk.kept["id"], email="new@example.invalid")
    return desk.vendor.update_shop(desk.client, changed)


def shop_is_changed(accepted: Any, desk: Desk) -> None:
    [booked] = desk.sandbox.shops("di")
    assert accepted.number == desk.kept["id"]
    assert booked["shop"]["email"] == "new@example.invalid"


def updates_booked(desk: Desk) -> int:
    [booked] = desk.sandbox.shops("di")
    return len(booked["bodies"]) - 1


def shop_objections(desk: Desk) -> None:
    account = desk.client.account
    assert desk.vendor.shop_objections(account, SHOP) == ()
    [objection] = desk.vendor.shop_objections(account, replace(SHOP, email=""))
    assert "e-mail" in objection


def no_order_will_do(desk: Desk) -> None:
    order = OrderRequest(reference="PO-1", currency="NOK", is_test=True, lines=())
    assert desk.vendor.objections(desk.client.account, order)


CASE = Case(
    code="di",
    credentials={"username": "sandbox-di", "password": "sandbox-di-password"},
    secret="password",
    options={"owner_party_key": "nordlys-pakker", "transport_solution_ids": "4, 17"},
    calls=(
        Call(
            name="check_connection",
            endpoint="login",
            run=lambda desk: desk.vendor.check_connection(desk.client),
            check=says("the token lives 720 minutes"),
            but=AT_A_LOGIN,
        ),
        Call(
            name="create_shop",
            endpoint="create_shop",
            run=create,
            check=shop_is_booked,
            entries=lambda desk: len(desk.sandbox.shops("di")),
            but={"missing_number": DONE},
        ),
        Call(
            name="update_shop",
            endpoint="update_shop",
            begin=keep_shop,
            run=update,
            check=shop_is_changed,
            entries=updates_booked,
            but=REPEATABLE,
        ),
    ),
    local={"shop_objections": shop_objections, "objections": no_order_will_do},
)

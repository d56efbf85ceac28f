"""Both vendor modules against the sandbox, which was written from the facts alone."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

import vendors
from vendors.contracts import Account, Fulfilment, ItemKey, LookUp
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused, VendorError
from vendors.sandbox import Sandbox
from vendors.tokens import MemoryTokenStore
from vendors.transport import TimeLimits

STEP = 4.1
"""Seconds in which an order there moves on by one state."""


@pytest.fixture(scope="module")
def running():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running):
    running.reset()
    return running


@pytest.fixture
def connect(sandbox, eet_account, extend_account, exchanges):
    def build(code: str):
        options = (
            {**extend_account.options, "client": "NORD"} if code == "extend" else {}
        )
        account = Account(
            supplier=code,
            base_url=sandbox.base_url(code),
            credentials={
                "username": f"sandbox-{code}",
                "password": f"sandbox-{code}-password",
            },
            options=options,
            allow_insecure_loopback=True,
        )
        vendor = vendors.get(code)
        client = vendor.open_client(account, MemoryTokenStore(), exchanges.append)
        client.time_limits = TimeLimits(connect=1, read=0.5, total=2)
        return vendor, client

    return build


@pytest.fixture
def orders(make_order):
    line = {"item_number": "KAB20417", "quantity": Decimal(3)}
    return {
        "eet": make_order(line, reference="PO-2031-00042", currency="DKK"),
        "extend": make_order(),
    }


BOTH = pytest.mark.parametrize("code", ["eet", "extend"])


@BOTH
def test_the_connection_is_checked(connect, code):
    vendor, client = connect(code)

    assert vendor.check_connection(client)


@BOTH
def test_an_offer_is_fetched(connect, orders, code):
    vendor, client = connect(code)
    item = ItemKey(orders[code].lines[0].item_number)

    known, unknown = vendor.fetch_offers(client, [item, ItemKey("NOPE")])

    assert known.unit_price == Decimal("129.50" if code == "eet" else "41.50")
    assert known.quantity_available > 0
    assert not unknown.is_known


@BOTH
def test_an_order_is_placed_once(sandbox, connect, orders, code):
    vendor, client = connect(code)

    accepted = vendor.place_order(client, orders[code])

    [booked] = sandbox.orders(code)
    assert booked["number"] == accepted.number
    assert booked["reference"] == orders[code].reference


@BOTH
@pytest.mark.parametrize(
    ("fault", "error_type", "is_placed"),
    [
        ("lost_answer", OutcomeUnknown, True),
        ("cut_before", OutcomeUnknown, False),
        ("error_before", OutcomeUnknown, False),
        ("error_after", OutcomeUnknown, True),
        ("html", OutcomeUnknown, True),
        ("rubbish_json", OutcomeUnknown, True),
        ("gzip_bomb", OutcomeUnknown, True),
        ("refused", Refused, False),
        ("throttled", NotSent, False),
    ],
)
def test_each_fault_ends_in_the_right_error(
    sandbox, connect, orders, code, fault, error_type, is_placed
):
    vendor, client = connect(code)
    sandbox.add_fault(code, endpoint="place_order", fault=fault, times=1)

    with pytest.raises(VendorError) as caught:
        vendor.place_order(client, orders[code])

    assert type(caught.value) is error_type
    assert len(sandbox.orders(code)) == is_placed


def test_a_token_that_dies_early_costs_no_order(sandbox, connect, orders):
    vendor, client = connect("eet")
    sandbox.add_fault("eet", endpoint="place_order", fault="token_dies", times=1)

    assert vendor.place_order(client, orders["eet"]).number
    assert len(sandbox.orders("eet")) == 1


def test_a_lost_order_is_found_again(sandbox, connect, orders):
    vendor, client = connect("extend")
    sandbox.add_fault("extend", endpoint="place_order", fault="lost_answer", times=1)
    order = orders["extend"]
    sought = LookUp(reference=order.reference, sent_at=datetime.now(UTC), order=order)
    assert vendor.find_orders(client, sought) == ()
    with pytest.raises(OutcomeUnknown):
        vendor.place_order(client, order)

    [found] = vendor.find_orders(client, sought)

    assert found.number == sandbox.orders("extend")[0]["number"]
    assert found.lines[0].unit_price == Decimal("41.50")


def test_an_order_is_followed_until_it_is_shipped(sandbox, connect, orders):
    vendor, client = connect("extend")
    number = vendor.place_order(client, orders["extend"]).number
    seen = []
    for _ in range(6):
        sandbox.advance(STEP)
        seen.append(vendor.read_order(client, number).fulfilment)

    page = vendor.list_changed_orders(client, datetime.now(UTC), 0)
    assert list(dict.fromkeys(seen)) == [
        Fulfilment.CONFIRMED,
        Fulfilment.PICKING,
        Fulfilment.PARTIALLY_SHIPPED,
        Fulfilment.SHIPPED,
    ]
    assert [changed.number for changed in page.orders] == [number]


def test_an_order_is_cancelled_until_picking_begins(sandbox, connect, orders):
    vendor, client = connect("extend")
    number = vendor.place_order(client, orders["extend"]).number
    vendor.cancel_order(client, number)
    late = vendor.place_order(client, orders["extend"]).number
    sandbox.advance(3 * STEP)

    with pytest.raises(Refused) as caught:
        vendor.cancel_order(client, late)

    assert caught.value.kind is Kind.NOT_ALLOWED


def test_no_password_is_in_what_was_recorded(connect, orders, exchanges):
    for code in ("eet", "extend"):
        vendor, client = connect(code)
        vendor.place_order(client, orders[code])

    assert len(exchanges) == 3
    assert "-password" not in repr(exchanges)


def test_a_vendor_nobody_knows_is_said_so():
    with pytest.raises(KeyError, match="known are eet, extend"):
        vendors.get("nope")

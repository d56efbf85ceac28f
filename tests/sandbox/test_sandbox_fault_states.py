"""Faults that make a vendor tell something odd about the state of an order, once."""

import pytest

from tests.sandbox.test_sandbox_kvik import KvikClient
from vendors.sandbox.errors import BadInput


def read_fault(sandbox, name, endpoint="read_order", **details):
    details = {"times": 1} | details
    return sandbox.add_fault("extend", endpoint=endpoint, fault=name, **details)


def status(extend, number):
    return extend.read(number)["orderHeader"]["orderStatus"]


def test_the_next_read_shows_an_unknown_word(sandbox, extend):
    number = extend.place_number()
    read_fault(sandbox, "unknown_status")

    assert [status(extend, number) for _ in range(2)] == ["Quarantined", "Created"]
    assert sandbox.calls("extend")[1].fault == "unknown_status"


def test_the_next_read_shows_the_state_before(sandbox, extend):
    number = extend.place_number()
    sandbox.advance(20)
    read_fault(sandbox, "backward_status")

    stale, fresh = extend.read(number), extend.read(number)

    assert stale["orderHeader"]["orderStatus"] == "PartiallyDelivered"
    assert len(stale["orderHeader"]["shipments"]) == 1
    assert stale["orderHeader"]["customerInvoices"] == []
    assert fresh["orderHeader"]["orderStatus"] == "Terminated"
    assert len(fresh["orderHeader"]["shipments"]) == 2


def test_a_repeated_order_is_listed_twice_and_reads_as_changed_with_nothing_new(
    sandbox, extend
):
    number = extend.place_number()
    before = extend.read(number)
    read_fault(sandbox, "repeated_status")
    read_fault(sandbox, "repeated_status", endpoint="list_orders")

    read = extend.read(number)
    listed = [
        extend.get(
            "/CustomerOrders", modifiedDateFrom=before["orderHeader"]["changeDate"]
        ).json()
        for _ in range(2)
    ]

    assert read["orderHeader"]["changeDate"] > before["orderHeader"]["changeDate"]
    assert read["orderHeader"]["orderStatus"] == before["orderHeader"]["orderStatus"]
    assert [[row["orderNumber"] for row in rows] for rows in listed] == [
        [number, number],
        [],
    ]


def test_an_order_goes_its_way_whatever_was_told_of_it(sandbox, extend):
    number = extend.place_number()
    read_fault(sandbox, "unknown_status", times=None)

    for _ in range(5):
        sandbox.advance(4)
        assert status(extend, number) == "Quarantined"
    sandbox.clear_faults()

    assert status(extend, number) == "Terminated"


def test_a_life_given_by_hand_is_the_same_after_the_fault(sandbox, extend):
    number = extend.place_number()
    sandbox.set_life("extend", number, "stuck")
    read_fault(sandbox, "backward_status")
    status(extend, number)

    sandbox.advance(3600)

    assert status(extend, number) == "Created"


def test_a_fault_of_states_waits_for_a_call_that_shows_some(sandbox, extend):
    read_fault(sandbox, "unknown_status", endpoint="*")
    number = extend.place_number()
    extend.get("/ProductUnits")

    assert status(extend, number) == "Quarantined"
    assert sandbox.faults() == []


@pytest.mark.parametrize(
    ("fault", "statuses"),
    [("repeated_status", 2), ("unknown_status", 1), ("backward_status", 1)],
)
def test_kvik_tells_odd_states_as_well(sandbox, fault, statuses):
    kvik = KvikClient(sandbox.base_url("kvik"))
    kvik.log_in()
    number = kvik.order().json()["number"]
    sandbox.advance(4)
    sandbox.add_fault("kvik", endpoint="list_orders", fault=fault, times=1)

    odd, usual = (
        [
            order["processingStatus"]
            for order in kvik.listed()
            if order["number"] == number
        ]
        for _ in range(2)
    )

    assert len(odd) == statuses
    assert len(usual) == 1
    assert (set(odd) == set(usual)) is (fault == "repeated_status")


@pytest.mark.parametrize(
    ("vendor", "endpoint", "fault", "field"),
    [
        ("eet", "*", "unknown_status", "fault"),
        ("extend", "place_order", "unknown_status", "fault"),
        ("extend", "read_order", "duplicate", "fault"),
        ("extend", "webhook", "lost_answer", "fault"),
        ("eet", "webhook", "duplicate", "endpoint"),
        ("simutek", "*", "lost", "fault"),
    ],
)
def test_a_fault_that_cannot_befall_the_call_is_refused(
    sandbox, vendor, endpoint, fault, field
):
    with pytest.raises(BadInput) as refusal:
        sandbox.add_fault(vendor, endpoint=endpoint, fault=fault)

    assert refusal.value.field == field
    assert sandbox.faults() == []

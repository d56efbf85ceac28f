"""Orders move on by themselves with the sandbox's clock, or as a test wants them to."""

from datetime import datetime, timedelta

import pytest

from vendors.sandbox import Sandbox
from vendors.sandbox.errors import BadInput


def look(extend, number):
    """Return header status and, for each row, its status and quantity."""
    order = extend.read(number)
    return order["orderHeader"]["orderStatus"], [
        (row["orderRowStatus"], row["salesData"]["quantity"])
        for row in order["orderRows"]
    ]


def test_an_order_of_one_line_is_shipped_in_two_parts(sandbox, extend):
    number = extend.place_number(extend.row(quantity=5))
    seen = [look(extend, number)]
    for _ in range(5):
        sandbox.advance(4)
        seen.append(look(extend, number))

    assert seen == [
        ("Created", [("Created", 5)]),
        ("Incoming", [("Incoming", 5)]),
        ("Incoming", [("ConfirmationSent", 5)]),
        ("Reserved", [("Reserved", 5)]),
        ("PartiallyDelivered", [("Picked", 2), ("Reserved", 3)]),
        ("Terminated", [("Picked", 2), ("Picked", 3)]),
    ]


def test_a_divided_row_keeps_its_id_and_joins_its_shipments(sandbox, extend):
    placed = extend.place().json()
    number = placed["orderHeader"]["orderNumber"]

    sandbox.advance(20)
    order = extend.read(number)

    first, rest = order["orderRows"]
    assert first["orderRowId"] == placed["orderRows"][0]["orderRowId"]
    assert (first["position"], first["subPosition"]) == (10, 0)
    assert (rest["position"], rest["subPosition"]) == (10, 1)
    assert rest["orderRowId"] == extend.read(number)["orderRows"][1]["orderRowId"]
    shipments = order["orderHeader"]["shipments"]
    assert [shipment["shipmentNumber"] for shipment in shipments] == [
        first["shipmentNumber"],
        rest["shipmentNumber"],
    ]
    assert shipments[0]["pickDate"] < shipments[1]["pickDate"]
    assert first["deliveryData"]["quantity"] == 3
    assert first["allocationStatus"] == "Delivered"


def test_of_several_lines_the_first_half_goes_whole(sandbox, extend):
    number = extend.place_number(
        extend.row(quantity=1), extend.row("SKU-4411"), extend.row("SKU-4425")
    )

    sandbox.advance(16)

    assert look(extend, number) == (
        "PartiallyDelivered",
        [("Picked", 1), ("Picked", 6), ("Reserved", 6)],
    )


@pytest.mark.parametrize(
    ("quantity", "header"), [(1, {}), (6, {"partialDelivery": False})]
)
def test_what_cannot_be_divided_ships_at_once(sandbox, extend, quantity, header):
    number = extend.place_number(extend.row(quantity=quantity), **header)

    sandbox.advance(16)

    assert look(extend, number) == ("Terminated", [("Picked", quantity)])
    assert len(extend.read(number)["orderHeader"]["shipments"]) == 1


def test_freight_is_never_picked(sandbox, extend):
    number = extend.place_number(freightFree=False)

    sandbox.advance(60)

    order = extend.read(number)
    assert order["orderRows"][-1]["supplyMode"] == "Freight"
    assert order["orderRows"][-1]["orderRowStatus"] == "ConfirmationSent"


def test_a_change_is_dated_when_it_fell_due_not_when_it_was_seen(sandbox, extend):
    number = extend.place_number()
    created = extend.read(number)["orderHeader"]["orderDate"]

    sandbox.advance(3600)
    ended = extend.read(number)["orderHeader"]["changeDate"]

    passed = datetime.fromisoformat(ended) - datetime.fromisoformat(created)
    assert passed == timedelta(seconds=20)


def test_the_step_is_a_setting_and_never_dates_a_change_back(sandbox, extend):
    sandbox.change_settings(step_seconds=1000)
    number = extend.place_number()
    sandbox.advance(900)
    created = extend.read(number)["orderHeader"]["changeDate"]

    sandbox.change_settings(step_seconds=10)

    header = extend.read(number)["orderHeader"]
    passed = datetime.fromisoformat(header["changeDate"]) - datetime.fromisoformat(
        created
    )
    assert header["orderStatus"] == "Incoming"
    assert passed >= timedelta(seconds=900)


def test_the_step_can_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("SANDBOX_STEP_SECONDS", "0.5")
    with Sandbox() as sandbox:
        assert sandbox.state()["settings"]["step_seconds"] == 0.5
    with Sandbox(step_seconds=2) as sandbox:
        assert sandbox.state()["settings"]["step_seconds"] == 2


def test_a_stuck_order_stays_where_it_is_until_set_free(sandbox, extend):
    number = extend.place_number()
    sandbox.advance(4)
    sandbox.set_life("extend", number, "stuck")

    sandbox.advance(3600)
    assert look(extend, number)[0] == "Incoming"

    sandbox.set_life("extend", number, "normal")
    sandbox.advance(4)
    assert look(extend, number) == ("Incoming", [("ConfirmationSent", 6)])


def test_an_unknown_word_can_be_shown(sandbox, extend):
    number = extend.place_number()

    sandbox.set_life("extend", "PB-2031-0007", "unknown_word")

    assert look(extend, number) == ("Quarantined", [("Created", 6)])
    assert sandbox.orders("extend")[0]["status"] == "Quarantined"


def test_a_stale_answer_goes_backward_and_is_listed_as_changed(sandbox, extend):
    number = extend.place_number()
    sandbox.advance(16)
    before = extend.read(number)["orderHeader"]["changeDate"]

    sandbox.advance(1)
    sandbox.set_life("extend", number, "backward")

    assert look(extend, number) == ("Reserved", [("Reserved", 6)])
    [row] = extend.get("/CustomerOrders", modifiedDateFrom=before).json()
    assert row["orderStatus"] == "Reserved"


def test_an_order_can_end_short(sandbox, extend):
    divisible, single = (
        extend.place_number(),
        extend.place_number(extend.row(quantity=1)),
    )
    for number in (divisible, single):
        sandbox.set_life("extend", number, "short")

    sandbox.advance(60)

    assert look(extend, divisible) == ("Terminated", [("Picked", 3), ("Annulled", 3)])
    assert look(extend, single) == ("Terminated", [("Annulled", 1)])
    assert len(extend.read(divisible)["orderHeader"]["shipments"]) == 1


def test_an_order_with_a_review_note_waits_for_a_person(sandbox, extend):
    number = extend.place_number(reviewReasonNotes="please look")

    sandbox.advance(60)

    assert look(extend, number)[0] == "PendingForReview"


@pytest.mark.parametrize(
    ("vendor", "order", "life", "field"),
    [
        ("extend", "PB-2031-0007", "eternal", "life"),
        ("extend", "SO-1", "stuck", "order"),
        ("eet", "1", "stuck", "vendor"),
        ("nobody", "1", "stuck", "vendor"),
    ],
)
def test_a_life_that_cannot_be_given_is_refused(
    sandbox, extend, vendor, order, life, field
):
    extend.place()

    with pytest.raises(BadInput) as refusal:
        sandbox.set_life(vendor, order, life)

    assert refusal.value.field == field

"""The judge of a chaos run finds what it is there to find."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from tests.chaos.desk import Story
from tests.chaos.ours import Order, Transmission
from tests.chaos.plans import ACCOUNTS, Content, Kind, Line, Plan
from tests.chaos.theirs import Booked
from tests.chaos.theirs import Line as BookedLine
from tests.chaos.verdicts import compare

EXTEND = next(each for each in ACCOUNTS if each.slug == "extend-nord")
CONTENT = Content(
    supplier="extend-nord",
    currency="SEK",
    is_test=False,
    note="A trial",
    address=(
        ("name", "Verkstad Nord"),
        ("street", "Provgatan"),
        ("street_number", "4"),
        ("zip_code", "90320"),
        ("city", "Umeå"),
        ("country_code", "SE"),
    ),
    lines=(Line("SKU-4410", "", Decimal("2.5"), "ST", Decimal("41.125")),),
)
CHANGED = replace(
    CONTENT, lines=(replace(CONTENT.lines[0], quantity=Decimal("1002.5")),)
)
EVENTS = [{"kind": "created"}, {"kind": "sent"}]


@pytest.fixture
def story() -> Story:
    plan = Plan(0, EXTEND, Kind.PLAIN, CONTENT, CHANGED, False, "ref-0", True, 0)
    return Story(
        plan,
        CONTENT,
        numbers={"PO-1"},
        approved=[CONTENT],
        asked_to_send=[CONTENT],
    )


def ours(**changes: Any) -> Order:
    state = changes.pop("transmission", "sent")
    outcomes = changes.pop("outcomes", ["accepted"])
    row = {
        "number": "PO-1",
        "external_reference": "ref-0",
        "slug": "extend-nord",
        "transmission": state,
        "fulfilment": "none",
        "attention": "",
        "supplier_order_number": "SO-1",
        **changes,
    }
    attempts = [
        {"number": at, "outcome": outcome, "text": "Time is up", "conversation": "c-1"}
        for at, outcome in enumerate(outcomes, start=1)
    ]
    carrier = {"state": state, "attempt_count": len(attempts), "settled_by_id": None}
    lines = [{"item_number": "SKU-4410", "quantity": 2.5, "unit_price": 41.125}]
    return Order(row, lines, [Transmission(carrier, attempts)], [], EVENTS)


def booked(**changes: Any) -> Booked:
    address = {
        "name1": "Verkstad Nord",
        "address1": "Provgatan 4",
        "postalCode": "90320",
        "city": "Umeå",
        "countryCode": "SE",
    }
    header = {"deliveryAddress": address, "notations": {"notes": "A trial"}}
    entry = Booked(
        vendor="extend",
        number="SO-1",
        reference="PO-1",
        is_test=False,
        lines=(BookedLine("SKU-4410", Decimal("2.5"), Decimal("41.125")),),
        is_cancelled=False,
        body={"orderHeader": header, "orderRows": [{"warehouse": "WH-NORD"}]},
    )
    return replace(entry, **changes)


def kinds(story: Story, order: Order | None, *entries: Booked) -> set[str]:
    orders = {} if order is None else {order.number: order}
    found = compare({0: story}, orders, entries, {"c1"})
    return {finding.kind for finding in found.found}


def line(**changes: Any) -> tuple[BookedLine, ...]:
    return (replace(booked().lines[0], **changes),)


def test_an_order_that_is_the_same_on_both_sides_is_good(story: Story) -> None:
    assert kinds(story, ours(), booked()) == set()


def test_an_order_that_a_vendor_has_twice_is_found(story: Story) -> None:
    assert kinds(story, ours(), booked(), booked(number="SO-2")) == {"twice"}


def test_an_order_that_the_vendor_lacks_is_lost(story: Story) -> None:
    assert kinds(story, ours()) == {"lost"}


def test_an_order_that_left_our_database_is_lost(story: Story) -> None:
    assert kinds(story, None, booked()) == {"lost"}


@pytest.mark.parametrize("state", ["none", "refused", "failed"])
def test_an_order_the_vendor_has_against_our_word_is_lost(
    story: Story, state: str
) -> None:
    order = ours(transmission=state, attention="Look at it", outcomes=["not_sent"])

    assert "lost" in kinds(story, order, booked())


def test_a_send_that_was_accepted_and_came_to_nothing_is_lost(story: Story) -> None:
    order = ours(transmission="none", outcomes=[])
    order.placing.clear()

    assert kinds(story, order) == {"lost"}
    story.is_taken_back = True
    assert kinds(story, order) == set()


@pytest.mark.parametrize(
    "changes",
    [
        {"lines": line(quantity=Decimal("2.6"))},
        {"lines": line(unit_price=Decimal("41.12"))},
        {"lines": line(item_number="SKU-4411")},
        {"lines": booked().lines * 2},
        {"vendor": "eet"},
        {"number": "SO-9"},
        {"is_cancelled": True},
    ],
)
def test_what_differs_at_the_vendor_is_wrong(
    story: Story, changes: dict[str, Any]
) -> None:
    assert kinds(story, ours(), booked(**changes)) == {"wrong"}


def test_another_account_another_address_and_another_note_are_wrong(
    story: Story,
) -> None:
    for path, value in (
        (("orderRows", 0, "warehouse"), "WH-SYD"),
        (("orderHeader", "deliveryAddress", "city"), "Luleå"),
        (("orderHeader", "notations", "notes"), ""),
    ):
        entry = booked()
        holder: Any = entry.body
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = value

        assert kinds(story, ours(), entry) == {"wrong"}


def test_what_nobody_sent_or_approved_must_not_be_at_the_vendor(story: Story) -> None:
    changed = booked(lines=line(quantity=Decimal("1002.5")))

    # It was asked for as approved, and went out as it was changed afterwards.
    assert "unapproved" in kinds(story, ours(), changed)
    story.asked_to_send.clear()
    assert "unapproved" in kinds(story, ours(), booked())


def test_an_unknown_outcome_needs_attention_event_and_exchange(story: Story) -> None:
    order = ours(transmission="unknown", attention="Ask them", outcomes=["unknown"])
    order.events = [*EVENTS, {"kind": "unknown"}]

    assert kinds(story, order, booked()) == set()
    order.row["attention"] = ""
    assert kinds(story, order, booked()) == {"unsettled"}
    order.row["attention"] = "Ask them"
    order.events = EVENTS
    assert kinds(story, order, booked()) == {"unsettled"}
    order.events = [*EVENTS, {"kind": "unknown"}]
    order.placing[0].attempts[0]["conversation"] = "another"
    assert kinds(story, order, booked()) == {"unsettled"}


@pytest.mark.parametrize("state", ["queued", "sending"])
def test_what_is_under_way_when_all_is_calm_is_stuck(story: Story, state: str) -> None:
    assert "stuck" in kinds(story, ours(transmission=state, outcomes=[]))


@pytest.mark.parametrize(
    "outcomes",
    [
        ["unknown", "accepted"],
        ["accepted", "accepted"],
        ["not_sent"],
        ["accepted", "running"],
    ],
)
def test_attempts_that_contradict_the_outcome_are_wrong(
    story: Story, outcomes: list[str]
) -> None:
    assert "wrong" in kinds(story, ours(outcomes=outcomes), booked())


def test_one_reference_with_two_numbers_is_wrong(story: Story) -> None:
    story.numbers.add("PO-2")

    assert "wrong" in kinds(story, ours(), booked())

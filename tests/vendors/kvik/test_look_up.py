"""Finding an order of a Kvik shop whose answer was lost."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.vendors.kvik.payloads import ORDERS_URL, items, order
from vendors.contracts import LookUp
from vendors.errors import Kind, NotSent
from vendors.kvik import look_up

SENT_AT = datetime(2031, 4, 2, 7, 14, tzinfo=UTC)
"""A minute before the order of the payload was created."""
REFERENCE = "PO-2031-000042"


@pytest.fixture
def sought(make_order):
    return LookUp(
        reference=REFERENCE,
        sent_at=SENT_AT,
        order=make_order(),
        before={"numbers": ["2410001", "2410002"]},
    )


def find(client, sought):
    return [each.number for each in look_up.find_orders(client, sought)]


def listed(shop, *rows):
    shop.get(ORDERS_URL, json=items(*rows))


def unmarked(number="2410093", **members):
    return order(number, **{"note": None, **members})


# --- before -------------------------------------------------------------------


def test_the_numbers_are_noted_before_an_order_goes_out(shop, client, make_order):
    listed(shop, order("2410002"), order("2410001"))

    noted = look_up.note_before_placing(client, make_order())

    assert noted == {"numbers": ["2410001", "2410002"]}


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500},
        {"status": 404},
        {"json": {"items": [{"code": "no number"}]}},
        {"json": {"items": [order("1"), {"code": "no number"}]}},
    ],
)
def test_what_can_not_be_noted_keeps_the_order_back(shop, client, make_order, answer):
    shop.get(ORDERS_URL, **answer)

    with pytest.raises(NotSent):
        look_up.note_before_placing(client, make_order())


# --- by our number ------------------------------------------------------------


@pytest.mark.parametrize(
    "members",
    [
        {"customerOrderNumber": REFERENCE, "note": None},
        {"customerOrderNumber": " po-2031-000042 ", "note": None},
        {"note": REFERENCE},
        {"note": "Ring the bell. Order PO-2031-000042, please!"},
        {"note": "(PO-2031-000042)"},
        {"note": "po-2031-000042\nRing"},
        {"customerOrderNumber": "WEB-77", "note": REFERENCE},
    ],
)
def test_our_number_decides_wherever_it_stands(shop, client, sought, members):
    # The contents differ, and it was there before: neither matters.
    listed(shop, order("2410001", items=[], **members), unmarked())

    [found] = look_up.find_orders(client, sought)

    assert found.number == "2410001"
    assert found.reference == REFERENCE
    assert found.found_by == ""


@pytest.mark.parametrize(
    "note",
    ["PO-2031-0000421", "XPO-2031-000042", "PO-2031-000042-1", "1/PO-2031-000042"],
)
def test_a_part_of_a_number_is_not_the_number(shop, client, sought, note):
    listed(shop, order(note=note, items=[]))

    assert find(client, sought) == []


def test_every_twin_is_found(shop, client, sought):
    listed(shop, order("1"), order("2"), unmarked("3"))

    assert find(client, sought) == ["1", "2"]


# --- by contents --------------------------------------------------------------


def test_without_our_number_the_contents_of_a_new_order_speak(shop, client, sought):
    listed(shop, unmarked("2410001"), unmarked("2410093"))

    [found] = look_up.find_orders(client, sought)

    assert found.number == "2410093"
    assert found.found_by == look_up.FOUND_BY


@pytest.mark.parametrize(
    "members", [{"note": "PO-2031-000041"}, {"customerOrderNumber": "PO-2030-000009"}]
)
def test_a_shop_that_shows_our_numbers_has_ours_with_one_or_not_at_all(
    shop, client, sought, members
):
    earlier = unmarked("2409000", createdAt="2031-03-01T09:00:00Z", **members)
    listed(shop, earlier, unmarked())

    assert find(client, sought) == []


def test_several_alike_are_all_returned(shop, client, sought):
    listed(shop, unmarked("7"), unmarked("8"))

    assert find(client, sought) == ["7", "8"]


@pytest.mark.parametrize("before", [None, {}, {"numbers": None}, {"numbers": "7"}])
def test_contents_never_speak_if_it_is_not_known_what_was_there_before(
    shop, client, sought, before
):
    listed(shop, unmarked())

    assert find(client, replace(sought, before=before)) == []


def test_an_order_that_is_another_one_of_ours_is_none(shop, client, sought):
    listed(shop, unmarked())

    taken = replace(sought, taken_numbers=frozenset({"2410093"}))

    assert find(client, taken) == []


@pytest.mark.parametrize(
    ("created", "is_found"),
    [
        ("2031-04-02T09:15:00+02:00", True),
        ("2031-04-02T07:00:00Z", True),
        ("2031-04-02 07:15:00", True),  # UTC by a shop that does not say so
        (None, True),
        ("someday", True),
        ("2031-04-02T04:58:00Z", False),
        ("2031-03-30T09:15:00+02:00", False),
    ],
)
def test_an_older_order_is_none_with_some_tolerance(
    shop, client, sought, created, is_found
):
    listed(shop, unmarked(createdAt=created))

    assert find(client, sought) == (["2410093"] if is_found else [])


def test_the_tolerance_is_an_option(shop, open_client, sought):
    listed(shop, unmarked(createdAt="2031-04-02T07:00:00Z"))

    assert find(open_client(clock_tolerance=5), sought) == []


@pytest.mark.parametrize(
    "members",
    [
        {"note": "PO-2031-000043"},
        {"note": "for PO-2032-7 thanks"},
        {"customerOrderNumber": "PO-2031-000043"},
        {"customerOrderNumber": "WEB-77"},
    ],
)
def test_an_order_with_another_number_is_somebody_elses(shop, client, sought, members):
    listed(shop, unmarked(**members))

    assert find(client, sought) == []


def test_a_note_of_words_is_no_number(shop, client, sought):
    listed(shop, unmarked(note="Please ring twice"))

    assert find(client, sought) == ["2410093"]


OURS = (
    {"position": 1, "item_number": "A", "brand": "Norvik", "quantity": Decimal(2)},
    {"position": 2, "item_number": "A", "brand": "Sudvik", "quantity": Decimal(2)},
    {"position": 3, "item_number": "B", "quantity": Decimal("1.5")},
)


def line(code, quantity, brand=None):
    found = {"code": code, "quantity": quantity}
    return {**found, "brand": brand} if brand else found


@pytest.mark.parametrize(
    ("rows", "is_found"),
    [
        (
            [line("B", "1.50"), line("a", 2, "SUDVIK"), line("A", 2, "Norvik")],
            True,
        ),
        ([line("B", 1.5, "Any"), line("A", 2), line("A", 2)], True),
        ([line("B", 1.5), line("A", 2, "Norvik"), line("A", 2)], True),
        ([line("B", 1.5), line("A", 2, "Norvik"), line("A", 2, "Norvik")], False),
        ([line("B", 1.5), line("A", 2, "Westvik"), line("A", 2)], False),
        ([line("B", 1.5), line("A", 4)], False),
        ([line("B", 2), line("A", 2), line("A", 2)], False),
        ([line("B", 1.5), line("A", 2), line("A", 2), line("C", 1)], False),
        ([line("B", 1.5), line("A", 2), line("A", 2), line("C", "?")], False),
        ([line("B", 1.5), line("A", 2)], False),
        ([], False),
    ],
)
def test_the_same_items_in_the_same_quantities_are_alike(
    shop, client, sought, make_order, rows, is_found
):
    listed(shop, unmarked(items=rows))

    found = find(client, replace(sought, order=make_order(*OURS)))

    assert found == (["2410093"] if is_found else [])


# --- what proves nothing ------------------------------------------------------


@pytest.mark.parametrize(
    "answers",
    [
        [{"status": 500}],
        [{"status": 404}],
        [{"body": "<h1>Back soon</h1>"}],
        [{"json": [order("1"), {"code": "SKU-4410"}]}],
        [{"json": [order("1", note=None)]}, {"status": 500}],
    ],
)
def test_a_list_that_can_not_be_read_is_no_absence(shop, client, sought, answers):
    for answer in answers:
        shop.get(ORDERS_URL, **answer)

    with pytest.raises(NotSent):
        look_up.find_orders(client, sought)


def test_a_look_up_reads_later_pages_too(shop, client, sought):
    shop.get(ORDERS_URL, json={"items": [unmarked("1")], "next": "?p=2"})
    shop.get(f"{ORDERS_URL}?p=2", json={"items": [order("2")]})

    assert find(client, sought) == ["2"]


def test_a_time_zone_that_does_not_exist_is_told(shop, open_client, sought):
    listed(shop)

    with pytest.raises(NotSent) as caught:
        find(open_client(time_zone="Nowhere"), sought)

    assert caught.value.kind is Kind.CONFIGURATION

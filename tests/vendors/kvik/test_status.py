"""Processing and payment status of a Kvik shop in our words."""

from datetime import UTC, datetime

import pytest

from tests.vendors.kvik.payloads import ORDERS_URL, items, order
from vendors.contracts import Fulfilment
from vendors.kvik import listing

SINCE = datetime(2031, 4, 1, tzinfo=UTC)


def read(shop, client, **members):
    shop.upsert("GET", ORDERS_URL, json=items(order(**members)))
    [entry] = listing.list_changed_orders(client, SINCE, 0).orders
    return entry.order


@pytest.mark.parametrize(
    ("word", "fulfilment", "shipped", "cancelled"),
    [
        ("new", Fulfilment.NONE, 0, 0),
        ("Received", Fulfilment.NONE, 0, 0),
        ("  In   PROGRESS ", Fulfilment.CONFIRMED, 0, 0),
        ("waiting for goods", Fulfilment.CONFIRMED, 0, 0),
        ("Partially shipped", Fulfilment.PARTIALLY_SHIPPED, 0, 0),
        ("ready for pickup", Fulfilment.SHIPPED, 6, 0),
        ("Delivered", Fulfilment.DELIVERED, 6, 0),
        ("Cancelled", Fulfilment.CANCELLED, 0, 6),
        ("Rejected", Fulfilment.CANCELLED, 0, 6),
    ],
)
def test_processing_words_are_ours_by_the_table(
    shop, client, word, fulfilment, shipped, cancelled
):
    found = read(shop, client, processingStatus=word)

    assert found.fulfilment is fulfilment
    assert found.lines[0].quantity_shipped == shipped
    assert found.lines[0].quantity_cancelled == cancelled
    assert found.unknown_words == ()


def test_a_word_nobody_explained_moves_nothing_and_is_told(shop, client):
    found = read(shop, client, processingStatus="Předáno dopravci")

    assert found.fulfilment is None
    assert found.raw_status == "Předáno dopravci"
    assert found.unknown_words == ("processing_status.předáno dopravci",)
    assert found.lines[0].quantity_shipped == 0
    assert not found.lines[0].is_confirmed


def test_a_word_may_be_explained_for_one_supplier(shop, open_client):
    client = open_client(
        mapping={
            "processing_status.PŘEDÁNO dopravci": "shipped",
            "processing_status.new": "confirmed",
        }
    )

    shipped = read(shop, client, processingStatus="předáno  DOPRAVCI")
    assert shipped.fulfilment is Fulfilment.SHIPPED
    assert read(shop, client, processingStatus="New").fulfilment is Fulfilment.CONFIRMED


def test_a_meaning_that_is_none_of_ours_explains_nothing(shop, open_client):
    client = open_client(mapping={"processing_status.new": "somewhere"})

    found = read(shop, client, processingStatus="New")

    assert (found.fulfilment, found.unknown_words) == (
        None,
        ("processing_status.new",),
    )


@pytest.mark.parametrize("word", ["Returned", "complaint"])
def test_goods_that_come_back_keep_the_state_and_ask_for_a_person(shop, client, word):
    found = read(shop, client, processingStatus=word)

    assert found.fulfilment is None
    assert found.unknown_words == ()
    assert found.attention == f"The shop says “{word}”: look at it there."


@pytest.mark.parametrize("word", ["Paid", "Refunded", "Cancelled", "Zaplaceno"])
def test_the_payment_status_is_shown_and_moves_nothing(shop, client, word):
    found = read(shop, client, paymentStatus=word)

    assert found.payment_status == word
    assert found.fulfilment is Fulfilment.CONFIRMED
    assert not found.is_invoiced
    assert found.unknown_words == ()
    assert found.attention == ""


def test_a_part_that_left_is_told_by_the_lines_or_by_a_person(shop, client):
    line = {"code": "A", "quantity": 6, "shippedQuantity": "2"}

    told = read(shop, client, processingStatus="partially shipped", items=[line])
    untold = read(shop, client, processingStatus="partially shipped")

    assert told.lines[0].quantity_shipped == 2
    assert told.attention == ""
    assert untold.attention == (
        "Part of it has left, and the shop does not say which part."
    )


def test_an_order_without_a_processing_status_is_told(shop, client):
    found = read(shop, client, processingStatus=None)

    assert found.fulfilment is None
    assert found.attention == "The shop shows no processing status."


def test_a_status_may_be_an_object(shop, client):
    found = read(shop, client, processingStatus={"id": 4, "name": "Shipped"})

    assert (found.raw_status, found.fulfilment) == ("Shipped", Fulfilment.SHIPPED)


def test_hostile_words_are_kept_short_and_fit_to_be_kept(shop, client):
    found = read(
        shop, client, processingStatus="<b>" * 5000, paymentStatus="\x00\n" * 99
    )

    assert len(found.raw_status) == 100
    assert len(found.payment_status) <= 100

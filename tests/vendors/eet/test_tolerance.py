"""What EET has to be forgiven, as far as the other tests don't say it by name."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from vendors.contracts import ItemKey
from vendors.eet import auth, orders, products
from vendors.errors import Kind, NotSent, Refused

URL = "https://eet.test/product"
CABLE, LAMP = ItemKey("KAB20417"), ItemKey("W900000017")


def fetch(eet, client, *answered, items=(CABLE,)):
    eet.post(URL, json=list(answered))
    return products.fetch_offers(client, items)


def test_new_members_anywhere_change_nothing(eet, client, time_machine):
    time_machine.move_to(datetime(2031, 4, 2, 8, 0, tzinfo=UTC), tick=False)
    plain = {
        "ItemId": "KAB20417",
        "Description": "Cable",
        "Price": {"Price": 12950},
        "Stock": [{"StockTypeName": "Local", "Quantity": 3}],
    }
    grown = {
        **plain,
        "New": {"x": [1]},
        "Price": {"Price": 12950, "VatAmount": 3237, "New": 1},
        "Stock": [{"StockTypeName": "Local", "Quantity": 3, "New": None}],
    }

    assert fetch(eet, client, grown) == fetch(eet, client, plain)


@pytest.mark.parametrize("empty", [None, "", "absent"])
def test_price_stock_and_texts_may_be_null_empty_or_missing(eet, client, empty):
    names = ("Stock", "Mpn", "Description2", "Price")
    product = {"ItemId": "KAB20417", "Description": "Cable"}
    if empty != "absent":
        product |= dict.fromkeys(names, empty)

    [offer] = fetch(eet, client, product)

    assert offer.is_known
    assert (offer.unit_price, offer.quantity_available) == (None, None)
    assert (offer.description, offer.mpn) == ("Cable", "")
    assert offer.warning != ""


@pytest.mark.parametrize("answer", [{"Token": "t"}, {"Token": "t", "Expiration": None}])
def test_an_expiration_may_be_missing_or_null(responses_on, client, answer):
    responses_on.post("https://eet.test/login", json=answer)

    token = auth.obtain_token(client)

    assert token.expires_at - token.obtained_at == timedelta(hours=23)


@pytest.mark.parametrize("spelt", [str.upper, str.lower])
def test_letter_case_of_members_does_not_matter(eet, client, spelt):
    stock = {spelt("StockTypeName"): "Local", spelt("Quantity"): 3}
    product = {
        spelt("ItemId"): "KAB20417",
        spelt("Price"): {spelt("Price"): 12950},
        spelt("Stock"): [stock],
    }

    [offer] = fetch(eet, client, product)

    assert (offer.unit_price, offer.quantity_available) == (Decimal("129.5"), 3)


@pytest.mark.parametrize(
    "answer",
    [
        [{"ItemId": "KAB20417", "Price": {"Price": 100}}],
        {"Items": [{"ItemId": "KAB20417", "Price": {"Price": 100}}]},
        {"ItemId": "KAB20417", "Price": {"Price": 100}},
    ],
)
def test_an_array_may_stand_where_an_object_does_and_the_reverse(eet, client, answer):
    eet.post(URL, json=answer)

    assert products.fetch_offers(client, [CABLE])[0].unit_price == 1


@pytest.mark.parametrize(("price", "quantity"), [(12950, 3), ("12950", "3")])
@pytest.mark.parametrize("number", [900017, "900017"])
def test_numbers_may_be_strings_and_strings_numbers(
    eet, client, price, quantity, number
):
    product = {
        "ItemId": number,
        "Price": {"Price": price},
        "Stock": [{"StockTypeName": "Local", "Quantity": quantity}],
    }

    [offer] = fetch(eet, client, product, items=[ItemKey("900017")])

    assert (offer.unit_price, offer.quantity_available) == (Decimal("129.5"), 3)


def test_new_kinds_are_shown_kinds_add_up_and_absurd_ones_are_not_sold(eet, client):
    kinds = (("Local", 3), ("Local", 2), ("Partner", 9), ("Remote", -7))
    stock = [{"StockTypeName": kind, "Quantity": n} for kind, n in kinds]

    [offer] = fetch(eet, client, {"ItemId": "KAB20417", "Price": 1, "Stock": stock})

    assert offer.stock_by_kind == {"Local": 5, "Partner": 9, "Remote": -7}
    assert offer.quantity_available == 5
    assert offer.warning == "a Remote stock of -7 can't be right"


def test_items_may_come_in_another_order_twice_fewer_or_more(eet, client):
    def product(number, price):
        return {"ItemId": number, "Price": {"Price": price}}

    lamp = product("W900000017", 200)
    answered = (lamp, product("UNASKED", 5), product("KAB20417", 100), lamp)

    offers = fetch(eet, client, *answered, items=[CABLE, LAMP, ItemKey("MISSING")])

    assert [(offer.item_number, offer.unit_price) for offer in offers] == [
        ("KAB20417", 1),
        ("W900000017", 2),
        ("MISSING", None),
    ]
    assert not offers[2].is_known


def test_json_may_claim_to_be_plain_text(eet, client):
    eet.post(
        URL, body='[{"ItemId": "KAB20417", "Price": 100}]', content_type="text/plain"
    )

    assert products.fetch_offers(client, [CABLE])[0].unit_price == 1


@pytest.mark.parametrize(
    "body", ["Service is busy", "<html><body>Hi</body></html>", ""]
)
def test_text_html_or_nothing_is_never_taken_for_an_empty_list(eet, client, body):
    eet.post(URL, body=body)

    with pytest.raises(NotSent) as caught:
        products.fetch_offers(client, [CABLE])

    assert caught.value.kind is Kind.UNREADABLE


def test_a_token_may_be_refused_before_its_24_hours_are_over(eet, client):
    eet.post(URL, status=401)
    eet.post(URL, json=[{"ItemId": "KAB20417", "Price": 100}])

    assert products.fetch_offers(client, [CABLE])[0].unit_price == 1


@pytest.mark.parametrize("minutes", [-5, 0, 5])
def test_clocks_may_differ_by_minutes(responses_on, client, time_machine, minutes):
    now = datetime(2031, 4, 2, 8, 0, tzinfo=UTC)
    time_machine.move_to(now, tick=False)
    theirs = now + timedelta(hours=24, minutes=minutes)
    answer = {"Token": "t", "Expiration": theirs.isoformat()}
    responses_on.post("https://eet.test/login", json=answer)

    token = auth.obtain_token(client)

    # Renewed about an hour before the end, whichever clock is right.
    assert timedelta(hours=22, minutes=50) < token.expires_at - now
    assert token.expires_at - now <= timedelta(hours=23)


@pytest.mark.parametrize("said", [True, False, None])
def test_a_test_answer_is_not_asked_whether_it_was_a_test(eet, client, order, said):
    answer = {"OrderNumber": "4500123", "IsTest": said}
    eet.post("https://eet.test/order", json=answer)

    accepted = orders.place_order(client, order)

    request = eet.calls[1].request
    assert request.url.endswith("?isTest=true")
    assert json.loads(request.body)["IsTest"] is True
    assert (accepted.number, accepted.note) == ("4500123", "")


def test_neither_password_nor_token_is_in_what_is_kept_or_logged(
    eet, client, order, exchanges, caplog
):
    caplog.set_level("DEBUG")
    eet.post(
        "https://eet.test/order", body='{"Echo": "token-1", "X": "pässword/4711+x"}'
    )

    accepted = orders.place_order(client, order)

    assert accepted.number is None
    for kept in (repr(exchanges), caplog.text):
        assert "token-1" not in kept
        assert "4711" not in kept


def test_a_real_order_never_leaves_an_account_that_is_not_live(eet, client, order):
    with pytest.raises(Refused) as caught:
        orders.place_order(client, replace(order, is_test=False))

    assert caught.value.kind is Kind.GUARD
    assert len(eet.calls) == 0
    assert not client.has_written

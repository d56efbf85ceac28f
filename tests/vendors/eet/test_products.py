import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import requests

from vendors.contracts import ItemKey, Offer
from vendors.eet import products
from vendors.errors import Kind, NotSent, Refused

PAYLOADS = Path(__file__).parent / "payloads"
URL = "https://eet.test/product"
NOW = datetime(2031, 4, 2, 8, 0, tzinfo=UTC)
CABLE, LAMP, UNKNOWN = ItemKey("KAB20417"), ItemKey("W900000017"), ItemKey("NOPE-1")


def one_offer(eet, client, product) -> Offer:
    eet.post(URL, body=json.dumps([product]))
    [offer] = products.fetch_offers(client, [CABLE])
    return offer


def test_items_are_asked_for_in_one_call(eet, client):
    eet.post(URL, body=(PAYLOADS / "product.json").read_bytes())

    products.fetch_offers(client, [CABLE, LAMP, CABLE])

    request = eet.calls[1].request
    assert request.body == (
        b'{"Items": [{"ItemId": "KAB20417"}, {"ItemId": "W900000017"}]}'
    )
    assert request.headers["Authorization"] == "Bearer token-1"
    assert len(eet.calls) == 2


def test_offers_are_matched_by_item_number_and_unknown_items_are_said_so(
    eet, client, time_machine
):
    time_machine.move_to(NOW, tick=False)
    eet.post(URL, body=(PAYLOADS / "product.json").read_bytes())

    offers = products.fetch_offers(client, [CABLE, UNKNOWN, LAMP])

    assert offers == (
        Offer(
            item_number="KAB20417",
            description="Cable 2 m",
            mpn="CB-2",
            unit_price=Decimal("129.50"),
            currency="DKK",
            quantity_available=Decimal(47),
            stock_by_kind={
                "Local": Decimal(7),
                "Remote": Decimal(40),
                "Incoming": Decimal(100),
            },
            as_of=NOW,
        ),
        Offer(item_number="NOPE-1", is_known=False, as_of=NOW),
        Offer(
            item_number="W900000017",
            description="Lamp for projector 200 W",
            mpn="ELPLP88",
            unit_price=Decimal("450.75"),
            currency="DKK",
            quantity_available=Decimal(0),
            stock_by_kind={"Local": Decimal(0)},
            as_of=NOW,
        ),
    )


def test_the_price_divisor_is_a_setting(eet, open_client):
    client = open_client(options={"price_divisor": "1"})

    offer = one_offer(eet, client, {"ItemId": "KAB20417", "Price": {"Price": 129.5}})

    assert offer.unit_price == Decimal("129.5")


def test_a_price_divisor_of_nothing_is_a_trouble_of_configuration(open_client):
    with pytest.raises(NotSent) as caught:
        products.fetch_offers(open_client(options={"price_divisor": "0"}), [CABLE])

    assert caught.value.kind is Kind.CONFIGURATION


def numbers_of(call) -> list[str]:
    return [item["ItemId"] for item in json.loads(call.request.body)["Items"]]


def test_many_items_go_in_blocks(eet, open_client):
    client = open_client(options={"batch_size": 2})
    eet.post(URL, json=[])

    products.fetch_offers(client, [ItemKey(f"I{n}") for n in range(5)])

    blocks = [numbers_of(call) for call in list(eet.calls)[1:]]
    assert blocks == [["I0", "I1"], ["I2", "I3"], ["I4"]]


def test_a_block_that_is_too_large_is_halved(eet, client):
    def answer(request):
        items = json.loads(request.body)["Items"]
        if len(items) > 2:
            return 413, {}, ""
        return (
            200,
            {},
            json.dumps([{**item, "Price": {"Price": 100}} for item in items]),
        )

    eet.add_callback("POST", URL, callback=answer)

    offers = products.fetch_offers(client, [ItemKey(f"I{n}") for n in range(5)])

    assert [offer.unit_price for offer in offers] == [Decimal(1)] * 5
    assert [len(numbers_of(call)) for call in list(eet.calls)[1:]] == [5, 2, 3, 1, 2]


def test_one_item_that_is_too_large_is_refused(eet, client):
    eet.post(URL, status=413)

    with pytest.raises(Refused):
        products.fetch_offers(client, [CABLE])


@pytest.mark.parametrize(
    ("answer", "error", "kind"),
    [
        ({"status": 400, "body": "no"}, Refused, Kind.DATA),
        ({"status": 403}, Refused, Kind.CREDENTIALS),
        ({"status": 429}, NotSent, Kind.THROTTLED),
        ({"status": 502, "body": "<html>Bad gateway</html>"}, NotSent, Kind.SERVER),
        ({"body": requests.ReadTimeout()}, NotSent, Kind.TIMEOUT),
        ({"body": requests.ConnectionError()}, NotSent, Kind.CUT),
        ({"body": "<html></html>"}, NotSent, Kind.UNREADABLE),
        ({"body": ""}, NotSent, Kind.UNREADABLE),
        ({"body": '{"Message": "x"}'}, NotSent, Kind.UNREADABLE),
        ({"body": '"text"'}, NotSent, Kind.UNREADABLE),
    ],
)
def test_a_block_that_fails_makes_the_whole_call_fail(
    eet, open_client, answer, error, kind
):
    client = open_client(options={"batch_size": 1})
    eet.post(URL, json=[])
    eet.post(URL, **answer)

    with pytest.raises(error) as caught:
        products.fetch_offers(client, [CABLE, LAMP])

    assert caught.value.kind is kind


def test_a_token_refused_early_is_renewed_once(eet, client):
    eet.post(URL, status=401, headers={"WWW-Authenticate": "Bearer"})
    eet.post(URL, json=[])

    products.fetch_offers(client, [CABLE])

    paths = [call.request.path_url for call in eet.calls]
    assert paths == ["/login", "/product", "/login", "/product"]


def test_a_token_refused_twice_is_final(eet, client):
    eet.post(URL, status=401)

    with pytest.raises(NotSent) as caught:
        products.fetch_offers(client, [CABLE])

    assert caught.value.kind is Kind.CREDENTIALS
    assert len(eet.calls) == 4


# --- what a client must tolerate ----------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        [{"ItemId": "KAB20417", "Price": {"Price": 100}}],
        {"Items": [{"ItemId": "KAB20417", "Price": {"Price": 100}}]},
        {"items": {"itemid": "KAB20417", "PRICE": {"price": "100"}}},
        {"ItemId": "kab20417", "Price": 100},
        [
            None,
            "x",
            {"ItemId": "KAB20417", "Price": {"Price": 100, "New": 1}, "New": []},
        ],
    ],
)
def test_names_and_lists_are_read_with_tolerance(eet, client, answer):
    eet.post(URL, json=answer, content_type="text/plain")

    [offer] = products.fetch_offers(client, [CABLE])

    assert (offer.item_number, offer.unit_price) == ("KAB20417", Decimal(1))


def test_an_item_number_may_come_as_a_number(eet, client):
    eet.post(URL, json=[{"ItemId": 900017, "Price": {"Price": 100}}])

    [offer] = products.fetch_offers(client, [ItemKey("900017")])

    assert offer.is_known


@pytest.mark.parametrize(
    ("price", "unit_price", "warning"),
    [
        (None, None, "no price"),
        ({}, None, "the price can't be read"),
        ({"Price": None}, None, "the price can't be read"),
        ({"Price": "call us"}, None, "the price can't be read"),
        ({"Price": -100}, None, "the price can't be read"),
        ({"Price": 0}, Decimal(0), "the price is nothing"),
    ],
)
def test_a_price_that_is_missing_or_odd_is_said_so(
    eet, client, price, unit_price, warning
):
    product = {"ItemId": "KAB20417", "Description": "Cable", "Price": price}

    offer = one_offer(eet, client, product)

    assert (offer.unit_price, offer.warning) == (unit_price, warning)
    assert offer.is_known


def kinds(*rows: tuple[str, object]) -> list[dict[str, object]]:
    return [{"StockTypeName": kind, "Quantity": quantity} for kind, quantity in rows]


@pytest.mark.parametrize(
    ("stock", "available", "by_kind", "warning"),
    [
        (None, None, {}, ""),
        ([], 0, {}, ""),
        (kinds(("Local", 3), ("local", "4"), ("Local", 1)), 8, {"Local": 8}, ""),
        (kinds(("Local", 3), ("Partner", 9)), 3, {"Local": 3, "Partner": 9}, ""),
        (kinds(("Incoming", 9)), 0, {"Incoming": 9}, ""),
        (
            kinds(("Local", -2), ("Remote", 5)),
            5,
            {"Local": -2, "Remote": 5},
            "a Local stock of -2 can't be right",
        ),
        (
            kinds(("Local", 99999999)),
            0,
            {"Local": 99999999},
            "a Local stock of 99999999 can't be right",
        ),
        (kinds(("Local", "many")), 0, {}, "the Local stock can't be read"),
        (kinds((None, 3)), 0, {"?": 3}, ""),
        (kinds(("Local", 3))[0], 3, {"Local": 3}, ""),
    ],
)
def test_stock_is_kept_by_kind_and_only_sure_stock_is_sold(
    eet, client, stock, available, by_kind, warning
):
    product = {"ItemId": "KAB20417", "Price": {"Price": 100}, "Stock": stock}

    offer = one_offer(eet, client, product)

    assert offer.quantity_available == available
    assert offer.stock_by_kind == by_kind
    assert offer.warning == warning


def test_an_item_that_comes_as_nothing_but_its_number_is_not_known(eet, client):
    offer = one_offer(eet, client, {"ItemId": "KAB20417", "Price": None, "Stock": []})

    assert not offer.is_known
    assert offer.quantity_available is None


def test_an_item_sent_twice_alike_is_one_offer(eet, client):
    product = {"ItemId": "KAB20417", "Price": {"Price": 100}}
    eet.post(URL, json=[product, product, {"ItemId": "UNASKED"}])

    [offer] = products.fetch_offers(client, [CABLE])

    assert offer.warning == ""


def test_an_item_sent_twice_and_differently_is_not_to_be_bought_on(eet, client):
    eet.post(
        URL,
        json=[
            {"ItemId": "KAB20417", "Price": {"Price": 100}},
            {"ItemId": "KAB20417", "Price": {"Price": 200}},
        ],
    )

    [offer] = products.fetch_offers(client, [CABLE])

    assert offer.unit_price == Decimal(1)
    assert offer.warning == "EET sent this item twice, and differently"

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from responses.matchers import query_param_matcher

from vendors.contracts import ItemKey, Offer
from vendors.errors import Kind, NotSent, Refused
from vendors.extend import products

PAYLOADS = Path(__file__).parent / "payloads"
BASE = "https://extend.test/RESTAPI/v1_0/NORDLAGER"
PRICES, STOCK = f"{BASE}/ProductPrices", f"{BASE}/ProductAvailability"
NOW = datetime(2031, 4, 2, 8, 0, tzinfo=UTC)
ITEM = ItemKey("SKU-4410")


def payload(name: str) -> bytes:
    return (PAYLOADS / name).read_bytes()


@pytest.fixture
def extend(responses_on):
    """Extend with the recorded prices and balances."""
    responses_on.get(PRICES, body=payload("prices.json"))
    responses_on.get(STOCK, body=payload("availability.json"))
    return responses_on


def test_an_offer_has_the_net_price_and_what_is_free(extend, client, time_machine):
    time_machine.move_to(NOW, tick=False)

    [offer] = products.fetch_offers(client, [ITEM])

    assert offer == Offer(
        item_number="SKU-4410",
        unit="ST",
        unit_price=Decimal("41.50"),
        currency="SEK",
        price_breaks=(
            (Decimal(1), Decimal("41.50")),
            (Decimal(10), Decimal("38.25")),
        ),
        quantity_available=Decimal(12),
        stock_by_kind={"WH-SYD": Decimal(12)},
        next_receiving_on=date(2031, 4, 20),
        as_of=NOW,
    )
    assert [call.request.url for call in extend.calls] == [
        f"{PRICES}?customerNumber=K-20417&productNumberList=SKU-4410&pageNumber=1",
        f"{STOCK}?productNumber=SKU-4410&warehouse=WH-SYD&pageNumber=1",
    ]


@pytest.mark.parametrize(
    ("options", "available"),
    [
        ({"warehouse": ""}, 17),
        ({"warehouses": "WH-NORR"}, 5),
        ({"warehouses": "WH-NORR, WH-SYD", "priority_group": "B"}, 12),
        ({"priority_group": "C"}, 2),
        ({"warehouses": "WH-ELSEWHERE"}, None),
    ],
)
def test_warehouses_and_priority_group_are_settings(
    extend, open_client, options, available
):
    [offer] = products.fetch_offers(open_client(**options), [ITEM])

    assert offer.quantity_available == available
    assert offer.is_known


def test_the_next_receiving_is_the_first_of_all_warehouses(extend, open_client):
    [offer] = products.fetch_offers(open_client(warehouse=""), [ITEM])

    assert offer.next_receiving_on == date(2031, 4, 12)


def test_prices_are_asked_for_ten_at_a_time(extend, open_client):
    items = [ItemKey(f"SKU-{n}") for n in range(12)]

    products.fetch_offers(open_client(currency="SEK"), items)

    asked = [c.request.params for c in extend.calls if "ProductPrices" in c.request.url]
    assert [params["productNumberList"] for params in asked] == [
        [f"SKU-{n}" for n in range(10)],
        ["SKU-10", "SKU-11"],
    ]
    assert asked[0]["currency"] == "SEK"


def test_all_pages_are_read(responses_on, client):
    responses_on.get(PRICES, body=payload("prices.json"))
    for page, warehouse in (("1", "A"), ("2", "B")):
        responses_on.get(
            STOCK,
            json={
                "productAvailabilityList": [
                    {
                        "productNumber": "SKU-4410",
                        "warehouse": "WH-SYD",
                        "availableBalanceNow": 3,
                    }
                ],
                "paginationInfo": {"totalPages": 2, "message": warehouse},
            },
            match=[query_param_matcher({"pageNumber": page}, strict_match=False)],
        )

    [offer] = products.fetch_offers(client, [ITEM])

    assert offer.quantity_available == 6


def test_an_item_in_no_list_is_not_known(extend, client):
    [offer] = products.fetch_offers(client, [ItemKey("NOPE-1")])

    assert not offer.is_known
    assert (offer.unit_price, offer.quantity_available) == (None, None)


def test_too_many_items_at_once_are_not_asked_for(responses_on, open_client):
    items = [ItemKey("A"), ItemKey("B"), ItemKey("C")]

    with pytest.raises(Refused) as caught:
        products.fetch_offers(open_client(most_items=2), items)

    assert caught.value.kind is Kind.GUARD
    assert len(responses_on.calls) == 0


@pytest.mark.parametrize(
    ("rows", "unit_price", "warning"),
    [
        ([{"price": None}], None, "the price can't be read"),
        ([{"price": -1}], None, "the price can't be read"),
        ([{"price": 5, "fromQuantity": 10}], 5, "the price holds from 10 on"),
        (
            [{"price": 50, "salesUnit": "FRP"}, {"price": 5, "salesUnit": "ST"}],
            5,
            "there are prices for other units too; this is per ST",
        ),
    ],
)
def test_a_price_that_is_odd_is_said_so(
    responses_on, client, rows, unit_price, warning
):
    listed = [{"productNumber": "SKU-4410", **row} for row in rows]
    responses_on.get(PRICES, json={"productPriceItemList": listed})
    responses_on.get(STOCK, json={"productAvailabilityList": []})

    [offer] = products.fetch_offers(client, [ITEM])

    assert (offer.unit_price, offer.warning) == (unit_price, warning)


def test_a_balance_below_nothing_is_shown_and_not_sold(responses_on, open_client):
    def row(warehouse, balance):
        return {
            "productNumber": "SKU-4410",
            "warehouse": warehouse,
            "availableBalanceNow": balance,
        }

    responses_on.get(PRICES, body=payload("prices.json"))
    # A bare list where an object is documented, without any paging.
    responses_on.get(STOCK, json=[row("A", -3), row("B", "4"), row("B", None)])

    [offer] = products.fetch_offers(open_client(warehouse=""), [ITEM])

    assert offer.stock_by_kind == {"A": Decimal(-3), "B": Decimal(4)}
    assert offer.quantity_available == 4
    assert offer.warning == "a balance is below nothing"


@pytest.mark.parametrize(
    ("answer", "error_type", "kind"),
    [
        ({"status": 400, "json": {"Message": "no"}}, Refused, Kind.DATA),
        (
            {"status": 400, "json": {"Message": "Execution Timeout Expired."}},
            NotSent,
            Kind.SERVER,
        ),
        ({"status": 429}, NotSent, Kind.THROTTLED),
        ({"status": 500}, NotSent, Kind.SERVER),
        ({"body": "<html>"}, NotSent, Kind.UNREADABLE),
        ({"body": '{"Message": "hm"}'}, NotSent, Kind.UNREADABLE),
    ],
)
def test_a_part_that_fails_makes_the_whole_call_fail(
    responses_on, client, answer, error_type, kind
):
    responses_on.get(PRICES, body=payload("prices.json"))
    responses_on.get(STOCK, **answer)

    with pytest.raises(error_type) as caught:
        products.fetch_offers(client, [ITEM])

    assert caught.value.kind is kind

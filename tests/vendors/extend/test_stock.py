from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from vendors.contracts import StockChange, StockChangePage
from vendors.errors import Kind, NotSent, Refused
from vendors.extend import stock

PAYLOADS = Path(__file__).parent / "payloads"
URL = "https://extend.test/RESTAPI/v1_0/NORDLAGER/ProductAvailability"
SINCE = datetime(2031, 4, 2, 8, 15, tzinfo=UTC)


@pytest.fixture
def extend(responses_on):
    responses_on.get(URL, body=(PAYLOADS / "availability.json").read_bytes())
    return responses_on


def test_one_wanted_warehouse_is_asked_for_alone(extend, client):
    page = stock.list_changed_stock(client, SINCE, 0)

    assert page == StockChangePage(
        stocks=(
            StockChange(
                item_number="SKU-4410",
                kind="WH-SYD",
                quantity=Decimal(12),
                next_receiving_on=date(2031, 4, 20),
                changed_at=datetime(2031, 4, 2, 6, 0, tzinfo=UTC),
            ),
        ),
        next_page=None,
    )
    assert [call.request.url for call in extend.calls] == [
        f"{URL}?modifiedDateFrom=2031-04-02T06%3A00%3A00Z&warehouse=WH-SYD&pageNumber=1"
    ]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"warehouse": ""}, {"WH-SYD": 12, "WH-NORR": 5}),
        ({"warehouses": "WH-NORR, WH-SYD"}, {"WH-SYD": 12, "WH-NORR": 5}),
        ({"warehouses": "WH-NORR, WH-ELSEWHERE"}, {"WH-NORR": 5}),
        ({"warehouse": "", "priority_group": "B"}, {"WH-SYD": 8, "WH-NORR": 4}),
        ({"warehouse": "", "priority_group": "C"}, {"WH-SYD": 2, "WH-NORR": 0}),
    ],
)
def test_several_wanted_warehouses_cost_one_call(extend, open_client, options, found):
    page = stock.list_changed_stock(open_client(**options), SINCE, 0)

    assert {each.kind: each.quantity for each in page.stocks} == found
    assert len(extend.calls) == 1
    assert "warehouse=" not in extend.calls[0].request.url


def test_pages_count_from_0_here_and_from_1_there(responses_on, client):
    info = {"currentPage": 3, "totalPages": 4}
    row = {
        "productNumber": "A",
        "warehouse": "WH-SYD",
        "availableBalanceNow": -2,
    }
    answer = {"productAvailabilityList": [row], "paginationInfo": info}
    responses_on.get(URL, json=answer)

    page = stock.list_changed_stock(client, SINCE, 2)

    assert "pageNumber=3" in responses_on.calls[0].request.url
    assert page.next_page == 3
    # Shown as it is: below nothing.
    assert page.stocks[0].quantity == -2


@pytest.mark.parametrize(
    "row",
    [
        {"productNumber": "A", "warehouse": "WH-SYD"},
        {"productNumber": "A", "warehouse": "WH-SYD", "availableBalanceNow": "many"},
        {"productNumber": "", "warehouse": "WH-SYD", "availableBalanceNow": 1},
        None,
        "odd",
    ],
)
def test_a_row_that_can_not_be_read_is_not_a_stock_of_nothing(
    responses_on, client, row
):
    good = {"productNumber": "B", "warehouse": "WH-SYD", "availableBalanceNow": "3"}
    responses_on.get(URL, json={"productAvailabilityList": [row, good]})

    [found] = stock.list_changed_stock(client, SINCE, 0).stocks

    assert (found.item_number, found.quantity, found.changed_at) == ("B", 3, None)


def test_a_later_page_that_is_gone_is_the_end(responses_on, client):
    responses_on.get(URL, status=400, json={"Message": "There is no page 2"})

    page = stock.list_changed_stock(client, SINCE, 1)

    assert page == StockChangePage(stocks=(), next_page=None)


@pytest.mark.parametrize(
    ("answer", "error_type", "kind"),
    [
        ({"status": 400, "json": {"Message": "no"}}, Refused, Kind.DATA),
        ({"status": 429}, NotSent, Kind.THROTTLED),
        ({"status": 503}, NotSent, Kind.SERVER),
        ({"body": "<html>"}, NotSent, Kind.UNREADABLE),
        ({"json": {"paginationInfo": {}}}, NotSent, Kind.UNREADABLE),
    ],
)
def test_a_list_that_can_not_be_read_says_why(
    responses_on, client, answer, error_type, kind
):
    responses_on.get(URL, **answer)

    with pytest.raises(error_type) as caught:
        stock.list_changed_stock(client, SINCE, 0)

    assert caught.value.kind is kind

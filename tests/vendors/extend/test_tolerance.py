"""What Extend has to be forgiven, as far as the other tests don't say it by name."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import simplejson

from vendors.contracts import CustomerQuery, ItemKey
from vendors.extend import catalogue, customers, orders, paging, products, stock
from vendors.extend.mapping import MAPPING
from vendors.extend.status import to_order

PAYLOADS = Path(__file__).parent / "payloads"
BASE = "https://extend.test/RESTAPI/v1_0/NORDLAGER"
NAMES = {key: name.value for key, name in MAPPING.items()}
STOCKHOLM = ZoneInfo("Europe/Stockholm")
SINCE = datetime(2031, 4, 2, 8, 15, tzinfo=UTC)
RECORDED = ("order_incoming.json", "order_partly_shipped.json", "order_kit.json")


def recorded(name: str) -> Any:
    return simplejson.loads((PAYLOADS / name).read_text(), use_decimal=True)


def translated(data: Any):
    return to_order(data, NAMES, STOCKHOLM)


def everywhere(change, data: Any) -> Any:
    """Apply a change to every object inside, deepest first."""
    if isinstance(data, list):
        return [everywhere(change, each) for each in data]
    if isinstance(data, dict):
        return change({key: everywhere(change, each) for key, each in data.items()})
    return data


@pytest.mark.parametrize("name", RECORDED)
def test_new_members_anywhere_change_nothing(name):
    def grown(found):
        return {**found, "newMember": {"x": [1]}, "anotherOne": None}

    order = recorded(name)

    assert translated(everywhere(grown, order)) == translated(order)


@pytest.mark.parametrize("name", RECORDED)
@pytest.mark.parametrize("spelt", [str.upper, str.lower, str.capitalize])
def test_letter_case_of_members_does_not_matter(name, spelt):
    def renamed(found):
        return {spelt(key): each for key, each in found.items()}

    order = recorded(name)

    assert translated(everywhere(renamed, order)) == translated(order)


@pytest.mark.parametrize("name", RECORDED)
@pytest.mark.parametrize("empty", [None, "", "absent"])
def test_what_is_optional_may_be_null_empty_or_missing(name, empty):
    optional = {
        "askedDeliveryDate",
        "changeDate",
        "customerInvoices",
        "deliveryAddress",
        "expectedDeliveryDate",
        "forwarder",
        "packages",
        "pickDate",
        "createDate",
    }

    def emptied(found):
        kept = {key: each for key, each in found.items() if key not in optional}
        return kept if empty == "absent" else {**kept, **dict.fromkeys(optional, empty)}

    order = recorded(name)
    found, whole = translated(everywhere(emptied, order)), translated(order)

    assert (found.number, found.fulfilment) == (whole.number, whole.fulfilment)
    assert [line.quantity_shipped for line in found.lines] == [
        line.quantity_shipped for line in whole.lines
    ]
    assert all(line.promised_date is None for line in found.lines)
    assert not found.is_invoiced


def test_rows_we_did_not_send_belong_to_no_line_of_ours():
    def row(position, item, mode, price, **members):
        return {
            "position": position,
            "product": {"productNumber": item},
            "salesData": {"quantity": 1, "unit": "ST", "unitPrice": price},
            "supplyMode": mode,
            "orderRowStatus": "Incoming",
            **members,
        }

    order = translated(
        {
            "orderHeader": {"orderNumber": "SO-1", "orderStatus": "Incoming"},
            "orderRows": [
                row(10, "KIT-1", "BillOfMaterials", 100, externalRow=mark(1)),
                row(11, "PART", "Warehouse", 0, billOfMaterialsParentRowPosition=10),
                row(20, "FREIGHT", "Freight", 95),
                row(30, "CAMPAIGN", "Discount", -5),
            ],
        }
    )

    assert [(line.position, line.item_number) for line in order.lines] == [(1, "KIT-1")]
    assert [charge.amount for charge in order.charges] == [95, -5]


def mark(line: int) -> dict[str, Any]:
    return {"externalRowId": str(line), "externalPosition": line}


def test_several_rows_of_one_product_are_told_apart_by_our_mark():
    def row(position, line, quantity):
        return {
            "position": position,
            "product": {"productNumber": "SKU-4410"},
            "salesData": {"quantity": quantity, "unit": "ST"},
            "orderRowStatus": "Incoming",
            "externalRow": mark(line),
        }

    order = translated(
        {
            "orderHeader": {"orderNumber": "SO-1"},
            "orderRows": [row(20, 2, 4), row(10, 1, 6)],
        }
    )

    assert {line.position: line.quantity for line in order.lines} == {1: 6, 2: 4}


@pytest.mark.parametrize("number", ["00070012", "SO-70012", "SO/7 Å"])
def test_order_and_customer_numbers_stay_the_text_they_are(
    responses_on, client, number
):
    listed = [{"orderNumber": number, "orderNumberExternal": "PO-1"}]
    responses_on.get(f"{BASE}/CustomerOrders", json=listed)
    row = {"customerNumber": number, "name": "X"}
    responses_on.get(f"{BASE}/Customers", json=[row])

    page = orders.list_changed_orders(client, SINCE, 0)
    [customer] = customers.find_customers(client, CustomerQuery(number=number))

    assert [order.number for order in page.orders] == [number]
    assert customer.number == number


@pytest.mark.parametrize("balance", ["12", "12.0", '"12"', "1.2E+1"])
def test_a_type_may_turn_from_a_whole_number_to_any_number(
    responses_on, client, balance
):
    responses_on.get(
        f"{BASE}/ProductAvailability",
        body='{"productAvailabilityList": [{"productNumber": "A", "warehouse": '
        f'"WH-SYD", "availableBalanceNow": {balance}}}]}}',
    )

    [found] = stock.list_changed_stock(client, SINCE, 0).stocks

    assert found.quantity == 12


@pytest.mark.parametrize(
    "written",
    [
        "2031-04-02T10:30:00+02:00",
        "2031-04-02T08:30:00Z",
        "2031-04-02T08:30:00.0000000Z",
        # Without a zone it is Swedish time.
        "2031-04-02T10:30:00",
    ],
)
def test_a_moment_is_read_with_offset_with_z_and_without_zone(
    responses_on, client, written
):
    moment = datetime(2031, 4, 2, 8, 30, tzinfo=UTC)
    order = {"orderNumber": "A", "changeDate": written}
    responses_on.get(f"{BASE}/CustomerOrders", json=[order])
    product = {"productNumber": "A", "modifiedDate": written}
    responses_on.get(f"{BASE}/Products", json=[product])

    [changed] = orders.list_changed_orders(client, SINCE, 0).orders
    [found] = catalogue.list_changed_products(client, SINCE, 0).products

    assert changed.changed_at == found.changed_at == moment


@pytest.mark.parametrize(
    ("what", "resource", "list_name"),
    [
        ("orders", "CustomerOrders", "customerOrderList"),
        ("products", "Products", "productList"),
        ("availability", "ProductAvailability", "productAvailabilityList"),
        ("prices", "ProductPrices", "productPriceItemList"),
        ("customers", "Customers", "customerList"),
    ],
)
@pytest.mark.parametrize("is_bare", [True, False])
def test_a_list_may_stand_bare_or_in_an_object(
    responses_on, client, what, resource, list_name, is_bare
):
    rows = [{"n": 1}, {"n": 2}]
    responses_on.get(f"{BASE}/{resource}", json=rows if is_bare else {list_name: rows})

    assert list(paging.read_all(client, what, {}, purpose="test")) == rows


def test_an_order_may_stand_in_a_list_and_a_row_in_none(responses_on, client):
    order = recorded("order_incoming.json")
    assert translated([order]) == translated(order)

    price = {"productNumber": "A", "price": 5}
    responses_on.get(f"{BASE}/ProductPrices", json={"productPriceItemList": price})
    responses_on.get(f"{BASE}/ProductAvailability", json=[])
    [offer] = products.fetch_offers(client, [ItemKey("A")])
    assert offer.unit_price == 5


def test_a_page_larger_than_asked_for_is_read_whole(responses_on, client):
    rows = [{"orderNumber": f"SO-{n}"} for n in range(150)]
    responses_on.get(f"{BASE}/CustomerOrders", body=json.dumps(rows))

    page = orders.list_changed_orders(client, SINCE, 0)

    assert len(page.orders) == 150
    # It may be a page or all there is; only the next one tells.
    assert page.next_page == 1


def test_a_status_nobody_explained_is_never_a_guess():
    # Words that notes in the field name and the schema does not.
    for word in ("Processing", "Delivered", "Invoiced", "Completed", "Ordered"):
        order = translated({"orderHeader": {"orderNumber": "A", "orderStatus": word}})
        assert order.fulfilment is None
        assert order.unknown_words == (f"order_status.{word}",)

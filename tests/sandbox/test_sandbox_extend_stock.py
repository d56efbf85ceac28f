"""Orders take goods from Extend's shelves, and what they got is invoiced."""

from datetime import datetime
from decimal import Decimal

import pytest
import requests


def shelf(extend, product="SKU-4410", warehouse="WH-SYD"):
    [item] = extend.get(
        "/ProductAvailability", productNumber=product, warehouse=warehouse
    ).json()["productAvailabilityList"]
    return item


def balances(extend, *place):
    item = shelf(extend, *place)
    return item["physicalBalance"], item["availableBalanceNow"]


def test_an_order_reserves_at_once_and_empties_the_shelf_when_it_is_shipped(
    sandbox, extend
):
    seen = [balances(extend)]
    extend.place(extend.row(quantity=6))
    seen.append(balances(extend))
    for _ in range(5):
        sandbox.advance(4)
        seen.append(balances(extend))

    assert seen == [
        (240, 240),
        (240, 234),  # created
        (240, 234),
        (240, 234),
        (240, 234),  # reserved
        (237, 234),  # the first three on their way
        (234, 234),
    ]


def test_a_pack_takes_all_its_pieces(extend):
    extend.place(extend.row(quantity=2, unit="FRP"))

    assert balances(extend) == (240, 216)  # two packs of twelve


def test_a_bill_of_materials_takes_its_parts(extend):
    extend.place(extend.row("KIT-SERVICE", quantity=3))

    assert balances(extend, "SKU-4410") == (240, 237)
    assert balances(extend, "SKU-7040") == (640, 625)
    assert balances(extend, "KIT-SERVICE") == (0, 0)


def test_a_cancelled_order_gives_back_what_it_took(extend):
    number = extend.place_number()
    assert balances(extend) == (240, 234)

    extend.call("DELETE", f"/CustomerOrders/{number}")

    assert balances(extend) == (240, 240)


def test_a_changed_order_takes_what_it_now_wants(extend):
    number = extend.place_number()
    body = {"orderHeader": {}, "orderRows": [extend.row(quantity=10, position=10)]}

    extend.call("PUT", f"/CustomerOrders/{number}", json=body)

    assert balances(extend) == (240, 230)


def test_what_was_not_delivered_is_free_again(sandbox, extend):
    number = extend.place_number()
    sandbox.set_life("extend", number, "short")

    sandbox.advance(60)

    assert balances(extend) == (237, 237)  # three of six were shipped


def test_no_balance_is_below_zero_but_a_promise_tells_what_is_missing(extend):
    extend.place(extend.row("SKU-8003", quantity=10))

    body = {
        "orderHeader": {"customerNumber": "K-20417"},
        "orderRows": [extend.row("SKU-8003", quantity=2)],
    }
    promise = extend.call("POST", "/CustomerOrderATP", json=body).json()

    assert balances(extend, "SKU-8003") == (7, 0)
    assert promise["orderRows"][0]["availableBalance"] == -5  # 7 - 10 - 2
    assert balances(extend, "SKU-8003") == (7, 0)


def test_only_the_row_whose_balance_moved_counts_as_changed(sandbox, extend):
    before = shelf(extend)["changeDate"]
    sandbox.advance(60)

    placed = extend.place().json()["orderHeader"]["orderDate"]
    changed = extend.get("/ProductAvailability", modifiedDateFrom=before).json()

    [item] = changed["productAvailabilityList"]
    assert (item["productNumber"], item["warehouse"]) == ("SKU-4410", "WH-SYD")
    assert item["changeDate"] == placed
    since = {"modifiedDateFrom": item["changeDate"]}
    later = extend.get("/ProductAvailability", **since).json()
    assert later["productAvailabilityList"] == []


def test_a_balance_changed_when_the_goods_left_not_when_somebody_looked(
    sandbox, extend
):
    placed = extend.place(extend.row(quantity=1)).json()["orderHeader"]["orderDate"]

    sandbox.advance(3600)

    passed = datetime.fromisoformat(
        shelf(extend)["changeDate"]
    ) - datetime.fromisoformat(placed)
    assert passed.total_seconds() == 16


def test_products_changed_since_are_listed_by_the_change_of_their_data(extend):
    extend.place()  # moves a balance, not the data

    rows = extend.get("/Products", modifiedDateFrom="2025-02-01T00:00:00Z").json()
    earlier = extend.get("/Products", modifiedDateTo="2025-02-01T00:00:00Z").json()

    assert {row["productNumber"] for row in rows} == {"SKU-8003"}
    assert "SKU-8003" not in {row["productNumber"] for row in earlier}
    dates = extend.get("/Products/SKU-8003").json()["productData"]["productDates"]
    assert dates["changedDate"] == "2025-06-16T13:05:00.000+02:00"


def delivered(sandbox, extend, *rows, **header):
    number = extend.place_number(*rows, **header)
    sandbox.advance(20)
    return number


def test_a_delivered_order_names_its_invoice_and_links_to_a_pdf(sandbox, extend):
    number = extend.place_number()
    sandbox.advance(16)
    assert extend.read(number)["orderHeader"]["customerInvoices"] == []

    sandbox.advance(4)

    [invoice] = extend.read(number)["orderHeader"]["customerInvoices"]
    pdf = requests.get(invoice["invoiceLink"], timeout=5)
    assert pdf.headers["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-")
    assert invoice["invoiceNumber"].encode() in pdf.content
    assert (
        requests.get(invoice["invoiceLink"][:-4] + "0.pdf", timeout=5).status_code
        == 404
    )


def test_an_invoice_bills_what_was_delivered_and_the_freight(sandbox, extend):
    number = delivered(
        sandbox, extend, extend.row(quantity=5), extend.row("KIT-SERVICE", quantity=1),
        freightFree=False,
    )  # fmt: skip
    [named] = extend.read(number)["orderHeader"]["customerInvoices"]

    invoice = extend.get(f"/CustomerInvoices/{named['invoiceNumber']}").json()

    assert [
        (row["product"]["productNumber"], row["invoiceData"]["quantity"])
        for row in invoice["invoiceRows"]
    ] == [("SKU-4410", 5), ("KIT-SERVICE", 1), ("FRAKT", 1)]
    header = invoice["invoiceHeader"]
    # 5 x 41.50 + 395.00 + 95.00
    assert Decimal(str(header["totalPrice"])) == Decimal("697.50")
    assert header["orders"] == [
        {"orderNumber": number, "orderNumberExternal": "PB-2031-0007"}
    ]
    assert header["invoiceType"] == "OrderDebit"
    assert {row["orderNumber"] for row in invoice["invoiceRows"]} == {number}
    assert extend.get("/CustomerInvoices/F-1").status_code == 404


def test_a_short_delivery_is_billed_short_and_none_not_at_all(sandbox, extend):
    short, nothing = extend.place_number(), extend.place_number(extend.row(quantity=1))
    for number in (short, nothing):
        sandbox.set_life("extend", number, "short")
    sandbox.advance(60)

    listed = extend.get("/CustomerInvoices").json()["customerInvoiceList"]

    assert [row["orderNumber"] for row in listed] == [short]
    assert listed[0]["totalPrice"] == 124.5  # 3 x 41.50


def test_an_invoice_is_sent_a_step_after_it_was_made(sandbox, extend):
    delivered(sandbox, extend)
    [made] = extend.get("/CustomerInvoices").json()["customerInvoiceList"]

    sandbox.advance(4)
    changed_since = {"changeDateFrom": made["changeDate"]}
    [sent] = extend.get("/CustomerInvoices", **changed_since).json()[
        "customerInvoiceList"
    ]

    assert (made["invoiceStatus"], sent["invoiceStatus"]) == ("Created", "InvoiceSent")
    passed = datetime.fromisoformat(sent["changeDate"]) - datetime.fromisoformat(
        made["changeDate"]
    )
    assert passed.total_seconds() == 4


@pytest.mark.parametrize(
    ("parameters", "count"),
    [
        ({}, 1),
        ({"orderNumberExternal": "PB-2031-0007"}, 1),
        ({"orderNumberExternal": "PB-1"}, 0),
        ({"customerNumber": "K-20417"}, 1),
        ({"customerNumber": "K-20500"}, 0),
        ({"invoiceStatus": "Created"}, 1),
        ({"invoiceStatus": "Paid"}, 0),
        ({"invoiceType": "OrderDebit"}, 1),
        ({"isAggregated": "false"}, 1),
        ({"isAggregated": "true"}, 0),
        ({"changeDateTo": "2025-01-01T00:00:00Z"}, 0),
        ({"invoiceDate": "2025-01-01T00:00:00Z"}, 0),
    ],
)
def test_the_filters_of_the_invoices_narrow_them(sandbox, extend, parameters, count):
    delivered(sandbox, extend)

    answer = extend.get("/CustomerInvoices", **parameters).json()

    assert len(answer["customerInvoiceList"]) == count
    assert answer["paginationInfo"]["totalResources"] == count


@pytest.mark.parametrize(
    "bad",
    [{"invoiceStatus": "Lost"}, {"invoiceType": "Gift"}, {"isAggregated": "maybe"}],
)
def test_an_unknown_word_is_no_filter_of_invoices(extend, bad):
    assert extend.get("/CustomerInvoices", **bad).status_code == 400


def test_an_order_is_found_by_its_invoice(sandbox, extend):
    number = delivered(sandbox, extend)
    extend.place()
    [named] = extend.read(number)["orderHeader"]["customerInvoices"]
    since = {"orderDateFrom": "2025-01-01T00:00:00Z"}

    found = extend.get(
        "/CustomerOrders", invoiceNumber=named["invoiceNumber"], **since
    ).json()

    assert [row["orderNumber"] for row in found] == [number]
    assert extend.get("/CustomerOrders", invoiceNumber="F-1", **since).json() == []


def test_a_product_somebody_works_on_has_changed_just_now(sandbox, extend):
    since = sandbox.state()["now"]
    listed = extend.get("/Products", modifiedDateFrom=since).json()
    assert listed == []

    sandbox.change_settings(extend_product_in_work="SKU-8003")
    sandbox.advance(1)

    listed = extend.get("/Products", modifiedDateFrom=since).json()
    assert {row["productNumber"] for row in listed} == {"SKU-8003"}

"""Customer orders at Extend in the sandbox: taken, listed, changed, cancelled."""

from decimal import Decimal

import pytest


def statuses(order):
    return [row["orderRowStatus"] for row in order["orderRows"]]


def test_the_answer_is_the_complete_order(extend):
    answer = extend.place(extend.row(position=10))

    assert answer.status_code == 200
    header, rows = answer.json()["orderHeader"], answer.json()["orderRows"]
    assert header["orderNumber"].startswith("SO-")
    assert header["orderNumberExternal"] == "PB-2031-0007"
    assert header["orderStatus"] == "Created"
    assert header["shipments"] == []
    assert {"delieryPhoneNumber", "invoiceAdressGLN"} <= header.keys()
    assert header["changeDate"][-6:] in ("+01:00", "+02:00")
    assert [row["position"] for row in rows] == [10]
    assert rows[0]["orderRowStatus"] == "Created"


def test_our_prices_are_taken_exactly_and_theirs_apply_where_none_is_sent(extend):
    answer = extend.place(
        extend.row(quantity=3, unitPrice=0.1), extend.row("SKU-5102", quantity=50)
    )

    assert '"unitPrice":0.1,' in answer.text
    prices = [row["salesData"]["unitPrice"] for row in answer.json()["orderRows"]]
    assert prices == [0.1, 12.75]
    assert '"totalPrice":637.80,' in answer.text  # 3 x 0.1 + 50 x 12.75


def test_a_pack_costs_what_its_pieces_cost(extend):
    [row] = extend.place(extend.row(quantity=1, unit="FRP")).json()["orderRows"]

    assert row["salesData"]["unitPrice"] == 498  # 12 x 41.50


def test_freight_is_added_unless_the_order_is_freight_free(sandbox, extend):
    rows = extend.place(freightFree=False).json()["orderRows"]
    assert [row["supplyMode"] for row in rows] == ["Warehouse", "Freight"]

    sandbox.change_settings(freight_row=False)
    assert len(extend.place(freightFree=False).json()["orderRows"]) == 1


def test_a_bill_of_materials_comes_back_expanded(extend):
    rows = extend.place(extend.row("KIT-SERVICE", quantity=2)).json()["orderRows"]

    assert [
        (
            row["product"]["productNumber"],
            row["salesData"]["quantity"],
            row["billOfMaterialsParentRowPosition"],
        )
        for row in rows
    ] == [("KIT-SERVICE", 2, None), ("SKU-4410", 2, 10), ("SKU-7040", 10, 10)]


def test_the_books_hold_what_was_sent(sandbox, extend):
    extend.place(extend.row(quantity=6, unitPrice=41.5))

    [order] = sandbox.orders("extend")
    assert order["reference"] == "PB-2031-0007"
    assert order["total"] == Decimal("249.0")
    assert order["currency"] == "SEK"
    assert order["is_test"] is False
    assert order["lines"][0]["quantity"] == 6
    assert '"unitPrice": 41.5' in order["body"]


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ({"product": "SKU-0"}, "Product 'SKU-0' does not exist."),
        ({"quantity": 0}, "quantity must be greater than 0"),
        ({"quantity": "6"}, "quantity must be a number"),
        ({"quantity": None}, "quantity is mandatory"),
        ({"unit": ""}, "unit is mandatory"),
        ({"unit": "Stk"}, "has no unit 'Stk'"),
        ({"warehouse": "WH-OST"}, "Warehouse 'WH-OST' does not exist."),
        ({"supplyMode": "Teleport"}, "unknown value 'Teleport'"),
    ],
)
def test_a_row_that_will_not_do_is_refused(sandbox, extend, row, complaint):
    answer = extend.place(extend.row(**row))

    assert answer.status_code == 400
    assert complaint in answer.json()["Message"]
    assert sandbox.orders("extend") == []


ADDRESS = {
    "name1": "Verkstad Nord",
    "address1": "Provgatan 4",
    "city": "Umea",
    "countryCode": "SE",
}


@pytest.mark.parametrize(
    "header",
    [
        {"customerNumber": None},
        {"customerNumber": "K-1"},
        {"orderType": "Wish"},
        {"askedDeliveryDate": "next week"},
        {"askedDeliveryDate": "0001-01-01T00:00:00"},
        {"freightFree": "no"},
        {"salesChannel": "x" * 101},
        {"deliveryAddress": ADDRESS | {"city": ""}},
        {"deliveryAddress": ADDRESS | {"countryCode": "SWE"}},
        {"invoiceAddress": ADDRESS},
        {"orderMetaData": [{"metaDataLabel": "x"}]},
    ],
)
def test_a_header_that_will_not_do_is_refused(sandbox, extend, header):
    assert extend.place(**header).status_code == 400
    assert sandbox.orders("extend") == []


def test_addresses_that_will_do_come_back(extend):
    header = extend.place(deliveryAddress=ADDRESS).json()["orderHeader"]

    assert header["deliveryAddress"] == ADDRESS


def test_a_known_reference_makes_a_twin_unless_refused(sandbox, extend):
    first, second = extend.place_number(), extend.place_number()
    assert first != second

    sandbox.change_settings(refuse_known_reference=True)
    assert extend.place().status_code == 400
    assert len(sandbox.orders("extend")) == 2


def test_an_order_is_found_by_our_reference(sandbox, extend):
    number = extend.place_number(orderNumberExternal="PB-1")
    extend.place(orderNumberExternal="PB-10")

    found = extend.get("/CustomerOrders", orderNumberExternal="PB-1").json()

    assert [row["orderNumber"] for row in found] == [number]
    sandbox.change_settings(partial_lookup=True)
    assert len(extend.get("/CustomerOrders", orderNumberExternal="pb-1").json()) == 2


def test_a_list_without_date_or_number_times_out(extend):
    answer = extend.get("/CustomerOrders", customerNumber="K-20417")

    assert answer.status_code == 400
    assert answer.json()["Message"].startswith("Execution Timeout Expired")


def test_a_listed_order_has_the_documented_members(extend):
    number = extend.place_number(askedDeliveryDate="2031-04-09T00:00:00+02:00")

    [row] = extend.get("/CustomerOrders", orderNumber=number).json()

    assert row.keys() == {
        "orderNumber",
        "orderNumberExternal",
        "orderType",
        "orderStatus",
        "orderDate",
        "askedDeliveryDate",
        "customerNumber",
        "customerName",
        "totalPrice",
        "changeDate",
    }
    assert row["askedDeliveryDate"] == "2031-04-09T00:00:00.000+02:00"
    assert row["customerName"] == "Verkstad Nord AB"


def test_only_orders_changed_after_the_moment_are_listed(sandbox, extend):
    first = extend.place_number()
    sandbox.set_life("extend", first, "stuck")
    sandbox.advance(3600)
    second = extend.place_number()
    cursor = extend.read(first)["orderHeader"]["changeDate"]

    rows = extend.get("/CustomerOrders", modifiedDateFrom=cursor).json()

    assert [row["orderNumber"] for row in rows] == [second]


@pytest.mark.parametrize(
    ("parameters", "count"),
    [
        ({"orderStatus": "Created"}, 1),
        ({"orderStatus": "Terminated"}, 0),
        ({"productNumber": "SKU-4410"}, 1),
        ({"warehouse": "WH-NORD"}, 0),
        ({"customerName": "nord"}, 1),
        ({"deliveryCountryCode": "SE"}, 0),
        ({"shippingNumber": "X"}, 0),
    ],
)
def test_the_filters_of_the_list_narrow_it(extend, parameters, count):
    extend.place()

    rows = extend.get(
        "/CustomerOrders", orderDateFrom="2025-01-01T00:00:00Z", **parameters
    ).json()

    assert len(rows) == count


def test_an_unknown_status_is_no_filter(extend):
    answer = extend.get("/CustomerOrders", orderNumber="SO-1", orderStatus="Delivered")

    assert answer.status_code == 400


def test_an_unknown_order_is_404(extend):
    assert extend.get("/CustomerOrders/SO-1").status_code == 404
    assert extend.call("DELETE", "/CustomerOrders/SO-1").status_code == 404


def test_a_promise_is_calculated_and_not_stored(sandbox, extend):
    body = {
        "orderHeader": {"customerNumber": "K-20417"},
        "orderRows": [extend.row("SKU-8003", quantity=10)],
    }

    promise = extend.call("POST", "/CustomerOrderATP", json=body).json()

    assert promise["orderHeader"]["orderNumber"] is None
    assert promise["orderRows"][0]["availableBalance"] == -3  # 7 on the shelf
    assert promise["orderRows"][0]["minSupplierLeadTimeHours"] == 24
    assert sandbox.orders("extend") == []


def test_an_order_can_be_cancelled_until_it_is_reserved(sandbox, extend):
    early, late = extend.place_number(), extend.place_number()

    answer = extend.call("DELETE", f"/CustomerOrders/{early}")

    assert answer.status_code == 200
    assert answer.json().keys() == {"Message", "Information"}
    assert extend.read(early)["orderHeader"]["orderStatus"] == "Annulled"
    assert statuses(extend.read(early)) == ["Annulled"]
    sandbox.advance(12)
    assert extend.read(late)["orderHeader"]["orderStatus"] == "Reserved"
    refusal = extend.call("DELETE", f"/CustomerOrders/{late}")
    assert refusal.status_code == 400
    assert "no adjustment is allowed" in refusal.json()["Message"]


def test_a_row_is_cancelled_by_its_position_and_warehouse(extend):
    number = extend.place_number(extend.row(), extend.row("SKU-4411"))
    row = {"position": 20, "rowOperation": "Inactive", "warehouse": "WH-SYD"}

    answer = extend.call(
        "PUT",
        f"/CustomerOrders/{number}",
        json={"orderHeader": {}, "orderRows": [row]},
    )

    assert answer.status_code == 200
    assert statuses(extend.read(number)) == ["Created", "Annulled"]


def test_without_its_warehouse_a_cancelled_row_is_added_instead(extend):
    number = extend.place_number()
    row = {"position": 10, "rowOperation": "Inactive"}

    extend.call(
        "PUT",
        f"/CustomerOrders/{number}",
        json={"orderHeader": {}, "orderRows": [row]},
    )

    assert statuses(extend.read(number)) == ["Created", "Annulled"]


def test_cancelling_the_last_row_annuls_the_order(extend):
    number = extend.place_number()
    row = {"position": 10, "rowOperation": "Inactive", "warehouse": "WH-SYD"}

    extend.call(
        "PUT",
        f"/CustomerOrders/{number}",
        json={"orderHeader": {}, "orderRows": [row]},
    )

    assert extend.read(number)["orderHeader"]["orderStatus"] == "Annulled"


def test_a_row_changes_in_place_and_keeps_its_id(extend):
    placed = extend.place().json()
    number = placed["orderHeader"]["orderNumber"]
    body = {
        "orderHeader": {"yourReference": "A. Lind"},
        "orderRows": [extend.row(quantity=8, position=10)],
    }

    assert extend.call("PUT", f"/CustomerOrders/{number}", json=body).ok

    changed = extend.read(number)
    assert changed["orderHeader"]["yourReference"] == "A. Lind"
    assert changed["orderRows"][0]["salesData"]["quantity"] == 8
    assert changed["orderRows"][0]["orderRowId"] == placed["orderRows"][0]["orderRowId"]


def test_rows_not_in_the_order_yet_are_added_each_at_its_own_position(extend):
    number = extend.place_number()
    rows = [extend.row("SKU-4411"), extend.row("SKU-4425")]

    extend.call(
        "PUT",
        f"/CustomerOrders/{number}",
        json={"orderHeader": {}, "orderRows": rows},
    )

    positions = [row["position"] for row in extend.read(number)["orderRows"]]
    assert positions == [10, 20, 30]


def test_a_changed_bill_of_materials_is_expanded_anew(extend):
    number = extend.place_number(extend.row("KIT-SERVICE", quantity=1))
    rows = [extend.row("KIT-SERVICE", quantity=3, position=10)]

    extend.call(
        "PUT",
        f"/CustomerOrders/{number}",
        json={"orderHeader": {}, "orderRows": rows},
    )

    order = extend.read(number)
    assert [row["salesData"]["quantity"] for row in order["orderRows"]] == [3, 3, 15]


def test_nothing_changes_after_the_reservation(sandbox, extend):
    number = extend.place_number()
    sandbox.advance(12)

    answer = extend.call(
        "PUT",
        f"/CustomerOrders/{number}",
        json={"orderHeader": {}, "orderRows": [extend.row(quantity=8, position=10)]},
    )

    assert answer.status_code == 400
    assert extend.read(number)["orderRows"][0]["salesData"]["quantity"] == 6

"""EET in the sandbox behaves as its introduction says and as callers have seen it."""

from decimal import Decimal

import pytest


def test_login_gives_a_token_that_ends_after_24_hours(sandbox, eet):
    answer = eet.login()

    assert answer.status_code == 200
    assert answer.json().keys() == {"Token", "Expiration"}
    assert answer.json()["Token"].count(".") == 2
    assert answer.json()["Expiration"].endswith("Z")
    sandbox.advance(24 * 3600 - 5)
    assert eet.post("/product", {"Items": []}).status_code == 200
    sandbox.advance(10)
    assert eet.post("/product", {"Items": []}).status_code == 401


def test_login_with_a_wrong_password_is_refused(eet):
    assert eet.login(Password="wrong").status_code == 401


def test_login_without_a_user_names_the_missing_field(eet):
    answer = eet.login(UserName="")

    assert answer.status_code == 400
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.json()["errors"] == {"UserName": ["The UserName field is required."]}


@pytest.mark.parametrize("header", ["", "Bearer made-up", "Basic YTpi"])
def test_a_call_without_a_known_token_gets_an_empty_401(eet, header):
    eet.session.headers["Authorization"] = header

    answer = eet.order()

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.content == b""


def test_products_come_with_prices_in_hundredths_and_stock_by_kind(eet):
    answer = eet.post("/product", {"Items": [{"ItemId": "KAB20417"}]})

    [article] = answer.json()
    assert article["ItemId"] == "KAB20417"
    assert article["Price"] == {"Price": 12950, "VatAmount": 3238}
    assert article["Mpn"] == "LC-C6-2M-GY"
    assert article["Stock"] == [
        {"StockTypeName": "Local", "Quantity": 48},
        {"StockTypeName": "Remote", "Quantity": 310},
        {"StockTypeName": "Incoming", "Quantity": 500},
    ]


def test_unknown_items_are_left_out(eet):
    items = [{"ItemId": "NO-SUCH"}, {"ItemId": "W900000017"}]

    answer = eet.post("/product", {"Items": items})

    assert [article["ItemId"] for article in answer.json()] == ["W900000017"]


def test_an_article_can_be_out_of_stock_or_without_a_price(eet):
    items = [{"ItemId": "WEBCAM-4K"}, {"ItemId": "RACK-42U"}]

    webcam, rack = eet.post("/product", {"Items": items}).json()

    assert [kind["Quantity"] for kind in webcam["Stock"]] == [0, 0, 40]
    assert rack["Price"] is None


def test_more_than_1000_items_are_too_many(eet):
    items = [{"ItemId": f"X{index}"} for index in range(1001)]

    assert eet.post("/product", {"Items": items[:1000]}).status_code == 200
    assert eet.post("/product", {"Items": items}).status_code == 413


def test_an_item_number_must_be_a_string(eet):
    answer = eet.post("/product", {"Items": [{"ItemId": 1204577}]})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["Items[0].ItemId"]


def test_the_articles_of_a_brand_are_asked_for_with_an_empty_body(eet):
    answer = eet.post("/brand?brandId=42")

    found = [article["ItemId"] for article in answer.json()]
    assert found == ["W900000017", "1204577", "MSPP73112"]
    assert eet.post("/brand?brandId=42", {}).status_code == 400
    assert eet.post("/brand").status_code == 400


@pytest.mark.parametrize(
    ("path", "member", "is_test"),
    [
        ("/order?isTest=true", {}, True),
        ("/order", {"IsTest": True}, True),
        ("/order?isTest=false", {}, False),
        ("/order", {}, False),
        ("/order?istest=true", {"isTest": True}, False),
    ],
)
def test_an_order_is_real_unless_it_says_so_in_the_right_place(
    sandbox, eet, path, member, is_test
):
    answer = eet.order(path, **member)

    [order] = sandbox.orders("eet")
    assert order["is_test"] is is_test
    assert order["number"] == answer.json()["OrderNumber"]


def test_the_books_hold_the_order_as_it_was_sent(sandbox, eet):
    eet.order(
        CustomerOrderNo="PO-7",
        Items=[
            {"ItemId": "KAB20417", "Quantity": 3},
            {"ItemId": "KVM-2P", "Quantity": 3},
        ],
    )

    [order] = sandbox.orders("eet")
    assert order["reference"] == "PO-7"
    assert [line["item_number"] for line in order["lines"]] == ["KAB20417", "KVM-2P"]
    assert order["total"] == Decimal("389.40")  # 3 x 129.50 + 3 x 0.30
    assert order["body"].startswith('{"CustomerOrderNo": "PO-7"')


def test_the_same_reference_twice_is_two_orders(sandbox, eet):
    first, second = eet.order().json(), eet.order().json()

    assert first["OrderNumber"] != second["OrderNumber"]
    assert [order["reference"] for order in sandbox.orders("eet")] == [
        "PO-2031-00042",
        "PO-2031-00042",
    ]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"CustomerOrderNo": ""}, "CustomerOrderNo"),
        ({"CustomerOrderNo": 7}, "CustomerOrderNo"),
        ({"CustomerOrderNo": "PO-2031-000042-EXTRA-LONG"}, "CustomerOrderNo"),
        ({"Items": []}, "Items"),
        ({"Items": [{"ItemId": "NO-SUCH", "Quantity": 1}]}, "Items[0].ItemId"),
        ({"Items": [{"ItemId": "RACK-42U", "Quantity": 1}]}, "Items[0].ItemId"),
        ({"Items": [{"ItemId": "KAB20417", "Quantity": 0}]}, "Items[0].Quantity"),
        ({"Items": [{"ItemId": "KAB20417", "Quantity": 1.5}]}, "Items[0].Quantity"),
        ({"Items": [{"ItemId": "KAB20417", "Quantity": "1"}]}, "Items[0].Quantity"),
        ({"Items": [{"ItemId": "KAB20417", "Quantity": True}]}, "Items[0].Quantity"),
        ({"IsTest": "yes"}, "IsTest"),
        ({"DeliveryAddress": {"Name": "Lager"}}, "DeliveryAddress.Street"),
    ],
)
def test_an_order_that_will_not_do_is_refused_with_the_field(
    sandbox, eet, change, field
):
    answer = eet.order("/order", **change)

    assert answer.status_code == 400
    assert field in answer.json()["errors"]
    assert sandbox.orders("eet") == []


def test_a_flag_that_is_no_boolean_is_refused(sandbox, eet):
    assert eet.order("/order?isTest=1").status_code == 400
    assert sandbox.orders("eet") == []


def test_a_body_of_another_type_is_refused(eet):
    answer = eet.post("/order", data="x", headers={"Content-Type": "text/plain"})

    assert answer.status_code == 415


def test_there_is_no_way_to_look_an_order_up(eet):
    number = eet.order().json()["OrderNumber"]

    assert eet.session.get(f"{eet.base_url}/order/{number}").status_code == 404
    assert eet.session.get(f"{eet.base_url}/order").status_code == 405

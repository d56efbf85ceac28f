"""Extend in the sandbox: credentials, lists, articles, prices, customers, limits."""

import pytest
import requests


def test_credentials_belong_in_the_vendors_own_header(extend):
    address = f"{extend.base_url}/ProductUnits"

    standard_only = requests.get(
        address, auth=("sandbox-extend", "sandbox-extend-password"), timeout=5
    )

    assert standard_only.status_code == 401
    assert extend.get("/ProductUnits").status_code == 200


@pytest.mark.parametrize("header", ["Basic eDp5", "Basic ?", "Bearer x", ""])
def test_other_credentials_are_refused(extend, header):
    extend.session.headers["ExtendBasicAuthorization"] = header

    answer = extend.place()

    assert answer.status_code == 401
    assert "Message" in answer.json()


def test_an_unknown_client_is_refused(extend):
    extend.base_url = extend.base_url.replace("NORD", "SUD")

    answer = extend.get("/ProductUnits")

    assert answer.status_code == 400
    assert answer.json() == {"Message": "Client 'SUD' does not exist."}


def test_an_unknown_path_and_a_wrong_method_get_a_message(extend):
    assert extend.get("/NoSuchThing").status_code == 404
    answer = extend.call("PATCH", "/CustomerOrders")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST, GET"


def test_units_are_paged_by_number(extend):
    answer = extend.get("/ProductUnits").json()

    assert [unit["name"] for unit in answer["productUnitList"]] == [
        "ST",
        "FRP",
        "M",
        "L",
    ]
    assert answer["paginationInfo"] == {
        "currentPage": 1,
        "totalPages": 1,
        "pageSize": 100,
        "totalResources": 4,
        "message": None,
    }
    assert extend.get("/ProductUnits", pageNumber=2).status_code == 400
    assert extend.get("/ProductUnits", pageNumber=0).status_code == 400


def test_orders_are_paged_by_size_and_index_in_a_bare_array(extend):
    numbers = [extend.place_number() for _ in range(5)]
    wanted = {"modifiedDateFrom": "2025-01-01T00:00:00Z", "pageCount": 2}

    pages = [
        [
            row["orderNumber"]
            for row in extend.get("/CustomerOrders", **wanted, pageOffset=offset).json()
        ]
        for offset in range(4)
    ]

    assert pages == [numbers[:2], numbers[2:4], numbers[4:], []]


def test_the_wrong_style_of_paging_returns_the_first_page_again(extend):
    numbers = [extend.place_number() for _ in range(2)]

    rows = extend.get(
        "/CustomerOrders", modifiedDateFrom="2025-01-01T00:00:00", pageNumber=2
    ).json()

    assert [row["orderNumber"] for row in rows] == numbers


@pytest.mark.parametrize("bad", [{"pageCount": 101}, {"pageOffset": "x"}])
def test_a_senseless_page_is_refused(extend, bad):
    answer = extend.get("/Products", **bad)

    assert answer.status_code == 400


def test_availability_has_one_item_for_each_product_and_warehouse(extend):
    answer = extend.get("/ProductAvailability", productNumber="SKU-4410").json()

    items = answer["productAvailabilityList"]
    assert [(item["warehouse"], item["availableBalanceNow"]) for item in items] == [
        ("WH-SYD", 240),
        ("WH-NORD", 60),
    ]
    assert items[0]["availableBalanceNowB"] == 235
    assert "avaiableOnNextReceiving" in items[0]
    assert items[0]["changeDate"].endswith("+01:00")


def test_an_article_out_of_stock_names_its_next_receiving(extend):
    [item] = extend.get(
        "/ProductAvailability", productNumber="SKU-8010", warehouse="WH-SYD"
    ).json()["productAvailabilityList"]

    assert item["availableBalanceNow"] == 0
    assert item["quantityOnNextReceiving"] == 25
    assert item["nextReceivingDate"]


def test_nothing_in_the_catalogue_changed_lately(extend):
    since = {"modifiedDateFrom": "2031-01-01T00:00:00Z"}

    assert extend.get("/Products", **since).json() == []
    availability = extend.get("/ProductAvailability", **since).json()
    assert availability["productAvailabilityList"] == []


def test_products_list_a_row_for_each_warehouse(extend):
    rows = extend.get("/Products", productNumber="SKU-4410").json()

    assert [row["warehouse"] for row in rows] == ["WH-SYD", "WH-NORD"]
    assert rows[0]["productUnit"] == "ST"


def test_one_product_shows_what_it_is_made_of(extend):
    product = extend.get("/Products/KIT-SERVICE").json()

    assert product["productData"]["billOfMaterials"] == [
        {"productNumber": "SKU-4410", "quantity": 1},
        {"productNumber": "SKU-7040", "quantity": 5},
    ]
    assert extend.get("/Products/SKU-0").status_code == 404


def test_prices_fall_with_the_quantity_and_are_written_exactly(extend):
    answer = extend.get(
        "/ProductPrices",
        customerNumber="K-20417",
        productNumberList=["SKU-5102", "SKU-6020", "SKU-0"],
    )

    items = answer.json()["productPriceItemList"]
    assert [(item["fromQuantity"], item["price"]) for item in items] == [
        (1, 14.9),
        (50, 12.75),
        (200, 10.4),
        (1, 0.3),
    ]
    assert '"price":0.30,' in answer.text


def test_prices_need_a_known_customer_and_at_most_ten_products(extend):
    eleven = [f"SKU-{index}" for index in range(11)]

    assert extend.get("/ProductPrices").status_code == 400
    assert extend.get("/ProductPrices", customerNumber="K-1").status_code == 400
    answer = extend.get(
        "/ProductPrices", customerNumber="K-20417", productNumberList=eleven
    )
    assert answer.status_code == 400


def test_customers_are_listed_and_read(extend):
    listed = extend.get("/Customers", name="verkstad").json()

    assert [row["customerNumber"] for row in listed["customerList"]] == ["K-20417"]
    assert listed["customerList"][0]["deliveryCity"] == "Umeå"
    assert extend.get("/Customers/K-20417").json()["name"] == "Verkstad Nord AB"
    assert extend.get("/Customers/K-1").status_code == 404


CUSTOMER = {
    "name": "Ny Verkstad AB",
    "customerNumber": "K-90001",
    "customerLogisticsSettings": {},
    "customerDeliveryAddress": {
        "address": {
            "address1": "Storgatan 1",
            "postalCode": "11122",
            "city": "Stockholm",
            "country": "SE",
        }
    },
}


def test_a_created_customer_can_order_and_its_number_is_taken(extend):
    answer = extend.call("POST", "/Customers", json=CUSTOMER)

    assert answer.status_code == 200
    assert answer.json()["customerNumber"] == "K-90001"
    assert extend.place(customerNumber="K-90001").status_code == 200
    assert extend.call("POST", "/Customers", json=CUSTOMER).status_code == 400


@pytest.mark.parametrize(
    "missing", ["name", "customerLogisticsSettings", "customerDeliveryAddress"]
)
def test_a_customer_without_a_mandatory_member_is_refused(extend, missing):
    body = {name: value for name, value in CUSTOMER.items() if name != missing}

    answer = extend.call("POST", "/Customers", json=body)

    assert answer.status_code == 400
    assert missing in answer.json()["Message"]


def test_every_answer_tells_the_limit(extend):
    headers = extend.get("/ProductUnits").headers

    assert headers["x-ratelimit-limit"] == "1000000"
    assert int(headers["x-ratelimit-remaining"]) > 0


def test_beyond_the_limit_is_429_until_the_minute_is_over(sandbox, extend):
    sandbox.change_settings(rate_limit=2)

    answers = [extend.get("/Products") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    remaining = [answer.headers["x-ratelimit-remaining"] for answer in answers]
    assert remaining == ["1", "0", "0"]
    assert answers[2].json() == {
        "Message": "Too many requests. (Rate limit = Standard)"
    }
    assert extend.get("/ProductUnits").status_code == 200  # another group
    sandbox.advance(60)
    assert extend.get("/Products").status_code == 200

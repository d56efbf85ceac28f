"""The list of orders of a Kvik shop: its pages, its states, single orders."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.vendors.kvik.payloads import ORDERS_URL, items, order
from vendors.contracts import Fulfilment
from vendors.errors import Kind, NotSent, Refused, VendorError
from vendors.kvik import listing

SINCE = datetime(2031, 4, 1, tzinfo=UTC)


def list_all(client):
    return listing.list_changed_orders(client, SINCE, 0)


def numbers(page):
    return [each.number for each in page.orders]


def failing(call, *args) -> VendorError:
    with pytest.raises(VendorError) as caught:
        call(*args)
    return caught.value


def asked(shop):
    """The queries of all calls of the list, in order."""
    return [
        urlsplit(call.request.url).query
        for call in shop.calls
        if call.request.url.startswith(ORDERS_URL)
    ]


class PagedShop:
    """Answers from a list of numbers, by the parameters it knows."""

    def __init__(self, shop, count, *, knows, size=20):
        self.rows = [order(str(number)) for number in range(1, count + 1)]
        self.knows = knows
        self.size = size
        shop.add_callback("GET", ORDERS_URL, self.answer)

    def answer(self, request):
        query = {
            name: int(values[0])
            for name, values in parse_qs(urlsplit(request.url).query).items()
            if name in self.knows
        }
        limit = min(query.get("limit", self.size), self.size)
        start = query.get("offset", (query.get("page", 1) - 1) * limit)
        rows = self.rows[start : start + limit]
        return 200, {}, json.dumps(items(*rows))


# --- one page as the contract wants it ----------------------------------------


def test_every_order_comes_whole_and_in_one_page(shop, client):
    shop.get(ORDERS_URL, json=items(order(), order("2410094", note="Thanks")))

    page = list_all(client)

    first, foreign = page.orders
    assert page.next_page is None
    assert (first.number, first.reference) == ("2410093", "PO-2031-000042")
    assert (foreign.number, foreign.reference) == ("2410094", "")
    assert first.raw_status == "Confirmed"
    assert first.changed_at is None
    assert first.order.fulfilment is Fulfilment.CONFIRMED
    assert first.order.lines[0].unit_price == Decimal("41.50")
    assert len(first.fingerprint) == 64


def test_there_is_no_second_page_and_nothing_is_called_for_it(responses_on, client):
    page = listing.list_changed_orders(client, SINCE, 1)

    assert (page.orders, page.next_page) == ((), None)
    assert len(responses_on.calls) == 0


def test_an_order_without_a_number_does_not_hold_up_the_others(shop, client):
    shop.get(ORDERS_URL, json=items(order(), {"code": "?"}, "odd", None))

    assert numbers(list_all(client)) == ["2410093"]


def test_orders_without_any_number_are_no_empty_list(shop, client):
    shop.get(ORDERS_URL, json=items({"id": 1}, {"id": 2}))

    error = failing(list_all, client)

    assert (type(error), error.kind) == (NotSent, Kind.UNREADABLE)
    assert "order.number" in error.text


# --- fingerprints -------------------------------------------------------------


def fingerprint(shop, client, **members):
    shop.upsert("GET", ORDERS_URL, json=items(order(**members)))
    [entry] = list_all(client).orders
    return entry.fingerprint


LINES = [
    {"code": "A", "quantity": 1, "price": {"withoutVat": 2}},
    {"code": "B", "quantity": 2, "price": {"withoutVat": 3}},
]


@pytest.mark.parametrize(
    "members",
    [
        {"processingStatus": "Shipped"},
        {"paymentStatus": "Paid"},
        {"note": "PO-2031-000042 changed"},
        {"customerOrderNumber": "PO-1"},
        {"items": [{"code": "SKU-4410", "brand": "Norvik", "quantity": 5}]},
        {"items": []},
        {"total": {"withoutVat": 250, "currency": "SEK"}},
        {"total": {"withoutVat": 249, "currency": "EUR"}},
    ],
)
def test_a_fingerprint_changes_with_anything_of_meaning(shop, client, members):
    assert fingerprint(shop, client, **members) != fingerprint(shop, client)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({}, {"_type": "Other", "views": 7, "updatedAt": "2031-04-05T10:00:00Z"}),
        ({"items": LINES}, {"items": LINES[::-1]}),
        (
            {"items": LINES},
            {
                "items": [
                    {"code": "A", "quantity": "1.00", "price": {"withoutVat": 2.0}},
                    {"code": "B", "quantity": 2, "price": {"withoutVat": "3"}},
                ]
            },
        ),
    ],
)
def test_a_fingerprint_stays_with_what_means_the_same(shop, client, one, other):
    assert fingerprint(shop, client, **one) == fingerprint(shop, client, **other)


def test_a_word_entered_in_the_table_makes_its_orders_new(shop, client, open_client):
    taught = open_client(mapping={"processing_status.vyřízeno": "shipped"})

    before = fingerprint(shop, client, processingStatus="Vyřízeno")
    after = fingerprint(shop, taught, processingStatus="Vyřízeno")

    assert before != after


# --- paging -------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, 20, 45])
@pytest.mark.parametrize(
    "knows",
    [{"page", "limit"}, {"offset", "limit"}, {"page"}, {"offset"}],
    ids=sorted,
)
def test_auto_reads_pages_and_offsets_to_the_end(shop, client, knows, count):
    PagedShop(shop, count, knows=knows)

    found = numbers(list_all(client))

    assert found == [str(number) for number in range(1, count + 1)]


def test_auto_asks_for_the_second_page_in_both_ways_at_once(shop, client):
    PagedShop(shop, 45, knows={"page", "limit"})

    list_all(client)

    assert asked(shop) == [
        "",
        "page=2&limit=20&offset=20",
        "page=3&limit=20&offset=40",
        "page=4&limit=20&offset=45",
    ]


def test_a_list_in_one_piece_is_asked_for_twice_and_no_more(shop, client):
    PagedShop(shop, 250, knows=set(), size=1000)

    assert len(list_all(client).orders) == 250
    assert len(asked(shop)) == 2


@pytest.mark.parametrize(
    ("style", "knows", "queries"),
    [
        ("none", set(), [""]),
        (
            "page",
            {"page", "limit"},
            ["page=1&limit=30", "page=2&limit=30", "page=3&limit=30"],
        ),
        (
            "offset",
            {"offset", "limit"},
            ["limit=30&offset=0", "limit=30&offset=30", "limit=30&offset=45"],
        ),
    ],
)
def test_a_style_may_be_set(shop, open_client, style, knows, queries):
    PagedShop(shop, 45, knows=knows, size=30 if knows else 100)

    found = numbers(list_all(open_client(paging=style, page_size=30)))

    assert len(found) == 45
    assert asked(shop) == queries


@pytest.mark.parametrize(
    ("style", "knows"),
    [("page", {"offset", "limit"}), ("offset", {"page", "limit"}), ("page", {"limit"})],
)
def test_the_wrong_style_does_not_pass_for_the_end(shop, open_client, style, knows):
    PagedShop(shop, 45, knows=knows)

    error = failing(list_all, open_client(paging=style))

    assert (type(error), error.kind) == (NotSent, Kind.CONFIGURATION)
    assert "Set it to auto." in error.text


def test_a_list_that_goes_on_is_not_in_one_piece(shop, open_client):
    shop.get(ORDERS_URL, json={"items": [order("1")], "next": "?p=2"})

    error = failing(list_all, open_client(paging="none"))

    assert (type(error), error.kind) == (NotSent, Kind.CONFIGURATION)


def test_a_shop_that_repeats_its_last_page_is_read_to_the_end(shop, open_client):
    for number, page in (("1", 1), ("2", 2), ("2", 3)):
        shop.get(f"{ORDERS_URL}?page={page}&limit=100", json=[order(number)])

    assert numbers(list_all(open_client(paging="page"))) == ["1", "2"]


def test_pages_may_be_shorter_than_asked_for(shop, open_client):
    PagedShop(shop, 45, knows={"offset", "limit"}, size=10)

    found = numbers(list_all(open_client(paging="offset", page_size=100)))

    assert len(found) == 45


def test_pages_may_be_counted_from_nothing(shop, open_client):
    shop.get(f"{ORDERS_URL}?page=0&limit=100", json=[order("1")])
    shop.get(f"{ORDERS_URL}?page=1&limit=100", json=[])

    assert numbers(list_all(open_client(paging="page", first_page=0))) == ["1"]


@pytest.mark.parametrize(
    "link",
    [
        "https://shop.test/api/customer/orders?cursor=a%2Fb",
        "HTTPS://shop.test:443/api/customer/orders?cursor=a%2Fb",
        "/api/customer/orders?cursor=a%2Fb",
        "?cursor=a%2Fb",
        "orders?cursor=a%2Fb#top",
        {"href": "?cursor=a%2Fb"},
    ],
)
@pytest.mark.parametrize("style", ["auto", "link"])
def test_next_links_are_followed_to_the_end(shop, open_client, link, style):
    shop.get(ORDERS_URL, json={"items": [order("1")], "next": link})
    shop.get(f"{ORDERS_URL}?cursor=a%2Fb", json={"items": [order("2")], "next": None})

    assert numbers(list_all(open_client(paging=style))) == ["1", "2"]
    assert asked(shop) == ["", "cursor=a%2Fb"]


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.test/api/customer/orders?page=2",
        "http://shop.test/api/customer/orders?page=2",
        "https://shop.test:8443/api/customer/orders?page=2",
        "https://shop.test@evil.test/x",
        "https://user:word@shop.test/x",
        "//evil.test/x",
        "https://[broken",
        "https://shop.test:port/x",
        "javascript:alert(1)",
    ],
)
def test_a_next_link_never_leads_to_another_address(shop, client, link):
    shop.get(ORDERS_URL, json={"items": [order("1")], "next": link})

    error = failing(list_all, client)

    assert (type(error), error.kind) == (NotSent, Kind.UNREADABLE)
    assert len(asked(shop)) == 1


def test_a_next_link_stays_below_the_address_of_the_shop(shop, open_client):
    client = open_client(account={"base_url": "https://shop.test/b2b/"})
    url = "https://shop.test/b2b/api/customer/orders"
    shop.post(
        "https://shop.test/b2b/api/customer/oauth/access-token",
        json={"access_token": "eyJ0.other", "expires_in": 3600},
    )
    shop.get(url, json={"items": [order("1")], "next": f"{url}?p=2"})
    shop.get(f"{url}?p=2", json={"items": [order("2")], "next": "/admin?p=3"})

    error = failing(list_all, client)

    assert error.kind is Kind.UNREADABLE
    assert shop.calls[-1].request.url == f"{url}?p=2"


def test_a_next_link_to_itself_ends_the_list(shop, client):
    shop.get(ORDERS_URL, json={"items": [order("1")], "next": "?p=1"})

    assert numbers(list_all(client)) == ["1"]
    assert len(asked(shop)) == 2


def test_a_list_without_end_is_given_up(shop, client, monkeypatch):
    monkeypatch.setattr(listing, "MOST_PAGES", 3)
    PagedShop(shop, 100, knows={"page"})

    error = failing(list_all, client)

    assert (type(error), error.kind) == (NotSent, Kind.UNREADABLE)
    assert len(asked(shop)) == 3


def test_an_order_that_moves_in_between_comes_once_and_fresh(shop, client):
    shop.get(ORDERS_URL, json=items(order("2"), order("1", processingStatus="New")))
    shop.get(ORDERS_URL, json=items(order("3"), order("1")))
    shop.get(ORDERS_URL, json=items(order("3"), order("1")))

    found = {each.number: each.raw_status for each in list_all(client).orders}

    assert found == {"2": "Confirmed", "1": "Confirmed", "3": "Confirmed"}


def test_a_404_after_the_last_page_ends_the_list(shop, open_client):
    shop.get(f"{ORDERS_URL}?page=1&limit=100", json=[order("1")])
    shop.get(f"{ORDERS_URL}?page=2&limit=100", status=404)

    assert numbers(list_all(open_client(paging="page"))) == ["1"]


def test_a_404_of_the_api_is_an_empty_list(shop, client):
    shop.get(ORDERS_URL, status=404, json={"error": "no_orders", "status": 404})

    assert list_all(client).orders == ()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"status": 404, "body": "<h1>No page</h1>"}, Kind.CONFIGURATION),
        ({"status": 400, "json": {"error": "bad"}}, Kind.CONFIGURATION),
        ({"status": 403}, Kind.CREDENTIALS),
        ({"status": 429}, Kind.THROTTLED),
        ({"status": 500}, Kind.SERVER),
        ({"body": "<h1>Back soon</h1>"}, Kind.UNREADABLE),
        ({"json": {}}, Kind.UNREADABLE),
        ({"json": {"items": None}}, Kind.UNREADABLE),
        ({"json": None}, Kind.UNREADABLE),
        ({"json": {"items": {"1": {}}}}, Kind.UNREADABLE),
        ({"body": requests.ReadTimeout()}, Kind.TIMEOUT),
    ],
)
@pytest.mark.parametrize("pages_before", [0, 1])
def test_a_list_that_was_not_read_to_its_end_is_no_list(
    shop, client, answer, kind, pages_before
):
    if pages_before:
        shop.get(ORDERS_URL, json=items(order("1")))
    shop.get(ORDERS_URL, **answer)

    error = failing(list_all, client)

    assert (type(error), error.kind) == (NotSent, kind)


def test_a_bare_404_in_place_of_the_list_proves_nothing(shop, client):
    shop.get(ORDERS_URL, status=404)

    error = failing(list_all, client)

    assert (type(error), error.kind) == (NotSent, Kind.CONFIGURATION)


def test_a_shop_that_refuses_to_page_asks_for_the_option(shop, client):
    shop.get(ORDERS_URL, json=[order("1")])
    shop.get(ORDERS_URL, status=400, json={"error": "unknown_parameter"})

    error = failing(list_all, client)

    assert "Set the option" in error.text
    assert error.vendor_text == "unknown_parameter"


# --- one order ----------------------------------------------------------------


def test_one_order_is_read_out_of_the_list(shop, client):
    shop.get(ORDERS_URL, json=items(order("1"), order("2")))

    assert listing.read_order(client, "2").number == "2"


def test_an_order_that_is_not_listed_is_not_there(shop, client):
    shop.get(ORDERS_URL, json=items(order("1"), order("22")))

    error = failing(listing.read_order, client, "2")

    assert (type(error), error.kind) == (Refused, Kind.NOT_FOUND)


def test_one_order_is_read_at_its_path_where_there_is_one(shop, open_client):
    shop.get(f"{ORDERS_URL}/A%2F1", json={"order": order("A/1")})

    found = listing.read_order(open_client(reads_single_orders=True), "A/1")

    assert (found.number, found.fulfilment) == ("A/1", Fulfilment.CONFIRMED)


@pytest.mark.parametrize(
    ("answer", "error_type", "kind"),
    [
        ({"status": 404}, Refused, Kind.NOT_FOUND),
        ({"status": 500}, NotSent, Kind.SERVER),
        ({"json": order("2")}, NotSent, Kind.UNREADABLE),
        ({"json": {}}, NotSent, Kind.UNREADABLE),
        ({"json": []}, NotSent, Kind.UNREADABLE),
    ],
)
def test_another_order_is_not_the_one_asked_for(
    shop, open_client, answer, error_type, kind
):
    shop.get(f"{ORDERS_URL}/1", **answer)

    error = failing(listing.read_order, open_client(reads_single_orders=True), "1")

    assert (type(error), error.kind) == (error_type, kind)


@pytest.mark.parametrize("single", [True, False])
@pytest.mark.parametrize("number", ["", " ", ".."])
def test_an_order_without_a_number_is_not_asked_for(
    responses_on, open_client, single, number
):
    client = open_client(reads_single_orders=single)

    error = failing(listing.read_order, client, number)

    assert (type(error), error.kind) == (Refused, Kind.GUARD)
    assert len(responses_on.calls) == 0

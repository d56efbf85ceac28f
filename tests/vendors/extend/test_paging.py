from datetime import UTC, datetime

import pytest
from responses.matchers import query_param_matcher

from vendors.errors import Kind, NotSent, Refused
from vendors.extend import paging

BASE = "https://extend.test/RESTAPI/v1_0/NORDLAGER"
ORDERS, STOCK = f"{BASE}/CustomerOrders", f"{BASE}/ProductAvailability"
SINCE = datetime(2031, 4, 2, 8, 15, tzinfo=UTC)


def rows(first: int, count: int = 100) -> list[dict[str, int]]:
    return [{"n": n} for n in range(first, first + count)]


@pytest.fixture
def page(responses_on):
    """Extend as far as one page of a list; `asked` are its parameters."""

    def add(url: str, answer: object, **asked: str) -> None:
        match = [query_param_matcher(asked, strict_match=False)]
        responses_on.get(url, json=answer, match=match)

    return add


def stock(first: int, count: int = 100, **info: object) -> dict[str, object]:
    listed = {"productAvailabilityList": rows(first, count)}
    return {**listed, "paginationInfo": info} if info else listed


def read(client, what: str) -> list[int]:
    return [row["n"] for row in paging.read_all(client, what, {}, purpose="test")]


# --- two styles ---------------------------------------------------------------


def test_a_list_with_an_index_is_read_until_a_page_is_not_full(page, client):
    page(ORDERS, rows(0), pageCount="100", pageOffset="0")
    page(ORDERS, rows(100), pageCount="100", pageOffset="1")
    page(ORDERS, rows(200, 7), pageCount="100", pageOffset="2")

    assert read(client, "orders") == list(range(207))


def test_a_list_with_a_number_is_read_as_far_as_it_says(page, responses_on, client):
    page(STOCK, stock(0, currentPage=1, totalPages=2), pageNumber="1")
    page(STOCK, stock(100, currentPage=2, totalPages=2), pageNumber="2")

    assert read(client, "availability") == list(range(200))
    # The last page is full, and the list has said that it is the last.
    assert len(responses_on.calls) == 2
    assert "pageCount" not in responses_on.calls[0].request.url


def test_without_paging_info_a_full_page_has_another_behind_it(page, client):
    page(STOCK, stock(0), pageNumber="1")
    page(STOCK, stock(100, 1), pageNumber="2")

    assert read(client, "availability") == list(range(101))


@pytest.mark.parametrize("info", [None, [], "x", {"totalPages": None}])
def test_paging_info_that_says_nothing_is_none(page, client, info):
    page(STOCK, {**stock(0, 3), "paginationInfo": info}, pageNumber="1")

    assert read(client, "availability") == [0, 1, 2]


def test_an_empty_page_is_the_end_whatever_is_said(page, client):
    page(STOCK, stock(0, currentPage=1, totalPages=9), pageNumber="1")
    page(STOCK, stock(0, 0, currentPage=2, totalPages=9), pageNumber="2")

    assert len(read(client, "availability")) == 100


def test_an_offset_may_count_records_at_one_supplier(page, client):
    client.mapping = {**client.mapping, "paging.orders": "record"}
    page(ORDERS, rows(0), pageCount="100", pageOffset="0")
    page(ORDERS, rows(100, 1), pageCount="100", pageOffset="100")

    assert len(read(client, "orders")) == 101


def test_a_list_of_orders_may_be_numbered_at_one_supplier(page, client):
    client.mapping = {**client.mapping, "paging.orders": "number"}
    page(ORDERS, rows(0), pageNumber="1")
    page(ORDERS, rows(100, 1), pageNumber="2")

    assert len(read(client, "orders")) == 101


def test_a_style_nobody_has_is_a_trouble_of_configuration(client):
    client.mapping = {**client.mapping, "paging.orders": "sideways"}

    with pytest.raises(NotSent) as caught:
        read(client, "orders")

    assert caught.value.kind is Kind.CONFIGURATION


# --- pages that are not turned ------------------------------------------------


@pytest.mark.parametrize("what", ["orders", "availability"])
def test_the_first_page_again_and_again_is_no_list(responses_on, client, what):
    url = {"orders": ORDERS, "availability": STOCK}[what]
    responses_on.get(url, json=rows(0))

    with pytest.raises(NotSent) as caught:
        read(client, what)

    assert caught.value.kind is Kind.UNREADABLE
    assert f"paging.{what}" in caught.value.text
    assert len(responses_on.calls) == 3


def test_the_second_page_is_compared_with_the_first_once(page, responses_on, client):
    for index in range(3):
        page(ORDERS, rows(100 * index), pageOffset=str(index))
    page(ORDERS, [], pageOffset="3")

    assert len(read(client, "orders")) == 300
    asked = [call.request.params["pageOffset"] for call in responses_on.calls]
    assert asked == ["0", "1", "0", "2", "3"]


def test_another_page_than_asked_for_is_not_read(page, client):
    page(STOCK, stock(0, currentPage=1, totalPages=3))

    with pytest.raises(NotSent) as caught:
        read(client, "availability")

    assert caught.value.kind is Kind.UNREADABLE


def test_the_last_page_again_beyond_the_end_is_the_end(page, client):
    page(STOCK, stock(0, 5, currentPage=1, totalPages=1))

    found = paging.read_page(client, "availability", {}, 1, purpose="test")

    assert found == paging.ListPage([])


def test_a_list_without_end_is_left_at_last(page, responses_on, client, monkeypatch):
    monkeypatch.setattr(paging, "MOST_PAGES", 2)
    page(ORDERS, rows(0), pageOffset="0")
    page(ORDERS, rows(100), pageOffset="1")

    with pytest.raises(NotSent) as caught:
        read(client, "orders")

    assert "more orders" in caught.value.text


# --- what changed -------------------------------------------------------------


def changes(client, at: int) -> paging.ListPage:
    return paging.read_changes(client, "availability", SINCE, at, purpose="test")


def test_changes_are_asked_for_from_before_the_last_one_seen(page, client):
    # 08:15 less two hours and a quarter.
    page(STOCK, stock(0, 1), modifiedDateFrom="2031-04-02T06:00:00Z", pageNumber="1")

    assert changes(client, 0).rows == [{"n": 0}]


def test_a_later_page_that_is_gone_is_the_end(responses_on, client):
    responses_on.get(STOCK, status=400, json={"Message": "Page does not exist"})

    assert changes(client, 1) == paging.ListPage([])
    with pytest.raises(Refused):
        changes(client, 0)


@pytest.mark.parametrize("status", [404, 403, 500])
def test_another_trouble_on_a_later_page_is_not_the_end(responses_on, client, status):
    responses_on.get(STOCK, status=status)

    with pytest.raises((Refused, NotSent)):
        changes(client, 1)


def test_a_deadlock_on_a_later_page_is_not_the_end(responses_on, client):
    responses_on.get(STOCK, status=400, json={"Message": "was deadlocked on lock"})

    with pytest.raises(NotSent):
        changes(client, 1)

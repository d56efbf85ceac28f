import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from vendors.contracts import (
    ChangedOrder,
    ChangedPage,
    Fulfilment,
    LookUp,
    OrderRequest,
)
from vendors.errors import Kind, NotSent, Refused
from vendors.extend import orders

PAYLOADS = Path(__file__).parent / "payloads"
URL = "https://extend.test/RESTAPI/v1_0/NORDLAGER/CustomerOrders"
SENT_AT = datetime(2031, 4, 2, 8, 15, tzinfo=UTC)
REFERENCE = "PO-2031-000042"
SOUGHT = LookUp(
    reference=REFERENCE,
    sent_at=SENT_AT,
    order=OrderRequest(reference=REFERENCE, currency="SEK", is_test=True, lines=()),
)


def payload(name: str) -> bytes:
    return (PAYLOADS / name).read_bytes()


def entry(number: str, reference: str = REFERENCE) -> dict[str, str]:
    return {"orderNumber": number, "orderNumberExternal": reference}


# --- read one -----------------------------------------------------------------


def test_one_order_is_read_by_the_vendors_number(responses_on, client):
    responses_on.get(f"{URL}/SO%2F70012", body=payload("order_incoming.json"))

    order = orders.read_order(client, "SO/70012")

    assert (order.number, order.reference) == ("SO-70012", REFERENCE)


@pytest.mark.parametrize(
    ("answer", "error_type", "kind"),
    [
        ({"status": 404}, Refused, Kind.NOT_FOUND),
        ({"status": 500}, NotSent, Kind.SERVER),
        ({"status": 400, "json": {"Message": "deadlocked"}}, NotSent, Kind.SERVER),
        ({"body": "[]"}, NotSent, Kind.UNREADABLE),
        ({"body": "<html>"}, NotSent, Kind.UNREADABLE),
        ({"body": requests.ReadTimeout()}, NotSent, Kind.TIMEOUT),
    ],
)
def test_an_order_that_can_not_be_read_says_why(
    responses_on, client, answer, error_type, kind
):
    responses_on.get(f"{URL}/SO-1", **answer)

    with pytest.raises(error_type) as caught:
        orders.read_order(client, "SO-1")

    assert caught.value.kind is kind


@pytest.mark.parametrize("number", ["", "..", "."])
def test_no_number_leads_to_the_list_of_all_orders(responses_on, client, number):
    with pytest.raises(Refused):
        orders.read_order(client, number)

    assert len(responses_on.calls) == 0


# --- find ---------------------------------------------------------------------


def test_a_lost_order_is_found_by_our_reference(responses_on, client):
    responses_on.get(URL, json=[entry("SO-70012")])
    responses_on.get(f"{URL}/SO-70012", body=payload("order_incoming.json"))

    [order] = orders.find_orders(client, SOUGHT)

    assert order.number == "SO-70012"
    assert order.fulfilment is Fulfilment.CONFIRMED
    assert responses_on.calls[0].request.url == (
        f"{URL}?orderNumberExternal=PO-2031-000042"
        "&modifiedDateFrom=2031-04-01T08%3A15%3A00Z&pageCount=100&pageOffset=0"
    )


def test_only_an_equal_reference_counts(responses_on, client):
    others = [
        entry("1", "PO-2031-0000421"),
        entry("2", "po-2031-000042"),
        entry("3", ""),
    ]
    responses_on.get(URL, json=[*others, "odd", None])

    assert orders.find_orders(client, SOUGHT) == ()


def test_every_twin_is_found_once(responses_on, client):
    responses_on.get(URL, json=[entry("A"), entry("B"), entry("A")])
    for number in ("A", "B"):
        responses_on.get(f"{URL}/{number}", json={"orderHeader": entry(number)})

    found = orders.find_orders(client, SOUGHT)

    assert [order.number for order in found] == ["A", "B"]


def test_all_pages_are_looked_through(responses_on, client):
    responses_on.get(URL, json=[entry(f"X{n}", "other") for n in range(100)])
    responses_on.get(URL, json=[entry("A")])
    responses_on.get(f"{URL}/A", json={"orderHeader": entry("A")})

    [order] = orders.find_orders(client, SOUGHT)

    assert order.number == "A"
    assert "pageOffset=1" in responses_on.calls[1].request.url


def test_a_list_without_end_proves_no_absence(responses_on, client):
    # Every page is the first one.
    responses_on.get(URL, json=[entry("X", "other")] * 100)

    with pytest.raises(NotSent) as caught:
        orders.find_orders(client, SOUGHT)

    assert caught.value.kind is Kind.UNREADABLE
    assert len(responses_on.calls) == 3


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"json": [entry("")]}, Kind.UNREADABLE),
        ({"json": {"Message": "x"}}, Kind.UNREADABLE),
        ({"json": "text"}, Kind.UNREADABLE),
        ({"status": 400, "json": {"Message": "no"}}, Kind.UNREADABLE),
        ({"status": 500}, Kind.SERVER),
        ({"status": 429}, Kind.THROTTLED),
        ({"body": requests.ReadTimeout()}, Kind.TIMEOUT),
    ],
)
def test_what_can_not_be_told_is_never_taken_for_absence(
    responses_on, client, answer, kind
):
    responses_on.get(URL, **answer)

    with pytest.raises(NotSent) as caught:
        orders.find_orders(client, SOUGHT)

    assert caught.value.kind is kind


def test_an_order_listed_and_not_to_be_read_is_no_absence(responses_on, client):
    responses_on.get(URL, json=[entry("A")])
    responses_on.get(f"{URL}/A", status=404)

    with pytest.raises(NotSent):
        orders.find_orders(client, SOUGHT)


# --- changed since ------------------------------------------------------------


def test_a_page_of_changes_reaches_back_by_the_overlap(responses_on, client):
    responses_on.get(URL, body=payload("changed_page.json"))

    page = orders.list_changed_orders(client, SENT_AT, 0)

    assert page == ChangedPage(
        orders=(
            ChangedOrder(
                number="SO-70012",
                reference=REFERENCE,
                raw_status="Reserved",
                changed_at=datetime(2031, 4, 8, 12, 30, tzinfo=UTC),
            ),
            ChangedOrder(
                number="70013",
                reference="",
                raw_status="Incoming",
                changed_at=datetime(2031, 4, 8, 12, 31, tzinfo=UTC),
            ),
        ),
        next_page=None,
    )
    # 08:15 less two hours and a quarter.
    assert responses_on.calls[0].request.url == (
        f"{URL}?modifiedDateFrom=2031-04-02T06%3A00%3A00Z&pageCount=100&pageOffset=0"
    )


def test_a_full_page_has_another_behind_it(responses_on, client):
    rows = [{**entry(f"S{n}"), "changeDate": "2031-04-08T14:30:00Z"} for n in range(99)]
    responses_on.get(URL, body=json.dumps([*rows, None]))

    page = orders.list_changed_orders(client, SENT_AT, 3)

    assert page.next_page == 4
    assert len(page.orders) == 99
    assert "pageOffset=3" in responses_on.calls[0].request.url


def test_a_later_page_that_is_gone_is_the_end(responses_on, client):
    responses_on.get(URL, status=400, json={"Message": "There is no row at position 0"})

    assert orders.list_changed_orders(client, SENT_AT, 1) == ChangedPage(
        orders=(), next_page=None
    )
    with pytest.raises(Refused):
        orders.list_changed_orders(client, SENT_AT, 0)


def test_a_deadlock_on_a_later_page_is_not_the_end(responses_on, client):
    responses_on.get(URL, status=400, json={"Message": "was deadlocked on lock"})

    with pytest.raises(NotSent) as caught:
        orders.list_changed_orders(client, SENT_AT, 1)

    assert caught.value.kind is Kind.SERVER


@pytest.mark.parametrize("change_date", [None, "", "soon", "0001-01-01T00:00:00"])
def test_an_order_without_a_readable_date_still_changed(
    responses_on, client, change_date
):
    listed = [{**entry("A"), "changeDate": change_date}, {"orderNumber": None}]
    responses_on.get(URL, json={"customerOrderList": listed})

    page = orders.list_changed_orders(client, SENT_AT, 0)

    assert [(found.number, found.changed_at) for found in page.orders] == [
        ("A", SENT_AT)
    ]

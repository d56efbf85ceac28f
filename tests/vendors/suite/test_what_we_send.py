"""Texts nobody expects, in everything that goes out."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.vendors.suite.cases import CASES, offering
from tests.vendors.suite.cases import di as di_case
from tests.vendors.suite.table import orders_booked
from vendors.contracts import Address, CustomerQuery, ItemKey, LookUp, ShopRequest
from vendors.errors import Kind, NotSent, Refused

HOSTILE = {
    "sql": "O'Brien\"; DROP TABLE orders; --",
    "script": "<script>alert(1)</script>",
    "nul": "a\x00b",
    "right to left": "a\u202eb\u2066",
    "emoji": "👩‍🔧 ok",
    "formula": '=HYPERLINK("http://x","y")',
    "path": "../../customers/K1",
    "encoded path": "%2e%2e%2forders",
    "query": "x?isTest=false&y=1#z",
    "line": "a\r\nX-Injected: 1",
    "placeholder": "{number}",
    "half a character": "a\ud800b",
    "long": "x" * 5000,
}
TEXTS = pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
BUYING = [code for code, case in CASES.items() if case.buying]
ALLOWED = (Refused, NotSent)


def outcome_of(call):
    """Return what a call returned and None, or None and the error it may end in."""
    try:
        return call(), None
    except ALLOWED as error:
        return None, error


def with_text(order, place, text):
    if place in ("note", "reference"):
        return replace(order, **{place: text})
    if place == "address":
        address = Address(
            name=text,
            street=text,
            street_number="4",
            zip_code=text,
            city=text,
            country_code="SE",
        )
        return replace(order, delivery_address=address)
    line = replace(order.lines[0], **{place: text})
    return replace(order, lines=(line,))


@pytest.mark.parametrize(
    ("code", "place"),
    [
        pytest.param(code, place, id=f"{code}-{place}")
        for code in BUYING
        for place in CASES[code].buying.texts
    ],
)
@TEXTS
def test_an_order_goes_out_as_it_is_or_not_at_all(open_at, code, place, text):
    desk = open_at(code)
    order = with_text(CASES[code].buying.order, place, text)

    accepted, error = outcome_of(lambda: desk.vendor.place_order(desk.client, order))

    if error:
        assert type(error) is Refused
        assert error.kind in (Kind.GUARD, Kind.DATA)
        assert orders_booked(desk) == 0
    else:
        assert accepted.number
        [booked] = desk.sandbox.orders(code)
        assert is_inside(text, json.loads(booked["body"])), "something else went out"
    assert desk.strangers() == []
    for call in desk.sandbox.calls(code):
        assert "x-injected" not in call.headers


def is_inside(text, value):
    """Whether a text stands somewhere in what was sent, to the letter."""
    if isinstance(value, dict | list):
        inside = value.values() if isinstance(value, dict) else value
        return any(is_inside(text, each) for each in inside)
    return isinstance(value, str) and text in value


def sought(order, text):
    return LookUp(
        reference=text,
        sent_at=datetime.now(UTC),
        order=replace(order, reference=text),
    )


BY_NUMBER = {
    "read_order": lambda vendor: vendor.read_order,
    "cancel_order": lambda vendor: vendor.cancel_order,
    "read_product": lambda vendor: vendor.read_product,
    "customers.read": lambda vendor: vendor.customers.read,
}
NUMBERS = {**HOSTILE, "empty": "", "dots": "..", "blank": "  "}


@pytest.mark.parametrize(
    ("code", "name"),
    [
        pytest.param(code, name, id=f"{code}-{name}")
        for name in BY_NUMBER
        for code in offering(name)
    ],
)
@pytest.mark.parametrize("number", NUMBERS.values(), ids=NUMBERS)
def test_a_number_never_leads_to_another_path(open_at, code, name, number):
    buying = CASES[code].buying
    desk = open_at(code, options=buying.reading_options if buying else {})

    with pytest.raises(ALLOWED) as caught:
        BY_NUMBER[name](desk.vendor)(desk.client, number)

    assert caught.value.text
    assert desk.strangers() == []
    assert not desk.client.has_written


@pytest.mark.parametrize("code", offering("fetch_offers"))
@TEXTS
def test_an_item_nobody_has_is_not_known(open_at, code, text):
    desk = open_at(code)

    offers, error = outcome_of(
        lambda: desk.vendor.fetch_offers(desk.client, [ItemKey(text)])
    )

    if not error:
        [offer] = offers
        assert not offer.is_known
        assert offer.item_number == text
    assert desk.strangers() == []


@pytest.mark.parametrize("code", offering("find_orders"))
@TEXTS
def test_a_reference_nobody_used_is_not_found(open_at, code, text):
    desk = open_at(code)
    look_for = sought(CASES[code].buying.order, text)

    found, error = outcome_of(lambda: desk.vendor.find_orders(desk.client, look_for))

    assert error or found == ()
    assert desk.strangers() == []


@pytest.mark.parametrize("code", offering("customers.find"))
@pytest.mark.parametrize("member", ["number", "organization_number", "name"])
@TEXTS
def test_a_customer_nobody_is_is_not_found(open_at, code, member, text):
    desk = open_at(code)
    query = CustomerQuery(**{member: text})

    found, error = outcome_of(lambda: desk.vendor.customers.find(desk.client, query))

    assert error or found == ()
    assert desk.strangers() == []


@pytest.mark.parametrize("member", ["name", "phone", "organization_number", "email"])
@TEXTS
def test_a_shop_goes_out_as_it_is_or_not_at_all(open_at, member, text):
    desk = open_at("di")
    shop: ShopRequest = replace(di_case.SHOP, **{member: text})

    _, error = outcome_of(lambda: desk.vendor.create_shop(desk.client, shop))

    if error:
        assert type(error) is Refused
        assert desk.sandbox.shops("di") == []
    else:
        [booked] = desk.sandbox.shops("di")
        assert text in booked["shop"].values()
    assert desk.strangers() == []


# --- much of it ---------------------------------------------------------------


def test_a_thousand_items_are_asked_for_in_blocks(open_at):
    desk = open_at("eet")
    numbers = [f"SBX{at:07d}" for at in range(1, 1001)]

    offers = desk.vendor.fetch_offers(desk.client, [ItemKey(n) for n in numbers])

    assert [offer.item_number for offer in offers] == numbers
    assert all(offer.is_known and offer.unit_price for offer in offers)
    # 250 at a time, as the options say.
    assert desk.endpoints().count("products") == 4


@pytest.mark.parametrize("code", offering("list_changed_orders"))
def test_a_hundred_orders_and_more_are_listed_to_the_end(sandbox, open_at, code):
    if code == "kvik":
        sandbox.change_settings(kvik_paging="page", kvik_page_size=20)
    desk = open_at(code)
    order = CASES[code].buying.order
    line = replace(order.lines[0], quantity=Decimal(1))
    placed = [
        desk.vendor.place_order(
            desk.client,
            replace(order, lines=(line,), reference=f"PO-2031-{at:06d}"),
        ).number
        for at in range(105)
    ]

    seen, page = set(), 0
    while page is not None:
        found = desk.vendor.list_changed_orders(desk.client, datetime.now(UTC), page)
        seen |= {each.number for each in found.orders}
        page = found.next_page

    assert seen >= set(placed)
    [ours] = desk.vendor.find_orders(desk.client, sought(order, "PO-2031-000000"))
    assert ours.number == placed[0]

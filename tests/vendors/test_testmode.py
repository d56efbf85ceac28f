"""Test orders at vendors that know no tests."""

import pytest

import vendors
from vendors.contracts import Account

WITHOUT_TEST_MODE = ("kvik", "simutek", "extend")

NEEDED = {
    "kvik": {},
    "simutek": {"customer_number": "K200731"},
    "extend": {"client": "NORD", "customer_number": "K-20417", "unit": "ST"},
}


def objections(code, make_order, *, is_test=True, order_is_test=True, **account):
    members = {"base_url": "https://real.example", "supplier": "Real", **account}
    members["options"] = {**NEEDED[code], **members.get("options", {})}
    account = Account(is_test=is_test, **members)
    order = make_order(is_test=order_is_test)
    return " ".join(vendors.get(code).objections(account, order))


@pytest.mark.parametrize("code", WITHOUT_TEST_MODE)
def test_test_order_at_a_real_address_has_to_be_agreed_upon(code, make_order):
    assert "has no test mode" in objections(code, make_order)
    agreed = {"test_orders_agreed": True}
    assert "has no test mode" not in objections(code, make_order, options=agreed)


@pytest.mark.parametrize("code", WITHOUT_TEST_MODE)
@pytest.mark.parametrize("host", ["http://127.0.0.1:8100/x", "http://localhost/x"])
def test_what_runs_on_this_machine_sells_nothing(code, make_order, host):
    assert "has no test mode" not in objections(code, make_order, base_url=host)


@pytest.mark.parametrize("code", WITHOUT_TEST_MODE)
def test_order_and_account_have_to_be_of_one_mode(code, make_order):
    assert "in test mode; a real order" in objections(
        code, make_order, order_is_test=False
    )
    assert "would be a real purchase" in objections(code, make_order, is_test=False)


@pytest.mark.parametrize("code", WITHOUT_TEST_MODE)
def test_real_order_of_a_live_account_needs_no_agreement(code, make_order):
    told = objections(code, make_order, is_test=False, order_is_test=False)

    assert "test" not in told


@pytest.mark.parametrize("code", vendors.CODES)
def test_every_vendor_that_takes_orders_can_mark_tests_or_asks_for_agreement(code):
    vendor = vendors.get(code)
    options = {field.name for field in vendor.options}
    takes_orders = not vendor.why_not("place_order")

    assert takes_orders is (vendor.has_test_flag or "test_orders_agreed" in options)


def test_agreement_written_as_a_word_counts_as_what_it_says(make_order):
    written = {"test_orders_agreed": "false"}

    assert "has no test mode" in objections("extend", make_order, options=written)

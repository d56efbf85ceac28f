"""An order on its whole way, under each fault: what we say is what the books say."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from procurement.fulfilment.models import PollState
from procurement.fulfilment.polling import poll_supplier
from procurement.orders.models import PurchaseOrder
from procurement.suppliers import budgets
from procurement.suppliers.models import CallBudget, SupplierHealth
from procurement.transmissions.looking_up import look_up
from procurement.transmissions.models import State, Transmission
from tests.factories import ADDRESS, line, make_queued_order, make_supplier
from tests.sending import transmit
from tests.vendors.suite.cases import CASES, offering
from tests.vendors.suite.table import NOT_DONE, WRITES, Case
from vendors.sandbox import Sandbox

pytestmark = pytest.mark.django_db

BUYING = {code: case for code, case in CASES.items() if case.buying}
FAULTS = [fault for fault in WRITES if fault != "slow_drip"]
POLL_FAULTS = ["refused", "lost_answer", "error_before", "html", "rubbish_json"]
HARD_TO_TAKE = ["huge", "hostile_texts", "long_texts"]
EVERY_BUYER = pytest.mark.parametrize("code", BUYING)


@pytest.fixture
def send(sandbox: Sandbox) -> Callable[..., tuple[PurchaseOrder, Transmission]]:
    """Have an order approved and asked to be sent; keyword arguments change it."""

    def build(code: str, **changes: Any) -> tuple[PurchaseOrder, Transmission]:
        case = BUYING[code]
        assert case.buying
        currency = case.buying.order.currency
        supplier = make_supplier(
            code,
            base_url=sandbox.base_url(code),
            auth_url=sandbox.login_url(code),
            currency=currency,
            credentials=dict(case.credentials),
            options={**case.options, "read_timeout": 1},
        )
        order = {
            "currency": currency,
            "lines": [line(**case.buying.item)],
            "delivery_address": ADDRESS if "address" in case.buying.texts else {},
            **changes,
        }
        return make_queued_order(supplier, **order)

    return build


def reload(order: PurchaseOrder, transmission: Transmission) -> None:
    order.refresh_from_db()
    transmission.refresh_from_db()


def booked_numbers(sandbox: Sandbox, order: PurchaseOrder) -> list[str]:
    """Return the vendor's numbers of this order; in some books a note tells whose."""
    return [
        each["number"]
        for each in sandbox.orders(order.supplier.vendor)
        if order.number in each["body"]
    ]


def places(sandbox: Sandbox, code: str) -> int:
    return sum(call.endpoint == "place_order" for call in sandbox.calls(code))


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        pytest.param(code, fault, id=f"{code}-{fault}")
        for code in BUYING
        for fault in FAULTS
    ],
)
def test_we_say_what_the_books_say(sandbox, send, code, fault):
    case = BUYING[code]
    order, transmission = send(code)
    sandbox.add_fault(code, endpoint="place_order", fault=fault, times=1, seconds=3)

    transmit(transmission_id=transmission.pk)
    transmit(transmission_id=transmission.pk)  # the queue repeats tasks
    look_up(transmission_id=transmission.pk)

    reload(order, transmission)
    numbers = booked_numbers(sandbox, order)
    assert places(sandbox, code) == 1
    assert len(numbers) == (fault not in NOT_DONE)
    assert order.transmission == expected_state(case, fault)
    if order.transmission == "sent":
        told = [order.supplier_order_number] if order.supplier_order_number else numbers
        assert told == numbers
    elif order.transmission == "queued":
        goes_out_later(sandbox, order, transmission)
    else:
        comes_to_a_person(order, transmission)


def expected_state(case: Case, fault: str) -> str:
    """What can be known: an order that is found is sent; one that is not, unknown."""
    if fault in ("refused", "throttled"):
        return {"refused": "refused", "throttled": "queued"}[fault]
    [place] = [call for call in case.calls if call.name == "place_order"]
    if place.endings[fault].error is None:
        return "sent"
    is_found = case.buying.can_look_up and fault not in NOT_DONE
    return "sent" if is_found else "unknown"


def goes_out_later(
    sandbox: Sandbox, order: PurchaseOrder, transmission: Transmission
) -> None:
    Transmission.objects.update(next_attempt_at=timezone.now())
    SupplierHealth.objects.update(throttled_until=None)
    budgets.forget()
    transmit(transmission_id=transmission.pk)

    reload(order, transmission)
    assert transmission.state == State.SENT
    assert [order.supplier_order_number] == booked_numbers(sandbox, order)


def comes_to_a_person(order: PurchaseOrder, transmission: Transmission) -> None:
    for _ in settings.LOOK_UP_WAITS:
        look_up(transmission_id=transmission.pk)
    reload(order, transmission)
    assert order.attention
    assert order.status == "needs_attention"


@EVERY_BUYER
def test_a_good_answer_ends_it(sandbox, send, code):
    order, transmission = send(code)

    transmit(transmission_id=transmission.pk)

    reload(order, transmission)
    assert order.transmission == "sent"
    assert [order.supplier_order_number] == booked_numbers(sandbox, order)
    assert order.attention == ""


@EVERY_BUYER
def test_a_token_that_dies_for_good_holds_the_order_back(sandbox, send, code):
    order, transmission = send(code)
    sandbox.add_fault(code, endpoint="place_order", fault="token_dies")

    transmit(transmission_id=transmission.pk)

    reload(order, transmission)
    assert order.transmission == "queued"
    assert booked_numbers(sandbox, order) == []
    assert places(sandbox, code) <= 2
    # The password may be wrong, and another try might lock the account.
    Transmission.objects.update(next_attempt_at=timezone.now())
    transmit(transmission_id=transmission.pk)
    assert places(sandbox, code) <= 2


@pytest.mark.parametrize("fault", HARD_TO_TAKE)
@EVERY_BUYER
def test_an_answer_that_is_hard_to_take_loses_nothing(sandbox, send, code, fault):
    order, transmission = send(code)
    sandbox.add_fault(code, endpoint="place_order", fault=fault, times=1)

    transmit(transmission_id=transmission.pk)
    look_up(transmission_id=transmission.pk)

    reload(order, transmission)
    assert places(sandbox, code) == 1
    assert len(booked_numbers(sandbox, order)) == 1
    if order.transmission == "unknown":
        comes_to_a_person(order, transmission)
    else:
        assert order.transmission == "sent"


def test_what_is_too_long_for_a_number_is_not_kept_as_one(sandbox, send):
    order, transmission = send("eet")
    sandbox.add_fault("eet", endpoint="place_order", fault="long_texts", times=1)

    transmit(transmission_id=transmission.pk)

    reload(order, transmission)
    [number] = booked_numbers(sandbox, order)
    assert (order.transmission, order.supplier_order_number) == ("sent", "")
    assert transmission.text.startswith(f"{number}xxx")
    assert "too long for a number" in transmission.text


@pytest.mark.parametrize("fault", ["cut_before", "lost_answer", "refused", "html"])
@pytest.mark.parametrize(
    "code", [code for code, case in BUYING.items() if case.buying.can_look_up]
)
def test_a_look_up_that_fails_settles_nothing(sandbox, send, code, fault):
    order, transmission = send(code)
    sandbox.add_fault(code, endpoint="place_order", fault="lost_answer", times=1)
    transmit(transmission_id=transmission.pk)
    sandbox.add_fault(code, endpoint="list_orders", fault=fault, times=1)

    look_up(transmission_id=transmission.pk)

    reload(order, transmission)
    assert order.transmission == "unknown"
    look_up(transmission_id=transmission.pk)
    reload(order, transmission)
    assert order.transmission == "sent"
    assert [order.supplier_order_number] == booked_numbers(sandbox, order)


# --- following what was sent --------------------------------------------------


@pytest.mark.parametrize("endpoint", ["list_orders", "read_order"])
@pytest.mark.parametrize("fault", [*POLL_FAULTS, *HARD_TO_TAKE])
@pytest.mark.parametrize("code", offering("list_changed_orders"))
def test_a_poll_that_fails_takes_nothing_back(sandbox, send, code, fault, endpoint):
    order, transmission = send(code)
    transmit(transmission_id=transmission.pk)
    reload(order, transmission)
    number = order.supplier_order_number
    sandbox.add_fault(code, endpoint=endpoint, fault=fault, times=1)

    poll_supplier(supplier_id=order.supplier_id)

    reload(order, transmission)
    assert (order.transmission, order.supplier_order_number) == ("sent", number)
    assert order.fulfilment in ("none", "confirmed")
    sandbox.clear_faults()
    # As when the wait is over, or somebody pressed “Try now”.
    SupplierHealth.objects.update(throttled_until=None, blocked_until=None)
    budgets.forget()
    CallBudget.objects.all().delete()
    poll_supplier(supplier_id=order.supplier_id)
    assert PollState.objects.get(supplier=order.supplier).last_error == ""

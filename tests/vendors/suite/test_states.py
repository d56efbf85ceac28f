"""States of orders: odd words, steps back and repeats, where a vendor shows states."""

from datetime import UTC, datetime

import pytest

from tests.vendors.suite.cases import CALLS, CASES, offering
from tests.vendors.suite.table import keep_placed
from vendors.contracts import Fulfilment
from vendors.errors import Kind, Refused

STEP = 4.1
"""Seconds in which an order of the sandbox moves on by one state."""
WITH_STATES = offering("read_order")
RANK = list(Fulfilment)


@pytest.fixture
def follow(open_at):
    """Place an order and return the desk, and a way to read it."""

    def build(code):
        desk = open_at(code, options=CASES[code].buying.reading_options)
        keep_placed(CASES[code].buying.order)(desk)

        def read():
            return desk.vendor.read_order(desk.client, desk.kept["number"])

        return desk, read

    return build


@pytest.mark.parametrize("code", WITH_STATES)
def test_an_order_goes_forward_to_its_end(sandbox, follow, code):
    desk, read = follow(code)
    seen = [read().fulfilment]

    for _ in range(8):
        sandbox.advance(STEP)
        seen.append(read().fulfilment)

    ranks = [RANK.index(level) for level in seen if level is not None]
    assert ranks == sorted(ranks)
    assert seen[-1] in (Fulfilment.SHIPPED, Fulfilment.DELIVERED)


@pytest.mark.parametrize("code", WITH_STATES)
def test_a_word_nobody_knows_is_kept_and_moves_nothing(sandbox, follow, code):
    desk, read = follow(code)
    sandbox.add_fault(code, endpoint="read_order", fault="unknown_status", times=1)

    odd, plain = read(), read()

    # Rows may still tell how far it is; the word alone never does.
    assert odd.fulfilment in (None, plain.fulfilment)
    assert odd.raw_status not in ("", plain.raw_status)
    assert any(odd.raw_status in word for word in odd.unknown_words)
    assert plain.unknown_words == ()


@pytest.mark.parametrize("code", WITH_STATES)
def test_a_step_back_is_told_as_it_was_shown(sandbox, follow, code):
    """Whether it is believed is for whoever keeps what was seen before."""
    desk, read = follow(code)
    sandbox.advance(STEP)
    later = read()
    sandbox.add_fault(code, endpoint="read_order", fault="backward_status", times=1)

    back, again = read(), read()

    assert RANK.index(back.fulfilment) < RANK.index(later.fulfilment)
    assert again.fulfilment is later.fulfilment
    assert back.number == later.number


@pytest.mark.parametrize("code", offering("list_changed_orders"))
def test_an_order_listed_twice_is_the_same_one(sandbox, follow, code):
    desk, _ = follow(code)
    sandbox.add_fault(code, endpoint="list_orders", fault="repeated_status", times=1)

    page = desk.vendor.list_changed_orders(desk.client, datetime.now(UTC), 0)

    ours = {each for each in page.orders if each.number == desk.kept["number"]}
    assert {each.number for each in ours} == {desk.kept["number"]}
    assert {each.reference for each in ours} == {CASES[code].buying.order.reference}


@pytest.mark.parametrize("code", offering("find_orders"))
def test_an_order_shown_twice_by_the_look_up_is_one(sandbox, follow, code):
    """Two would be an alarm about a double order, and there is one in the books."""
    desk, _ = follow(code)
    _, look_up = CALLS[f"{code}-find_orders"]
    sandbox.add_fault(code, endpoint="list_orders", fault="repeated_status", times=1)

    found = look_up.run(desk)

    assert [order.number for order in found] == [desk.kept["number"]]


@pytest.mark.parametrize("code", offering("cancel_order"))
def test_an_order_is_cancelled_until_picking_begins(sandbox, follow, code):
    early, _ = follow(code)
    early.vendor.cancel_order(early.client, early.kept["number"])
    late, read = follow(code)
    sandbox.advance(3 * STEP)

    with pytest.raises(Refused) as caught:
        late.vendor.cancel_order(late.client, late.kept["number"])

    assert caught.value.kind is Kind.NOT_ALLOWED
    assert read().is_locked
    levels = {read().fulfilment, _read(early).fulfilment}
    assert Fulfilment.CANCELLED in levels
    assert len(levels) == 2


def _read(desk):
    return desk.vendor.read_order(desk.client, desk.kept["number"])

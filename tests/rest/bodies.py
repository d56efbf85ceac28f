"""What the callers of the play send: mostly what will do, sometimes what won't."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.rest.model import Line, Order

PEOPLE = ("bea", "bo", "anna", "axel", "otto", "chief")
QUANTITIES = (*("1", "2.5", "3", "6") * 3, "0", "7", "70", "-1")
EVIDENCE = {"evidence": "Lena read it out on the phone."}

Body = dict[str, Any]


def by_line() -> st.SearchStrategy[Body]:
    """Quantities of some lines, or none said at all; line 9 is never there."""
    positions = st.sampled_from((*("1",) * 8, "2", "9"))
    given = st.dictionaries(positions, st.sampled_from(QUANTITIES), min_size=1)
    said: st.SearchStrategy[Body] = given.map(lambda each: {"quantities": each})
    return st.one_of(st.just({}), said, said)


def _with(*parts: st.SearchStrategy[Body]) -> st.SearchStrategy[Body]:
    return st.tuples(*parts).map(
        lambda found: {k: v for p in found for k, v in p.items()}
    )


def _said(name: str, *values: Any) -> st.SearchStrategy[Body]:
    return st.sampled_from(values).map(lambda value: {name: value})


def _maybe(name: str, *values: Any) -> st.SearchStrategy[Body]:
    return st.one_of(st.just({}), _said(name, *values))


GOOD: dict[str, st.SearchStrategy[Body]] = {
    "submit": st.just({}),
    "approve": _maybe("comment", "Fine."),
    "return": _said("comment", "Too dear."),
    "reject": _said("comment", "Never."),
    "forward": _with(_said("comment", "You know them."), _said("colleague", *PEOPLE)),
    "take_prices": st.just({}),
    "comment": _said("comment", "They call back."),
    "assign": _said("buyer", *PEOPLE, "nobody"),
    "send": st.just({}),
    "cancel": _maybe("reason", "Not needed."),
    "look_up": st.just({}),
    "try_now": st.just({}),
    "dismiss": _said("note", "Called them."),
    "confirm": _with(st.just(EVIDENCE), by_line()),
    "ship": _with(
        st.just(EVIDENCE), _said("number", "DN-1", "DN-2", "DN-3", "DN-4"), by_line()
    ),
    "receive": _with(
        by_line(),
        _maybe("document", "DN-1", "DN-2"),
        _maybe("close_short", True, False),
    ),
    "invoice": _with(
        st.just({**EVIDENCE, "invoice_date": "2031-04-01"}),
        _said("invoice_number", *(f"F-{number}" for number in range(6))),
        _said("amount", "0.01", "41.50", "249.00", "500"),
        _maybe("is_final", True),
    ),
    "record_cancellation": _with(st.just(EVIDENCE), by_line()),
    "refresh": st.just({}),
    "check_lines": st.just({}),
    "resolve": st.just(EVIDENCE),
}
"""A good body of every action; `outcome` of `resolve` is what is true."""

BAD: dict[str, Body] = {
    "return": {},
    "reject": {"comment": " "},
    "forward": {"comment": "You know them."},
    "comment": {"comment": ""},
    "assign": {},
    "dismiss": {"note": ""},
    "confirm": {},
    "ship": EVIDENCE,
    "receive": {"quantities": {"1": "many"}},
    "invoice": {**EVIDENCE, "invoice_number": "F-1", "invoice_date": "2031-04-01"},
    "record_cancellation": {"evidence": ""},
    "resolve": {"outcome": "perhaps", **EVIDENCE},
}
NONSENSE: Body = {"nonsense": 1}


def lines() -> st.SearchStrategy[list[Line]]:
    """One line or two."""
    quantity = st.sampled_from(("6", "1", "2.5", "0.001", "1000"))
    price = st.sampled_from(("41.50", "0.3333", "0", "0.005"))
    line = st.tuples(st.sampled_from(("SKU-1", "SKU-2")), quantity, price)
    return st.lists(line, min_size=1, max_size=2, unique_by=lambda each: each[0]).map(
        lambda found: [
            Line(position, item_number, Decimal(quantity), Decimal(price))
            for position, (item_number, quantity, price) in enumerate(found, start=1)
        ]
    )


def as_sent(given: list[Line]) -> list[Body]:
    return [
        {
            "item_number": line.item_number,
            "quantity": str(line.quantity),
            "unit_price": str(line.unit_price),
        }
        for line in given
    ]


def fitting_caller(action: str, order: Order, *, is_owner: bool = False) -> str:
    """Somebody who would do it in earnest; an owner of the order, if there is one."""
    if action in ("approve", "forward"):
        if is_owner and own_approvers(order):
            return own_approvers(order)[0]
        able = [name for name in ("anna", "axel", "chief") if name not in order.owners]
        return order.handed_to or (able[0] if able else "anna")
    if action in ("return", "reject"):
        return order.handed_to or "axel"
    if action in ("resolve", "dismiss", "look_up", "try_now"):
        return "otto"
    return "bea"


def own_approvers(order: Order) -> list[str]:
    """Who may approve orders, and not this one, since it is their own."""
    return [name for name in ("chief", "anna", "axel") if name in order.owners]

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vendors import decimals

AMOUNTS = st.decimals(min_value=-(10**15), max_value=10**15, places=6)


@given(AMOUNTS)
def test_an_amount_survives_writing_and_reading(amount):
    assert decimals.loads(decimals.dumps({"a": [amount]}).decode()) == {"a": [amount]}


@given(st.integers(-(10**12), 10**12), st.integers(0, 8))
def test_digits_on_the_wire_are_those_of_the_amount(units, places):
    amount = Decimal(units).scaleb(-places)

    assert decimals.dumps(amount) == f"{amount:f}".encode()


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        (Decimal("41.50"), b"41.50"),
        (Decimal("0.1"), b"0.1"),
        (Decimal("1E+2"), b"100"),
        (Decimal("1E-10"), b"0.0000000001"),
        ({"Umeå": (1, None, True)}, '{"Umeå": [1, null, true]}'.encode()),
    ],
)
def test_json_is_written_exactly(value, wire):
    assert decimals.dumps(value) == wire


def test_a_float_is_never_written():
    with pytest.raises(TypeError):
        decimals.dumps({"price": 41.5})


@pytest.mark.parametrize("word", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_never_written(word):
    with pytest.raises(ValueError, match="not a number"):
        decimals.dumps([Decimal(word)])


@pytest.mark.parametrize(
    "text",
    ["NaN", "[Infinity]", "-Infinity", "", "{", "<p>", "[" * 100_000, "9" * 5000],
)
def test_what_is_no_json_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 - any will do
        decimals.loads(text)


def test_a_price_is_read_as_written():
    found = decimals.loads('{"p": 0.1, "q": 1e400, "n": 7}')

    assert found == {"p": Decimal("0.1"), "q": Decimal("1E+400"), "n": 7}
    assert isinstance(found["n"], int)

from decimal import Decimal

import pytest

import vendors
from vendors.prices import price_guard


@pytest.mark.parametrize(
    ("old", "new", "is_warned"),
    [
        ("129.50", "12950", True),
        ("12950", "129.50", True),
        ("129.50", "14245", True),
        ("129.50", "1.20", True),
        ("129.50", "142.45", False),
        ("129.50", "1295", False),
        # The ends of "about 100 times", up and down.
        ("1", "50", True),
        ("1", "49.9999", False),
        ("1", "200", True),
        ("1", "200.0001", False),
        ("50", "1", True),
        ("49.9999", "1", False),
        ("200", "1", True),
        ("200.0001", "1", False),
        # A third has no end as a quotient; multiplied it is exact.
        ("3", "150", True),
        ("0.03", "1.49", False),
        ("600", "3", True),
        # There is nothing to compare with.
        ("0", "100", False),
        ("100", "0", False),
        ("-1", "100", False),
    ],
)
def test_a_price_that_moves_by_about_100_times_is_warned_of(old, new, is_warned):
    assert bool(price_guard(Decimal(old), Decimal(new))) is is_warned


def test_the_warning_names_both_prices():
    assert price_guard(Decimal("129.50"), Decimal(12950)) == (
        "The price went from 129.50 to 12950, which looks like a mistake of a factor "
        "of 100. Check it before buying on it."
    )


def test_the_back_office_reaches_it_through_the_package():
    assert vendors.price_guard is price_guard

"""Prices that can't be right, whichever way they came."""

from decimal import Decimal


def price_guard(old: Decimal, new: Decimal) -> str:
    """Return a warning if a price moved by about a factor of 100, else nothing.

    Some vendors send hundredths by one way and ordinary decimals by another; where
    that is read wrong, or changes one day, every price is wrong by just this factor.
    Don't store such a price and don't order on it. "About" is 50 to 200 times, with
    both ends in it.
    """
    if old <= 0 or new <= 0:
        return ""
    # Multiplied, not divided: a quotient would be rounded at the very ends.
    low, high = min(old, new), max(old, new)
    if 50 * low <= high <= 200 * low:
        return (
            f"The price went from {old} to {new}, which looks like a mistake of a "
            "factor of 100. Check it before buying on it."
        )
    return ""

"""JSON with exact numbers: `Decimal` in and out, never a float in between."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import simplejson


def loads(text: str) -> Any:
    """Parse JSON; a number with a fraction or an exponent becomes a `Decimal`.

    Raises:
        ValueError: no JSON, NaN or Infinity in it, or nested beyond all reason.
    """
    try:
        return simplejson.loads(text, use_decimal=True)
    except RecursionError:
        raise ValueError("JSON nested too deep") from None


def dumps(value: Any) -> bytes:
    """Write JSON as UTF-8; a `Decimal` keeps its digits, so 41.50 stays 41.50.

    Raises:
        TypeError: a float is in it, whose digits nobody approved.
        ValueError: a Decimal that is no number.
    """
    exact = _exact(value)
    return simplejson.dumps(exact, ensure_ascii=False).encode()


def _exact(value: Any) -> Any:
    match value:
        case float():
            raise TypeError(f"A float in a payload: {value!r}.")
        case Decimal():
            if not value.is_finite():
                raise ValueError(f"{value} is not a number JSON can say.")
            # Plain digits: str() would write 1E+2, which strict readers refuse.
            return simplejson.RawJSON(f"{value:f}")
        case Mapping():
            return {name: _exact(member) for name, member in value.items()}
        case list() | tuple():
            return [_exact(member) for member in value]
    return value

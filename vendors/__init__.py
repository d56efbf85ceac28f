"""How the vendors' APIs speak; plain Python, usable without the back-office.

`get(code)` is the whole way in: it returns the `Vendor`, which declares what the
API behind it can do. `price_guard` looks at prices of any of them.
"""

from functools import cache
from importlib import import_module
from typing import cast

from vendors.contracts import Vendor
from vendors.prices import price_guard

__all__ = ["CODES", "get", "price_guard"]

CODES = ("eet", "kvik", "di", "simutek", "extend")


@cache
def get(code: str) -> Vendor:
    """Return the vendor behind a code.

    Raises:
        KeyError: no such vendor; the text names those there are.
    """
    if code not in CODES:
        raise KeyError(f"No vendor {code!r}; known are {', '.join(CODES)}.")
    return cast(Vendor, import_module(f"vendors.{code}").VENDOR)

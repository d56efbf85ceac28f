"""What the suite knows of each vendor: a file for each, and this list of them."""

from collections.abc import Mapping

from tests.vendors.suite.cases import di, eet, extend, kvik, simutek, tinker
from tests.vendors.suite.table import Call, Case

CASES: Mapping[str, Case] = {
    case.code: case
    for case in (
        eet.CASE,
        kvik.CASE,
        di.CASE,
        simutek.CASE,
        extend.CASE,
        tinker.CASE,
    )
}
CALLS: Mapping[str, tuple[Case, Call]] = {
    f"{case.code}-{call.name}": (case, call)
    for case in CASES.values()
    for call in case.calls
}


def offering(name: str) -> list[str]:
    """Return the vendors that offer a capability."""
    return [code for code in CASES if f"{code}-{name}" in CALLS]

"""Calls find room on the interpreter's stack, however deep they are made."""

import resource
import sys
from collections.abc import Callable
from typing import Any

import pytest

from procurement.memory import Application, with_room

CALLS = 1_000
FRAMES = 400
"""Deep enough to cross the end of a piece of the stack several times."""


def leaf(*given: int) -> tuple[int, ...]:
    return given


def call_often() -> int:
    """Return how many pages the machine had to bring for many calls."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for number in range(CALLS):
        leaf(number)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def at(depth: int, work: Callable[[], int]) -> int:
    return at(depth - 1, work) if depth else work()


def application(environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
    return [str(at(environ["depth"], call_often)).encode()]


def most_pages(asked: Application) -> int:
    return max(int(b"".join(asked({"depth": depth}, print))) for depth in range(FRAMES))


@pytest.mark.skipif(
    sys.implementation.name != "cpython" or sys.version_info[:2] != (3, 11),
    reason="other versions may lay out their stack in another way",
)
def test_no_depth_makes_calls_dear() -> None:
    assert most_pages(with_room(application)) < CALLS / 10
    # Without it some depth does: if none did any more, it could go.
    assert most_pages(application) >= CALLS

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.vendors.sixth import on_board
from tests.vendors.suite.cases import CASES
from tests.vendors.suite.desk import Desk, open_desk
from tests.vendors.suite.table import Call
from vendors.sandbox import Sandbox


@pytest.fixture(scope="package")
def running() -> Iterator[Sandbox]:
    with on_board(), Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Sandbox:
    running.reset()
    return running


@pytest.fixture
def open_at(sandbox: Sandbox) -> Callable[..., Desk]:
    """Open a desk at a vendor; keyword arguments replace members of its case."""

    def build(code: str, **changes: Any) -> Desk:
        case = CASES[code]
        credentials = changes.get("credentials", case.credentials)
        return open_desk(
            sandbox, code, credentials, {**case.options, **changes.get("options", {})}
        )

    return build


@pytest.fixture
def ready(open_at: Callable[..., Desk]) -> Callable[[str, Call], Desk]:
    """Open a desk and bring about what a call needs to be there before."""

    def build(code: str, call: Call) -> Desk:
        desk = open_at(code)
        call.begin(desk)
        desk.start_counting()
        return desk

    return build

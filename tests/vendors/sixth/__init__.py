"""A sixth vendor, invented, to prove that one can be added by the README alone.

`tinker/` and `sandbox/tinker/` are what would stand in `vendors/` and in
`vendors/sandbox/`; `on_board` does what the two lines of the last step do.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import pytest

import vendors
import vendors.sandbox
from vendors.sandbox import sandbox

HERE = Path(__file__).parent
CODE = "tinker"


@contextmanager
def on_board() -> Iterator[None]:
    """Let Tinker be one of the vendors, here and in sandboxes opened meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vendors, "__path__", [*vendors.__path__, str(HERE)])
        folders = [*vendors.sandbox.__path__, str(HERE / "sandbox")]
        patch.setattr(vendors.sandbox, "__path__", folders)
        patch.setattr(vendors, "CODES", (*vendors.CODES, CODE))
        stand_in = import_module(f"vendors.sandbox.{CODE}").Tinker
        patch.setattr(sandbox, "VENDORS", (*sandbox.VENDORS, stand_in))
        yield
    vendors.get.cache_clear()

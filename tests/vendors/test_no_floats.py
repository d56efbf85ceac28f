"""Money and quantities never pass through a float in a vendor module."""

import ast
from pathlib import Path

import pytest

import vendors

ROOT = Path(vendors.__file__).parent
MODULES = sorted(
    path
    for name in (*vendors.CODES, "reading.py", "decimals.py", "options.py")
    for path in ([ROOT / name] if name.endswith(".py") else (ROOT / name).rglob("*.py"))
)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_float_is_made_or_named(path):
    tree = ast.parse(path.read_text())
    guards = {
        id(node.cls)  # `case float():` refuses one, and makes none
        for node in ast.walk(tree)
        if isinstance(node, ast.MatchClass)
    }
    named = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id == "float" and id(node) not in guards
    ]
    written = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, float)
    ]

    assert (named, written) == ([], [])

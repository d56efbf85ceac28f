"""Rules of the structure that no single file can keep."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import vendors
from procurement import VERSION

ROOT = Path(__file__).resolve().parent.parent
LAYERS = (
    "coordination",
    "access",
    "preferences",
    "runs",
    "lists",
    "suppliers",
    "transmissions",
    "customers",
    "shops",
    "logins",
    "reach",
    "orders",
    "approvals",
    "fulfilment",
    "inbound",
    "catalogue",
    "imports",
    "events",
    "webhooks",
    "documents",
    "approving",
    "alarms",
    "notices",
    "troubles",
    "cockpit",
    "audit",
    "accounts",
    "retention",
    "persons",
    "figures",
    "backups",
)
"""Imports go from a later one to an earlier one, never back."""
SIBLINGS = {("shops", "customers"), ("fulfilment", "approvals")}
EVERY_VENDOR_HAS = {
    "__init__.py",
    "mapping.py",
    "settings.py",
    "auth.py",
    "products.py",
    "orders.py",
    "status.py",
    "checklist.py",
}
PLATFORM = {"management", "demo", "migrations"}


def python_files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_vendors_know_neither_django_nor_the_back_office() -> None:
    for path in python_files("vendors"):
        roots = {name.partition(".")[0] for name in imports(path)}
        assert not roots & {"django", "rest_framework", "django_q", "procurement"}, path


def test_sandbox_knows_nothing_of_the_modules_it_tests() -> None:
    for path in python_files("vendors/sandbox"):
        for name in imports(path):
            assert not name.startswith("vendors.") or name.startswith(
                "vendors.sandbox"
            ), f"{path} imports {name}"


def test_vendor_modules_do_not_know_each_other_or_the_sandbox() -> None:
    for code in vendors.CODES:
        others = {f"vendors.{other}" for other in vendors.CODES if other != code}
        for path in python_files(f"vendors/{code}"):
            for name in imports(path):
                assert not name.startswith((*others, "vendors.sandbox")), path


@pytest.mark.parametrize("code", vendors.CODES)
def test_every_vendor_has_the_same_files(code: str) -> None:
    assert {path.name for path in python_files(f"vendors/{code}")} >= EVERY_VENDOR_HAS


def test_imports_in_the_back_office_point_one_way() -> None:
    for position, app in enumerate(LAYERS):
        above = set(LAYERS[position + 1 :]) | {
            sibling for one, sibling in SIBLINGS if one == app
        }
        for path in python_files(f"procurement/{app}"):
            if "migrations" in path.parts:
                continue
            for name in imports(path):
                parts = name.split(".")
                if parts[0] == "procurement" and len(parts) > 1:
                    assert parts[1] not in above, f"{path} imports {name}"


def test_only_the_gateway_and_conversations_open_clients() -> None:
    allowed = {"gateway.py", "conversations.py"}
    for path in python_files("procurement"):
        if path.name not in allowed:
            assert "open_client" not in path.read_text(), path


def test_procurement_knows_only_the_vendors_contracts() -> None:
    """Types of the client may be named; no vendor's own module may."""
    allowed = {
        "vendors",
        "vendors.contracts",
        # Our own webhooks go out over the same checked and bounded connections, and
        # what receivers answer is masked as vendors' answers are.
        "vendors.destinations",
        "vendors.limits",
        "vendors.masking",
        "vendors.transport",
        "vendors.errors",
        "vendors.http",
        "vendors.openapi",
        "vendors.prices",
    }
    for path in python_files("procurement"):
        if path.name == "sandbox.py":
            continue
        for name in imports(path):
            if name.partition(".")[0] == "vendors":
                module = ".".join(name.split(".")[:2])
                assert module in allowed, f"{path} imports {name}"


def test_no_float_in_code_that_handles_orders() -> None:
    folders = (
        *(f"vendors/{code}" for code in vendors.CODES),
        "procurement/orders",
        "procurement/approvals",
        "procurement/fulfilment",
        "procurement/catalogue",
        "procurement/imports",
        "procurement/sheets",
        "procurement/approving",
    )
    for folder in folders:
        for path in python_files(folder):
            for node in ast.walk(ast.parse(path.read_text())):
                is_cast = (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Name)
                    and node.func.id == "float"
                )
                is_number = isinstance(node, ast.Constant) and isinstance(
                    node.value, float
                )
                assert not is_cast, f"{path}:{node.lineno} makes a float"
                assert not is_number, f"{path}:{node.lineno} holds a float"


def test_version_is_told_in_one_way() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert project["version"] == VERSION


def test_days_are_the_installations_and_not_of_whoever_looks() -> None:
    """Django's own goes by the zone that is active, which is the person's."""
    for path in python_files("procurement"):
        if path.name != "clock.py":
            assert "localdate(" not in path.read_text(), path

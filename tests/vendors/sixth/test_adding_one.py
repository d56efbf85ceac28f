"""Adding a vendor takes the files the README names, and nothing else."""

import re
from pathlib import Path

import pytest

import vendors
from tests.factories import make_supplier, make_user
from tests.test_architecture import EVERY_VENDOR_HAS, imports
from tests.vendors.sixth import HERE, on_board
from vendors.contracts import Capability
from vendors.sandbox import Sandbox

ROOT = Path(vendors.__file__).resolve().parent
README = (ROOT / "README.md").read_text()
STEPS = README.partition("## Adding a vendor")[2].partition("\n## ")[0]
PLACES = {
    "vendors/tinker/": HERE / "tinker",
    "vendors/sandbox/tinker/": HERE / "sandbox" / "tinker",
    "tests/vendors/tinker/": HERE,
    "tests/vendors/suite/cases/": HERE.parent / "suite" / "cases",
}


def test_the_files_of_the_readme_are_those_that_are_there():
    named = re.findall(r"^\| `((?:vendors|tests)/[\w/.]+)` \|", STEPS, re.MULTILINE)
    assert len(named) >= 11
    for path in named:
        folder = next((f for f in PLACES if path.startswith(f)), None)
        if folder is None:
            assert (ROOT.parent / path).exists(), path
        else:
            assert (PLACES[folder] / path.removeprefix(folder)).exists(), path
    in_module = {Path(p).name for p in named if p.startswith("vendors/tinker/")}
    assert in_module == EVERY_VENDOR_HAS
    assert {path.name for path in (HERE / "tinker").glob("*.py")} == in_module


def test_its_files_keep_the_rules_of_the_structure():
    others = tuple(f"vendors.{code}" for code in vendors.CODES)
    for path in (HERE / "tinker").glob("*.py"):
        for name in imports(path):
            assert not name.startswith((*others, "vendors.sandbox", "procurement"))
    for path in (HERE / "sandbox").rglob("*.py"):
        for name in imports(path):
            assert not name.startswith("vendors") or name.startswith("vendors.sandbox")


def test_it_is_one_of_the_vendors_while_it_is_on_board():
    assert "tinker" not in vendors.CODES
    with on_board(), Sandbox() as sandbox:
        assert vendors.get("tinker").name == "Tinker Tools"
        assert "place_order" in sandbox.vendors["tinker"]
    with pytest.raises(KeyError):
        vendors.get("tinker")


@pytest.mark.django_db
def test_the_back_office_takes_it_as_it_is(client):
    client.force_login(make_user("root", is_superuser=True))
    with on_board():
        supplier = make_supplier("tinker", credentials={"key": "k-4711"})
        choices = client.get("/admin/suppliers/supplier/add/").content.decode()
        page = client.get(f"/admin/suppliers/supplier/{supplier.pk}/change/")
        assert supplier.api.offers(Capability.PLACE_ORDER)

    assert "Tinker Tools" in choices
    assert page.status_code == 200
    assert "k-4711" not in page.content.decode()

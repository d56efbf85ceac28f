"""The version, wherever it is told, and what is said about it."""

import re
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from procurement import VERSION
from procurement.suppliers import gateway
from tests.factories import make_supplier

ROOT = Path(settings.BASE_DIR)


def test_newest_heading_of_the_changelog_is_the_version() -> None:
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), re.M)

    released = [heading for heading in headings if heading != "Unreleased"]
    assert released[0] == VERSION
    assert len(set(headings)) == len(headings)


def test_command_line_says_the_version() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "version"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == f"procurement {VERSION}\n"


def test_suppliers_see_which_version_calls(db: None) -> None:
    with gateway.open_client(make_supplier(), lambda exchange: None) as client:
        assert client.user_agent == f"procurement/{VERSION}"

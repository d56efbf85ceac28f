"""What the guides tell a reader to type works, word for word."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from procurement.access.models import SCOPES
from tests.describing.demo import Demo, running_demo

GUIDES = Path(__file__).resolve().parent.parent.parent / "docs" / "api"
SECONDS = 240


def blocks(page: str, language: str) -> list[str]:
    text = (GUIDES / f"{page}.md").read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.M | re.S)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("guide")) as found:
        yield found


@pytest.mark.slow
def test_first_order_with_curl(demo: Demo) -> None:
    script = demo.folder / "guide.sh"
    script.write_text("\n".join(blocks("first-order", "sh")))

    done = subprocess.run(
        ["/usr/bin/env", "bash", "-euo", "pipefail", script.name],
        cwd=demo.folder,
        env=demo.environment(),
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    number = re.search(r"^PO-\d{4}-\d{6}$", done.stdout, re.M)
    assert number, done.stdout
    *_, last = done.stdout.splitlines()
    assert re.match(r"20\d\d-\S+Z (confirmed|shipped|delivered) ", last)


@pytest.mark.slow
def test_first_order_with_python(demo: Demo) -> None:
    (program,) = blocks("first-order", "python")

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=demo.folder,
        env={**demo.environment(), **demo.exported()},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    *_, last = done.stdout.splitlines()
    assert re.fullmatch(r"PO-\S+ is (confirmed|shipped|delivered)", last)


def test_page_of_keys_names_every_scope() -> None:
    page = (GUIDES / "keys.md").read_text()

    assert re.findall(r"^\| `([a-z:]+)` \|", page, re.M) == list(SCOPES)

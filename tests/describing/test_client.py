"""A typed client that others' tool makes of the description works against it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from procurement.describing.views import description_text
from tests.describing.demo import Demo, running_demo

pytestmark = pytest.mark.slow
CONFIG = """\
project_name_override: procurement_api
package_name_override: procurement_api
content_type_overrides:
  application/pdf: application/octet-stream
post_hooks: []
"""
PROGRAM = Path(__file__).with_name("client_program.py")


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the client was generated into."""
    folder = tmp_path_factory.mktemp("client")
    (folder / "openapi.json").write_text(description_text())
    (folder / "config.yml").write_text(CONFIG)
    done = subprocess.run(
        [
            *(str(Path(sys.executable).parent / "openapi-python-client"), "generate"),
            *("--path", "openapi.json", "--config", "config.yml"),
            *("--meta", "none", "--output-path", "procurement_api"),
            "--fail-on-warning",
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning" not in (done.stdout + done.stderr).lower(), done.stdout
    return folder


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("guide")) as found:
        yield found


def test_generated_names_read_well(package: Path) -> None:
    models = {path.stem for path in (package / "procurement_api/models").glob("*.py")}

    assert {"order", "order_input", "order_change", "order_page", "problem"} <= models
    odd = {name for name in models if "type_" in name or "_enum" in name}
    assert not odd


def test_program_with_the_generated_client_is_typed(package: Path) -> None:
    (package / "program.py").write_text(PROGRAM.read_text())

    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "program.py"],
        cwd=package,
        capture_output=True,
        text=True,
        timeout=300,
    )

    assert done.returncode == 0, done.stdout[-3000:]


def test_program_with_the_generated_client_buys(package: Path, demo: Demo) -> None:
    (package / "program.py").write_text(PROGRAM.read_text())

    done = subprocess.run(
        [sys.executable, "program.py"],
        cwd=package,
        env={**demo.environment(), **demo.exported()},
        capture_output=True,
        text=True,
        timeout=240,
    )

    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    shown = json.loads(done.stdout.splitlines()[-1])
    assert shown["total"] == "249.00"
    assert shown["status"] in ("confirmed", "shipped", "delivered")
    assert shown["refused"] == "invalid"

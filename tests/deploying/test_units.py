"""deploy/systemd: units that systemd understands, with times that fit the product."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from procurement.coordination.watching import OVERDUE_SECONDS
from tests.processes import ROOT

UNITS = ROOT / "deploy" / "systemd"
ANALYZE = shutil.which("systemd-analyze")
SERVICES = sorted(path.name for path in UNITS.glob("*.service"))
LONG_RUNNING = [name for name in SERVICES if "@" in name]
EXPOSURE = 2.0
"""Of 10; what systemd itself calls OK ends at 4.9."""


def read(name: str) -> configparser.RawConfigParser:
    found = configparser.RawConfigParser(strict=False)
    found.optionxform = str  # type: ignore[assignment,method-assign]
    found.read_string((UNITS / name).read_text())
    return found


def in_place(folder: Path) -> list[str]:
    """The units as installed, with programs of this machine in the place of ours."""
    names = []
    for unit in UNITS.iterdir():
        name = unit.name.replace("@.", "@1.")
        text = re.sub(r"/opt/procurement/\.venv/bin/\w+", "/bin/true", unit.read_text())
        (folder / name).write_text(text)
        names.append(name)
    shutil.copy(
        folder / "procurement-web@1.service", folder / "procurement-web@.service"
    )
    return names


@pytest.mark.skipif(not ANALYZE, reason="there is no systemd-analyze")
def test_systemd_understands_every_unit(tmp_path: Path) -> None:
    names = in_place(tmp_path)
    assert complaints(tmp_path, names) == []

    planted = tmp_path / "procurement-backup.timer"
    planted.write_text(planted.read_text().replace("OnCalendar=*", "OnCalender=*"))
    assert any("OnCalender" in each for each in complaints(tmp_path, names))


def complaints(folder: Path, names: list[str]) -> list[str]:
    done = subprocess.run(
        [str(ANALYZE), "verify", *(str(folder / name) for name in names)],
        env={"SYSTEMD_UNIT_PATH": f"{folder}:", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    return [line for line in done.stderr.splitlines() if "procurement" in line]


@pytest.mark.skipif(not ANALYZE, reason="there is no systemd-analyze")
@pytest.mark.parametrize("name", SERVICES)
def test_little_is_left_that_a_service_may_do(name: str, tmp_path: Path) -> None:
    in_place(tmp_path)
    done = subprocess.run(
        [
            *("systemd-analyze", "security", "--offline=true"),
            tmp_path / name.replace("@.", "@1."),
        ],
        capture_output=True,
        text=True,
    )
    found = re.search(r"exposure level for .*: ([\d.]+)", done.stdout)
    assert found, done.stderr
    assert float(found[1]) <= EXPOSURE


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_services_end_as_the_product_wants_it(name: str) -> None:
    service = read(name)["Service"]
    assert service["KillMode"] == "mixed"
    assert service["Restart"] == "always"
    assert service["User"] == "procurement"
    assert service["EnvironmentFile"] == "/etc/procurement/env"


def test_who_is_stopped_gets_longer_than_it_may_take() -> None:
    web = int(read("procurement-web@.service")["Service"]["TimeoutStopSec"])
    worker = int(read("procurement-worker@.service")["Service"]["TimeoutStopSec"])
    assert web > 300
    assert worker > settings.Q_CLUSTER["timeout"] + OVERDUE_SECONDS


def test_both_web_servers_answer_on_the_one_socket() -> None:
    web = read("procurement-web@.service")
    assert web["Service"]["Sockets"] == "procurement-web.socket"
    assert web["Service"]["Type"] == "notify"
    wanted = (UNITS / "procurement.target").read_text()
    assert "procurement-web@1.service procurement-web@2.service" in wanted

"""What is known of the packages we install, and of the settings we recommend."""

import json
import os
import subprocess
import sys
import tomllib
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.hardening import audit
from tests.hardening.audit import EXCEPTIONS, Holes, read, unexplained

PRODUCTION = {
    "SECRET_KEY": "kYh3-7qUe0vN_2wXz8mLr5pTb1cFd9sGj4aKo6iQ-uMnBvCxZlWyEtRp",
    "CREDENTIAL_KEYS": "Zr8_vQ2mN-5xTk7wLp0sYb3cHd6gJf9aUe1iOo4uRtWqXzCvBnMl",
    "ALLOWED_HOSTS": "procurement.example.com",
    "PUBLIC_URL": "https://procurement.example.com",
    "BEHIND_PROXY": "on",
    "HTTPS_ONLY": "on",
    "ALLOW_INSECURE_LOOPBACK": "off",
    "DJANGO_SETTINGS_MODULE": "procurement.settings",
}


def printed(*holes: dict[str, object]) -> str:
    django = {"name": "django", "version": "5.2.19", "vulns": list(holes)}
    skipped = {"name": "six", "version": "1", "skip_reason": "not found"}
    return json.dumps({"dependencies": [django, skipped]})


HOLE = {"id": "PYSEC-2031-1", "fix_versions": ["5.2.20"], "aliases": []}


def test_hole_is_named_with_the_version_that_mends_it() -> None:
    holes = read(printed(HOLE))

    assert holes.audited == 1
    assert unexplained(holes, date(2031, 1, 1)) == [
        "PYSEC-2031-1: django 5.2.19, put right in 5.2.20"
    ]


def test_packages_nobody_looked_up_are_not_audited() -> None:
    skipped = {"name": "six", "version": "1", "skip_reason": "not found"}
    assert read(json.dumps({"dependencies": [skipped]})) == Holes({}, 0)


def test_exception_holds_until_its_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        audit, "exceptions", lambda: {"PYSEC-2031-1": date(2031, 6, 30)}
    )
    holes = read(printed(HOLE))

    assert unexplained(holes, date(2031, 6, 30)) == []
    assert len(unexplained(holes, date(2031, 7, 1))) == 1


@pytest.mark.parametrize(("is_required", "result"), [("", 0), ("1", 1)])
def test_database_out_of_reach_is_said_and_fails_where_it_is_required(
    monkeypatch: pytest.MonkeyPatch, capsys, is_required: str, result: int
) -> None:
    monkeypatch.setenv("PIP_AUDIT_REQUIRED", is_required)
    monkeypatch.setattr(audit, "COMMAND", (sys.executable, "-c", "print('no')"))

    assert audit.main() == result
    assert "NOT AUDITED" in capsys.readouterr().out


def test_every_exception_has_a_reason_and_a_day_to_come() -> None:
    today = datetime.now(UTC).date()
    for each in tomllib.loads(EXCEPTIONS.read_text()).get("exception", []):
        assert len(each["reason"]) > 20, each["id"]
        assert today <= each["until"] <= today + timedelta(days=184), each["id"]


@pytest.mark.slow
def test_settings_of_an_installation_behind_a_proxy_pass_djangos_checks() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env={**os.environ, "DATABASE_URL": "", "REDIS_URL": "", **PRODUCTION},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, "no issues" in done.stdout) == (0, True), done.stderr

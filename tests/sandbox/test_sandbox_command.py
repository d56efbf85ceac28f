"""`manage.py sandbox`: what it explains, and what it refuses."""

import contextlib
import io

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from procurement.management.commands.sandbox import Command
from vendors.sandbox import Sandbox


def test_help_explains_accounts_control_calls_faults_and_settings(capsys):
    with contextlib.suppress(SystemExit):
        Command().create_parser("manage.py", "sandbox").parse_args(["--help"])

    text = capsys.readouterr().out
    for shown in (
        "sandbox-extend-password",
        "POST   /_sandbox/webhooks",
        "lost_answer",
        "unknown_trigger",
        "hook_retry_seconds",
    ):
        assert shown in text


@pytest.mark.parametrize("setting", ["nope=1", "step_seconds=0", "freight_row=maybe"])
def test_a_setting_that_will_not_do_ends_it(setting):
    with pytest.raises(CommandError):
        call_command("sandbox", "--port=0", f"--set={setting}")


def test_settings_are_given_by_name_and_the_addresses_are_printed(monkeypatch):
    served = []
    monkeypatch.setattr(
        Sandbox, "serve_forever", lambda self: (served.append(self), self.close())
    )
    printed = io.StringIO()

    call_command(
        "sandbox",
        "--port=0",
        "--step-seconds=0.5",
        "--set=eet_unknown_items=empty",
        "--set=rate_limit=7",
        stdout=printed,
    )

    [sandbox] = served
    settings = sandbox.state()["settings"]
    assert settings["step_seconds"] == 0.5
    assert settings["eet_unknown_items"] == "empty"
    assert settings["rate_limit"] == 7
    for vendor in sandbox.vendors:
        assert sandbox.base_url(vendor) in printed.getvalue()

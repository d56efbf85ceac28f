"""What `docs/api/webhooks.md` tells receivers to run works on a real message."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from procurement.webhooks import reading, receivers, sending
from procurement.webhooks.operations import DEFAULT_OVERLAP, LONGEST_OVERLAP
from tests.factories import make_order
from tests.webhooks.receiver import Taken, receiving
from tests.webhooks.sending import happen, make_endpoint, take_turns

TEXT = (Path(settings.BASE_DIR) / "docs" / "api" / "webhooks.md").read_text()


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def message(db: None) -> tuple[str, Taken]:
    order = make_order()
    with receiving() as receiver:
        endpoint = make_endpoint(receiver.url)
        happen(order, "approved", said="it's “so”")
        take_turns()
    return endpoint.secret, receiver.taken[0]


def test_the_python_verifies_and_refuses(message: tuple[str, Taken]) -> None:
    secret, taken = message
    names: dict[str, Any] = {
        "secret": secret,
        "body": taken.body.decode(),
        "headers": taken.headers,
    }
    exec(block("python"), names)  # noqa: S102
    assert names["message"]["type"] == "order.approved"

    names["body"] += " "
    exec(block("python"), names)  # noqa: S102
    assert names["message"] is None


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not there")
def test_the_shell_makes_the_signature(message: tuple[str, Taken]) -> None:
    secret, taken = message
    made = subprocess.run(
        ["/bin/sh", "-c", block("sh")],
        env={
            "PATH": "/usr/bin:/bin:/usr/local/bin",
            "SECRET": secret,
            "ID": taken.id,
            "TIMESTAMP": taken.headers["webhook-timestamp"],
            "BODY": taken.body.decode(),
        },
        capture_output=True,
        text=True,
        check=True,
    )

    assert f"v1,{made.stdout.strip()}" == taken.headers["webhook-signature"]


def test_the_figures_are_those_of_the_code() -> None:
    units = {"s": 1, "min": 60, "h": 3600}
    row = re.search(r"^\| after \|(.*)\|$", TEXT, re.MULTILINE)
    assert row is not None
    told = [cell.split() for cell in row[1].split("|")]
    waits = [int(number) * units[unit] for number, unit in told]

    assert waits == settings.WEBHOOK_RETRY_WAITS
    assert f"After {receivers.LIMITS.total:g} seconds" in TEXT
    assert settings.WEBHOOK_DISABLE_AFTER_DAYS == 5
    assert settings.WEBHOOK_RETENTION_DAYS == 30
    assert reading.MOST_WAITING == 1000
    assert sending.HELD_AFTER == 5
    assert (sending.HOLDS[0], sending.HOLDS[-1]) == (10, 300)
    assert sending.MOST_OF_AN_ANSWER == 2000
    assert DEFAULT_OVERLAP.total_seconds() == 24 * 3600
    assert LONGEST_OVERLAP.total_seconds() == 168 * 3600

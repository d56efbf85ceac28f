"""After a day of work no secret lies anywhere but where it has to.

A demo is run with everything it does, and then every secret it had is looked for in all
tables, files, command lines, pages, answers. `SECRECY_HOME` names the folder of a demo
that was run before (`var/demo`), to spare the minutes of another one.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from procurement.demo.installation import USERNAME, Installation
from procurement.demo.story import tell_story
from tests.secrecy.estate import Estate
from tests.secrecy.hunting import Find, Hunt, Secret

PLAIN = {
    ("table django_session", "session key"): "the key is how Django finds a session; "
    "whoever reads the database sees all that it would show",
    ("table accounts_loginsession", "session key"): "the same key, in the same "
    "database, by which a person ends a login from another browser",
    ("file keys.env", "API key of"): "the demo's keys for its owner, mode 0600",
    ("file secrets.env", ""): "the demo's settings, as .env is; mode 0600",
}
"""Where a secret stands by design: place, beginning of what it is, and why."""


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    before = os.environ.get("SECRECY_HOME")
    home = Path(before) if before else tmp_path_factory.mktemp("demo")
    installation = Installation(home.resolve())
    with installation.running():
        keys = json.loads(
            installation.manage(
                "prepare_demo",
                f"--username={USERNAME}",
                f"--password={installation.password}",
            )
        )
        installation.keep_keys(keys)
        if not before:
            rows: list[str] = []
            assert tell_story(installation, keys, lambda row: rows.append(str(row)))
        yield Estate(installation, keys)


def unexpected(finds: list[Find]) -> list[Find]:
    return [
        find
        for find in finds
        if not any(
            find.place == place and find.secret.startswith(secret)
            for place, secret in PLAIN
        )
    ]


@pytest.mark.slow
def test_secrets_are_nowhere_and_planted_ones_are_found(estate: Estate) -> None:
    pages = list(estate.answers())
    secrets = list(estate.secrets())
    hunt = Hunt(secrets)
    names = {secret.name for secret in secrets}
    assert {
        "SECRET_KEY",
        "CREDENTIAL_KEYS",
        "DEMO_PASSWORD",
        "API key of web shop",
        "session key",
        "suppliers.Supplier.credentials.password",
        "suppliers.Supplier.credentials.client_secret",
        "suppliers.Supplier.credentials.webhook_secret",
        "suppliers.SupplierToken.value",
    } <= names
    assert len(pages) > 80

    finds: list[Find] = []
    for source in (
        pages,
        estate.tables(),
        estate.files(),
        estate.command_lines(),
    ):
        looked = 0
        for place, text in source:
            looked += 1
            finds += hunt.look(place, text)
        assert looked >= 5

    assert unexpected(finds) == []
    modes = {
        path.name: path.stat().st_mode & 0o077
        for path in estate.installation.home.glob("*.env")
    }
    assert modes == {"keys.env": 0, "secrets.env": 0}
    _planted_ones_are_found(estate)


def _planted_ones_are_found(estate: Estate) -> None:
    """In a table, on pages, in REST, in a log and on a command line."""
    planted = Secret("planted", "a-planted-secret/with=odd&signs")
    hunt = Hunt([planted])
    spellings = sorted(planted.spellings())
    estate.installation.manage(
        "shell",
        "-c",
        "from procurement.suppliers.models import Supplier;"
        f"Supplier.objects.filter(vendor='eet').update(name={planted.text!r})",
    )
    with (estate.installation.home / "web.log").open("a") as log:
        log.write(f"an old debug line: {spellings[0]}\n")
    waiting = subprocess.Popen(
        [sys.executable, "-c", "input()", f"--password={planted.text}"],
        stdin=subprocess.PIPE,
        env=estate.installation.environment(),
    )
    try:
        found = {
            find.place.partition(" ")[0] + (" " + find.place.split()[1])
            for source in (
                estate.tables(),
                estate.files(),
                estate.command_lines(),
                estate.answers(),
            )
            for place, text in source
            for find in hunt.look(place, text)
        }
    finally:
        waiting.kill()
        waiting.wait()
    assert {
        "table suppliers_supplier",
        "file web.log",
        f"ps {waiting.pid}",
        "GET /api/v1/suppliers/",
    } <= found
    assert any(place.startswith("GET /admin/") for place in found)


@pytest.mark.parametrize("before", ["", "x", "xy", "xyz"])
def test_every_spelling_is_found(before: str) -> None:
    import base64
    from urllib.parse import quote

    text = "s3cret/wörd+with=odd&signs?"
    hunt = Hunt([Secret("it", text)])
    longer = f"{before}{text} and more".encode()

    for spelt in (
        text,
        quote(text, safe=""),
        json.dumps({"said": text}),
        json.dumps({"said": json.dumps({"it": text})}),
        longer.hex(),
        longer.hex().upper(),
        base64.b64encode(longer).decode(),
        base64.urlsafe_b64encode(longer).decode(),
    ):
        assert hunt.look("here", f"before {spelt} after"), spelt
    assert not hunt.look("here", "nothing of the kind")

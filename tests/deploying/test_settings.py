"""Settings in the code, in `.env.example` and in deploy/, with the same defaults."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from tests.processes import ROOT

FILES = [ROOT / "gunicorn.conf.py", *sorted((ROOT / "procurement").rglob("*.py"))]
EXAMPLE = (ROOT / ".env.example").read_text()
COMPOSE = (ROOT / "deploy" / "compose.yaml").read_text()
CADDYFILE = (ROOT / "deploy" / "Caddyfile").read_text()
NEEDED = {"SECRET_KEY", "CREDENTIAL_KEYS"}
DEFAULT_DEPENDS = {
    # On, unless DEBUG is on.
    "HTTPS_ONLY",
}


def explained() -> dict[str, str]:
    return dict(re.findall(r"^([A-Z][A-Z0-9_]*)=(.*)$", EXAMPLE, re.MULTILINE))


def read() -> Iterator[tuple[str, Any]]:
    """Each setting the code reads, with its default; None where it is worked out."""
    for path in FILES:
        if "env." not in (text := path.read_text()):
            continue
        for node in ast.walk(ast.parse(text)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "env"
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                yield str(node.args[0].value), default_of(node)


def default_of(call: ast.Call) -> Any:
    for keyword in call.keywords:
        if keyword.arg == "default":
            try:
                return ast.literal_eval(keyword.value)
            except ValueError:
                return None
    return None


def as_written(value: Any) -> str:
    """A default as it stands in the file."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list):
        return ",".join(as_written(each) for each in value)
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value)


READ = dict(read())


def of_deploy() -> dict[str, set[str]]:
    """Variables that deploy/ takes from outside, with the defaults they have there."""
    found: dict[str, set[str]] = {}
    for name, default in [
        *re.findall(r"\$\{([A-Z_]+):-([^}]*)\}", COMPOSE),
        *re.findall(r"\{\$([A-Z_]+):([^}]*)\}", CADDYFILE),
    ]:
        found.setdefault(name, set()).add(default)
    return found


def test_what_the_code_reads_is_explained_and_the_reverse() -> None:
    assert len(READ) > 80
    assert explained().keys() == READ.keys() | of_deploy().keys()


@pytest.mark.parametrize("name", sorted(READ.keys() - NEEDED - DEFAULT_DEPENDS))
def test_the_default_told_is_the_one_in_the_code(name: str) -> None:
    default = READ[name]
    assert default is not None, "say the default as a literal, or list the setting here"
    assert explained()[name] == as_written(default)


def test_every_setting_has_its_meaning_above_it() -> None:
    meaning = False
    lines = EXAMPLE.splitlines()
    for before, line in pairwise(lines):
        if re.match(r"[A-Z]", line) and not before.startswith("#"):
            # A second one right below shares the meaning of the first.
            assert re.match(r"[A-Z]", before), line
        meaning = meaning or before.startswith("#")
    assert meaning


@pytest.mark.parametrize("name", sorted(of_deploy()))
def test_variables_of_deploy_have_the_default_that_is_told(name: str) -> None:
    if name in READ:
        # Of a whole machine; the compose file has two web servers on it.
        assert name in {"WEB_WORKERS", "WEB_THREADS"}
        return
    assert of_deploy()[name] == {explained()[name]}

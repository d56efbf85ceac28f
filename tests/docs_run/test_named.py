"""Commands, settings, files, addresses, menu entries, figures: they are there."""

import importlib.util
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, get_commands, load_command_class
from django.core.management.base import BaseCommand
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import translation

import vendors
from procurement import adminshow, menu
from procurement.figures.families import table
from tests.docs_run.reading import PAGES, ROOT, SHELL, blocks_of, code, name_of
from tests.docs_run.reading import spans as spans_of

each_page = pytest.mark.parametrize("page", PAGES, ids=name_of)


def only(faults: Iterator[str]) -> None:
    found = sorted(set(faults))
    assert not found, "\n".join(found)


# --- commands ---------------------------------------------------------------------


def calls(page: Path) -> Iterator[tuple[str, bool]]:
    """What follows `manage.py`, and whether it stands in a block, to be typed so."""
    pattern = re.compile(r"manage\.py ([a-z_]+[^|;&><`\n]*)")
    for span in spans_of(page):
        yield from ((call, False) for call in pattern.findall(span))
    for block in blocks_of(page):
        if block.language in (*SHELL, "text"):
            for line in block.commands:
                yield from ((call, True) for call in pattern.findall(line))


@cache
def command(name: str) -> BaseCommand | None:
    app = get_commands().get(name)
    return load_command_class(app, name) if isinstance(app, str) else app


def refusal_of(call: str) -> str:
    """What the command's own parser has against it; placeholders may be numbers."""
    # What the shell puts there is one word to the command.
    name, *arguments = shlex.split(re.sub(r'"\$\(.*', "FILE", call))
    known = command(name)
    if known is None:
        return f"there is no command {name}"
    refusal = ""
    for tried in (arguments, [re.sub(r"^[A-Z_]+$", "1", each) for each in arguments]):
        try:
            known.create_parser("manage.py", name).parse_args(tried)
        except CommandError as error:
            refusal = refusal or str(error)
        else:
            return ""
    return refusal


@each_page
def test_commands_take_what_is_given_to_them(page: Path) -> None:
    def faults() -> Iterator[str]:
        for call, is_typed in calls(page):
            if "..." in call or "…" in call:
                continue
            name, _, arguments = call.strip().partition(" ")
            refusal = refusal_of(call) if is_typed or arguments.strip() else ""
            if refusal or command(name) is None:
                yield f"manage.py {call}: {refusal or 'there is no such command'}"

    only(faults())


MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z][\w-]*):", MAKEFILE, re.M))


@each_page
def test_targets_of_make_are_there_and_read_what_is_set(page: Path) -> None:
    def faults() -> Iterator[str]:
        for text in code(page):
            for call in re.findall(r"(?:^|\s|&& )make ([a-z][^|;&`\n]*)", f" {text}"):
                target, *given = shlex.split(call)
                if target not in TARGETS:
                    yield f"make {target}: there is no such target"
                for word in given:
                    name, is_set, _ = word.partition("=")
                    if is_set and not re.search(rf"\b{name}\b", MAKEFILE):
                        yield f"make {target} {word}: nothing reads {name}"

    only(faults())


@each_page
def test_modules_to_be_run_are_there(page: Path) -> None:
    only(
        f"python -m {module}: there is no such module"
        for text in code(page)
        for module in re.findall(r"python3? -m ((?:tests|procurement)[\w.]*)", text)
        if importlib.util.find_spec(module) is None
    )


# --- settings ---------------------------------------------------------------------

OTHERS = re.compile(r"(DJANGO|GUNICORN|POSTGRES|PG|GF|XDG|COMPOSE|PROMETHEUS|PIP|UV)_")
"""Names that other programs read from the environment."""
EXAMPLE = set(
    re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.M)
)


@cache
def words_of_the_program() -> frozenset[str]:
    """Names in capitals that are no setting: constants, variables of tests and make."""
    files = [
        *(ROOT / "procurement").rglob("*.py"),
        *(ROOT / "vendors").rglob("*.py"),
        *(ROOT / "tests").rglob("*.py"),
        ROOT / "Makefile",
        ROOT / "gunicorn.conf.py",
    ]
    found: set[str] = set()
    for path in files:
        if path.name != "settings.py" and "docs_run" not in path.parts:
            found |= set(re.findall(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b", path.read_text()))
    return frozenset(found)


@each_page
def test_settings_stand_in_the_example(page: Path) -> None:
    named = {
        name
        for text in code(page)
        for name in re.findall(r"^([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?==|$)", text)
    }
    assigned = {
        name
        for block in blocks_of(page)
        for name in re.findall(r"^([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)=", block.text, re.M)
    }
    own = {
        name
        for block in blocks_of(page)
        if block.language in SHELL
        for name in re.findall(r"^([A-Z][A-Z0-9_]+)=", block.text, re.M)
    }
    only(
        f"{name} is no setting in .env.example"
        for name in (named | assigned) - own - EXAMPLE
        if not OTHERS.match(name) and name not in words_of_the_program()
    )


def test_every_setting_that_is_read_stands_in_the_example() -> None:
    text = (ROOT / "procurement" / "settings.py").read_text()
    read = set(re.findall(r"\benv(?:\.\w+)?\(\s*\"([A-Z0-9_]+)\"", text))
    assert len(read) > 50
    assert not read - EXAMPLE


# --- files ------------------------------------------------------------------------

FOLDERS = ("procurement", "vendors", "tests", "docs", "templates", "deploy", ".ci")
PLACEHOLDER = re.compile(r"CODE|SLUG|…|\.\.\.|<|\{|tinker")
"""`tinker` is a vendor that is invented: tests/vendors/sixth has its files."""


@cache
def names_of_files() -> frozenset[str]:
    left_out = {".venv", ".git", "var", "node_modules"}
    return frozenset(
        path.name
        for top in ROOT.iterdir()
        if top.name not in left_out
        for path in ([top] if top.is_file() else top.rglob("*"))
    )


def is_there(named: str) -> bool:
    path = named.split("#")[0].split("::")[0].rstrip("/")
    return (ROOT / path).exists() or any(ROOT.glob(path))


@each_page
def test_files_are_there(page: Path) -> None:
    def faults() -> Iterator[str]:
        for span in spans_of(page):
            if PLACEHOLDER.search(span) or not re.fullmatch(r"[\w./*#:-]+", span):
                continue
            if span.split("/")[0] in FOLDERS and "/" in span:
                if not is_there(span):
                    yield f"{span} is not there"
            elif re.fullmatch(r"[\w-]+\.(py|toml)", span) and (
                span not in names_of_files()
            ):
                yield f"there is no file {span}"

    only(faults())


# --- pages of the back-office ---------------------------------------------------------

OURS = re.compile(
    r"(?<![\w.:/\"}…-])(/(?:admin|api|hooks|logins|approve|accounts)/[\w/.<>{}-]*|"
    r"/(?:healthz|readyz|metrics)\b)"
)


OF_VENDORS = {ROOT / "docs" / "vendors" / f"{code}.md" for code in vendors.CODES}


def addresses(page: Path) -> Iterator[str]:
    """Those of ours: the pages of vendors tell of theirs, and versions of none yet."""
    for text in code(page):
        for address in OURS.findall(text):
            is_theirs = page in OF_VENDORS and address.startswith("/api/")
            if not is_theirs and not address.startswith("/api/v2/"):
                yield address.rstrip(".")


def leads_somewhere(address: str) -> bool:
    path = re.sub(r"NUMBER", "PO-2031-000042", address)
    path = re.sub(r"(?<=/)(ID|<\w+>|\{\w+\})(?=/|$)", "1", path)
    path = re.sub(r"(?<=/)[A-Z]+(?=/|$)", "some-slug", path)
    for tried in (path, f"{path}/"):
        try:
            view = resolve(tried).func
        except Resolver404:
            continue
        name = getattr(view, "__name__", "")
        if name not in ("catch_all_view", "not_found") or path == "/api/v1/":
            return True
    return False


@each_page
def test_addresses_lead_somewhere(page: Path) -> None:
    only(
        f"{address} leads nowhere"
        for address in addresses(page)
        if not leads_somewhere(address)
    )


# --- the menu -----------------------------------------------------------------------


def english(text: Any) -> str:
    with translation.override("en"):
        return str(text)


@cache
def entries() -> dict[str, set[str]]:
    """The groups of the side bar, and what stands in each; those on top under ""."""
    found: dict[str, set[str]] = {"": {english("What waits for me")}}
    titles = {menu.TOP: ""}
    for group, title, lists in adminshow._NAVIGATION:
        titles[group] = english(title)
        found[english(title)] = {english(name) for name, _, _ in lists}
    for entry in menu._entries.values():
        found[titles[entry.group]].add(english(entry.title))
    return found


MENU_PATH = re.compile(r"(?<![*\w])\*([^*\n]+(?:\n[^*\n]+)?)\*(?!\*)")


def is_way(steps: list[str]) -> bool:
    everything = set().union(*entries().values())
    if steps[-1] == "Add":
        steps = steps[:-1]
    if len(steps) == 1:
        return steps[0] in everything
    return steps[1] in entries().get(steps[0], set())


@each_page
def test_ways_through_the_menu_are_there(page: Path) -> None:
    only(
        f"{' → '.join(steps)} is no way through the side bar"
        for found in MENU_PATH.findall(page.read_text())
        if "→" in found
        for steps in [[" ".join(step.split()) for step in found.split("→")]]
        if not is_way(steps)
    )


# --- figures ------------------------------------------------------------------------


@pytest.mark.django_db
def test_figures_are_those_that_are_served(client: Client) -> None:
    # Some are there only once something was counted, or a worker has lived.
    served = set(re.findall(r"^# HELP (\w+)", client.get("/metrics").text, re.M))
    served |= set(re.findall(r"^\| `(procurement_\w+)`", table(), re.M))
    sources = " ".join(
        path.read_text() for path in (ROOT / "procurement").rglob("*.py")
    )

    def is_known(name: str) -> bool:
        base = re.sub(r"_(total|bucket|count|sum)$", "", name)
        return {name, base} & served != set() or f'"{base}' in sources

    only(
        f"{name_of(page)}: {name} is no figure"
        for page in PAGES
        for text in code(page)
        for name in re.findall(r"(?<![/\w.=@])procurement_[a-z][a-z_]+(?![\w./])", text)
        if not is_known(name)
    )

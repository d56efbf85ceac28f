"""Every block of commands in the documentation works as written, in a copy."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
import requests

from tests.docs_run.copy import Copy, wait_until
from tests.docs_run.reading import PAGES, Block, blocks_of, name_of, shell_blocks
from tests.docs_run.reasons import NOT_RUN, RUN_ELSEWHERE, staying, why_not_run
from tests.processes import ROOT

INSTALLING = [block for block in shell_blocks() if block.page == "README.md"]
WORLD = """
from django.contrib.auth.models import Group, User
from procurement.shops.models import Shop
shop = User.objects.create_user("shop", is_staff=True)
shop.groups.add(Group.objects.get(name="Buyer"))
Shop.objects.create(slug="north", name="North")
"""
"""What pages take for granted: the user `shop`, and the shop `north`."""


def is_key(block: Block) -> bool:
    return any("create_api_key" in line for line in block.commands)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    """A copy that was installed by the README, word for word, and answers."""
    made = Copy(tmp_path_factory.mktemp("docs"))
    try:
        for block in INSTALLING:
            if not why_not_run(block) and not is_key(block):
                carry_out(made, block)
        made.run(f".venv/bin/python manage.py shell -v 0 -c '{WORLD}'")
        yield made
    finally:
        made.end()


def carry_out(copy: Copy, block: Block) -> None:
    """Run a block; of what stays each line is a process of its own."""
    if not any(staying(line) for line in block.commands):
        copy.run(block.text)
        return
    for line in block.commands:
        if kind := staying(line):
            copy.start(line, kind)
        else:
            copy.run(line)


@pytest.mark.slow
def test_who_follows_the_readme_has_an_installation_that_is_ready(copy: Copy) -> None:
    ready = f"{copy.web_url}/readyz"
    wait_until(lambda: copy.answers(ready), "it says that it is ready")
    found = requests.get(ready, timeout=5).json()
    assert found["status"] == "ok"
    assert found["checks"]["worker"]["ok"]


@pytest.mark.slow
def test_the_first_administrator_is_the_one_that_was_typed(copy: Copy) -> None:
    with closing(sqlite3.connect(copy.folder / "var" / "db.sqlite3")) as database:
        people = database.execute(
            "SELECT username, is_superuser, password FROM auth_user WHERE is_superuser"
        ).fetchall()
    ((username, is_superuser, password),) = people
    assert (username, is_superuser) == ("admin", 1)
    assert password.count("$") >= 3


RUN = [
    block
    for block in shell_blocks()
    if not why_not_run(block) and (block.page != "README.md" or is_key(block))
]


@pytest.mark.slow
@pytest.mark.parametrize("block", RUN, ids=str)
def test_commands_work_as_written(copy: Copy, block: Block) -> None:
    carry_out(copy, block)


@pytest.mark.slow
def test_what_stays_ends_when_it_is_told_to(copy: Copy) -> None:
    ended = copy.end()
    assert {code for line, code in ended.items() if "sandbox" not in line} == {0}


# --- the table of reasons ---------------------------------------------------------


def test_the_readme_is_installed_by_commands_that_are_run() -> None:
    run = [
        line
        for block in INSTALLING
        if not why_not_run(block)
        for line in block.commands
    ]
    for command in ("migrate", "createsuperuser", "gunicorn", "worker", "readyz"):
        assert any(command in line for line in run), command


def test_pages_said_to_be_run_elsewhere_are() -> None:
    for page, test in RUN_ELSEWHERE.items():
        assert (ROOT / page).exists()
        name = page.removesuffix(".md").rpartition("/")[2]
        assert name in (ROOT / test).read_text()


def test_every_reason_says_something_and_most_blocks_run_or_are_looked_up() -> None:
    assert all(reason for _, reason in NOT_RUN)
    assert len(RUN) >= 6


def test_no_block_goes_without_a_language() -> None:
    """A fence without one would be neither run nor said to be read alone."""
    assert not [
        f"{name_of(page)}: block {block.number}"
        for page in PAGES
        for block in blocks_of(page)
        if not block.language
    ]

"""The product as it is installed, over the test's own database, and people at it."""

import os
import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from playwright.sync_api import Browser, expect, sync_playwright

from procurement.access.roles import ROLES
from procurement.suppliers.models import Supplier
from tests.browser.desk import Desk, chromium_path, start_chromium
from tests.factories import make_supplier, make_user
from tests.processes import process, wait_until
from vendors.sandbox import Sandbox

PASSWORD = "a-password-for-tests"
STEP_SECONDS = 60
"""Sandbox time from one state of an order to the next; tests turn its clock."""
IMPATIENT = {
    "POLL_INTERVAL_SECONDS": "1",
    "RETRY_WAITS": "1,2",
    "LOOK_UP_WAITS": "1,2",
    "WORKER_PROCESSES": "2",
}
PROCESS_ENVIRONMENT = {**IMPATIENT, "DJANGO_ALLOW_ASYNC_UNSAFE": ""}

AtDesk = Callable[..., Desk]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    if not chromium_path():
        text = "Chromium is not there: no program called chromium, and no CHROMIUM."
        if os.environ.get("REQUIRE_SERVICES") == "1":
            pytest.fail(text)
        warnings.warn(f"{text} Its tests are left out.", stacklevel=1)
        pytest.skip(text)
    expect.set_options(timeout=10_000)
    with pytest.MonkeyPatch.context() as patch:
        # Playwright leaves an event loop in this thread. Nothing of ours runs in it,
        # but Django takes it for the caller.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        with sync_playwright() as playwright:
            browser = start_chromium(playwright)
            yield browser
            browser.close()


@pytest.fixture
def web(transactional_db: None, tmp_path: Path) -> Iterator[str]:
    """The address of a web server of the test's own."""
    log = tmp_path / "web.log"
    with process(
        *("-m", "gunicorn", "procurement.wsgi", "--no-control-socket"),
        *("--bind", "127.0.0.1:0", "--workers", "1", "--threads", "4"),
        log=log,
        **PROCESS_ENVIRONMENT,
    ):
        listening = wait_until(
            "the web server listens",
            lambda: re.search(r"Listening at: (http://127\.0\.0\.1:\d+)", _text(log)),
        )
        yield listening[1]
    print(_text(log))


@pytest.fixture
def worker(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    log = tmp_path / "worker.log"
    with process("manage.py", "worker", log=log, **PROCESS_ENVIRONMENT):
        yield
    print(_text(log))


def _text(log: Path) -> str:
    return log.read_text(errors="replace")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(port=0, step_seconds=STEP_SECONDS) as running:
        yield running


@pytest.fixture
def extend(sandbox: Sandbox, transactional_db: None) -> Supplier:
    return make_supplier(
        "extend",
        mode="test",
        base_url=sandbox.base_url("extend"),
        credentials={
            "username": "sandbox-extend",
            "password": "sandbox-extend-password",
        },
    )


@pytest.fixture
def eet(sandbox: Sandbox, transactional_db: None) -> Supplier:
    return make_supplier(
        "eet",
        mode="test",
        base_url=sandbox.base_url("eet"),
        credentials={"username": "sandbox-eet", "password": "sandbox-eet-password"},
    )


@pytest.fixture
def at_desk(chromium: Browser, web: str, roles: None) -> Iterator[AtDesk]:
    """Somebody logged in at a browser: `at_desk("buyer", "Buyer", is_dark=True)`."""
    desks: list[Desk] = []

    def log_in(username: str, *roles: str, **window: Any) -> Desk:
        user = make_user(username)
        user.groups.set(Group.objects.filter(name__in=roles))
        user.set_password(PASSWORD)
        user.save()
        desk = Desk(chromium, web, **window)
        desks.append(desk)
        desk.log_in(username, PASSWORD)
        return desk

    yield log_in
    for desk in desks:
        desk.context.close()
    assert [desk.refused for desk in desks] == [[] for _ in desks]


@pytest.fixture
def roles(transactional_db: None) -> None:
    """The groups a migration makes; the end of a transactional test takes them away."""
    known = {
        f"{each.content_type.app_label}.{each.codename}": each
        for each in Permission.objects.select_related("content_type")
    }
    for name, permissions in ROLES.items():
        group, _ = Group.objects.get_or_create(name=name)
        group.permissions.set(known[permission] for permission in permissions)

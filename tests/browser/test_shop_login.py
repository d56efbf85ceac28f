"""A buyer connects a customer's shop login: out to the shop, and back.

Only a browser knows which origin it tells after a redirect from elsewhere.
"""

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from playwright.sync_api import Browser, expect

from procurement.customers.models import Customer
from procurement.logins.models import CustomerLoginToken, LoginAttempt, State
from tests.browser.conftest import PASSWORD, PROCESS_ENVIRONMENT
from tests.browser.desk import Desk
from tests.factories import ADDRESS, make_supplier, make_user
from tests.processes import process, wait_until
from vendors.sandbox import Sandbox

pytestmark = pytest.mark.browser


@pytest.fixture
def web(transactional_db: None, tmp_path: Path) -> Iterator[str]:
    """A web server that knows its own address before it starts."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log, address = tmp_path / "web.log", f"http://127.0.0.1:{port}"
    with process(
        *("-m", "gunicorn", "procurement.wsgi", "--no-control-socket"),
        *("--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "4"),
        log=log,
        PUBLIC_URL=address,
        **PROCESS_ENVIRONMENT,
    ):
        wait_until("the web server listens", lambda: "Listening at" in log.read_text())
        yield address
    print(log.read_text(errors="replace"))


@pytest.fixture
def customer(sandbox: Sandbox, transactional_db: None) -> Customer:
    make_supplier(
        "kvik",
        base_url=sandbox.base_url("kvik"),
        credentials={
            "client_id": "sandbox-kvik",
            "client_secret": "sandbox-kvik-secret",
        },
    )
    return Customer.objects.create(**{**ADDRESS, "name": "Verkstad Nord"})


def test_declined_tried_again_connected_and_loaded_again(
    chromium: Browser, web: str, roles: None, customer: Customer
) -> None:
    user = make_user("buyer")
    user.groups.set(Group.objects.filter(name="Buyer"))
    user.set_password(PASSWORD)
    user.save()
    desk = Desk(chromium, web)
    page = desk.page
    returns: list[str] = []
    desk.context.on(
        "request",
        lambda request: (
            returns.append(request.url) if "/logins/return/" in request.url else None
        ),
    )
    desk.log_in("buyer", PASSWORD)

    desk.open("/admin/logins/customerlogintoken/add/?q=verkstad")
    page.get_by_role("link", name="Verkstad Nord").click()
    page.get_by_role("link", name="Open").click()
    page.get_by_role("button", name="Connect shop login").click()
    page.get_by_role("button", name="Decline").click()

    expect(page.get_by_text("Nothing was connected.")).to_be_visible()
    assert "state=" not in page.url
    page.get_by_role("button", name="Try again").click()
    page.get_by_role("button", name="Agree").click()

    expect(page.get_by_text("Verkstad Nord is connected at Kvik Nord.")).to_be_visible()
    assert "code=" not in page.url
    assert CustomerLoginToken.objects.get().state == State.CONNECTED
    desk.open(returns[-1])
    expect(page.get_by_text(re.compile("already connected"))).to_be_visible()
    assert LoginAttempt.objects.count() == 2
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_text("the tokens were forgotten").first).to_be_visible()
    assert desk.errors == []
    assert desk.foreign == []
    desk.context.close()

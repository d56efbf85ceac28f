"""A second factor at a browser: a passkey and an app, by day, at night, on a phone."""

import os
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.models import Group, User
from playwright.sync_api import Browser

from tests.browser.conftest import PASSWORD
from tests.browser.desk import PHONE_WIDTH, Desk
from tests.browser.test_accessible import _broken_here
from tests.factories import make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def anna(roles: None) -> User:
    user = make_user("anna")
    user.groups.set([Group.objects.get(name="Approver")])
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def desk(
    chromium: Browser, anna: User, monkeypatch: pytest.MonkeyPatch, request: Any
) -> Iterator[Desk]:
    monkeypatch.setenv("SECOND_FACTOR_ROLES", "Approver")
    web: str = request.getfixturevalue("web")
    # Passkeys take https, or this name of the machine itself.
    is_dark, width = request.param
    made = Desk(
        chromium, web.replace("127.0.0.1", "localhost"), width=width, is_dark=is_dark
    )
    made.context.set_default_timeout(40_000)
    yield made
    made.context.close()


def look(desk: Desk, name: str) -> None:
    """Keep to the rules; for somebody who looks, leave a picture."""
    if folder := os.environ.get("PICTURES"):
        size = "phone" if desk.page.viewport_size["width"] < 600 else "desk"  # type: ignore[index]
        desk.page.screenshot(path=f"{folder}/{name}-{size}.png", full_page=True)
    assert _broken_here(desk.page, name) == []


def type_password(desk: Desk) -> None:
    desk.open("/admin/")
    look(desk, "login")
    desk.page.get_by_label("Username").fill("anna")
    desk.page.get_by_label("Password").fill(PASSWORD)
    desk.button("Log in").click()


def leave(desk: Desk) -> None:
    desk.context.clear_cookies()


@pytest.mark.parametrize(
    "desk", [(False, 1440), (True, PHONE_WIDTH)], ids=["desk", "phone"], indirect=True
)
def test_passkey_and_app_are_set_up_and_used(desk: Desk) -> None:
    cdp = desk.context.new_cdp_session(desk.page)
    cdp.send("WebAuthn.enable")
    key: dict[str, Any] = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": key})
    type_password(desk)

    # Nothing opens but the page to set one up.
    desk.page.get_by_text("Set up a second factor to go on").wait_for()
    desk.open("/admin/approvals/")
    desk.page.get_by_text("Set up a second factor to go on").wait_for()
    look(desk, "set-up")
    desk.link("Add a passkey").click()
    desk.page.get_by_label("Name of the passkey").fill("Work laptop")
    look(desk, "new-passkey")
    desk.button("Add it").click()
    desk.page.get_by_text("These are shown once.").wait_for()
    look(desk, "codes")
    desk.link("I have kept them").click()
    desk.page.locator(".page-foot").wait_for()

    leave(desk)
    type_password(desk)
    desk.page.get_by_text("Use a passkey").wait_for()
    look(desk, "second-factor")
    desk.button("Use a passkey").click()
    desk.page.locator(".page-foot").wait_for()

    desk.open("/account/")
    desk.link("Set up an authenticator app").click()
    secret = desk.page.locator("pre.secret").inner_text()
    look(desk, "new-app")
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    desk.page.get_by_label(re.compile("Code")).fill(code)
    desk.button("Set up").click()
    desk.link("Remove Authenticator app").wait_for()
    look(desk, "my-login")
    assert [text for text in desk.errors if "favicon" not in text] == []

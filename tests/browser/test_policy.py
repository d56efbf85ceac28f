"""Pages at work under their content security policy: nothing of them is refused.

Every desk of these tests fails where a page does what its policy forbids; here is what
no other test presses, and what is pressed so seldom that nobody would notice.
"""

import re
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import expect

from procurement.access.roles import ROLES
from tests.access.doors import admin_doors
from tests.access.world import World, make_world
from tests.browser.conftest import AtDesk
from tests.browser.desk import NEW_ORDER, ORDERS, Desk
from tests.fakes import FakeVendor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

READ = """(expressions) => {
  for (const each of expressions) Alpine.evaluate(document.body, `false && (${each})`);
}"""
"""Has Alpine read each, and run none; it complains of those it can't read."""
NOT_SEEN_ELSEWHERE = (
    "/admin/auth/user/add/",
    "/admin/access/apikey/add/",
    "/admin/suppliers/supplier/add/",
    "/admin/imports/orderimport/add/",
    "/admin/catalogue/pricefile/add/",
    "/admin/logins/customerlogintoken/add/",
    "/admin/webhooks/endpoint/",
    "/admin/coordination/heartbeat/",
    "/api/docs/",
)


def test_pages_no_other_test_opens_keep_their_policy(
    at_desk: AtDesk, fake_vendor: FakeVendor
) -> None:
    world = make_world()
    desk = at_desk("everybody", *ROLES)
    for address in (
        *NOT_SEEN_ELSEWHERE,
        f"{ORDERS}{world.ours['orders.purchaseorder']}/do/confirm/",
        f"/admin/orders/orderevent/{world.ours['orders.orderevent']}/change/",
        f"/admin/auth/user/{world.ours['auth.user']}/password/",
    ):
        desk.open(address)
        desk.page.wait_for_load_state("networkidle")
        assert (address, desk.refused, desk.errors) == (address, [], [])

    assert _unreadable(desk, _expressions(world)) == []


def _expressions(world: World) -> set[str]:
    """What the pages of the admin have Alpine do, each once."""
    client = Client()
    User.objects.filter(username="admi").update(is_superuser=True)
    client.force_login(User.objects.get(username="admi"))
    found: set[str] = set()
    for door in admin_doors():
        response = client.get(door.address(world.ours))
        if response.headers.get("Content-Type", "").startswith("text/html"):
            pairs = re.findall(
                r"""\sx-[\w.:-]+=("[^"]*"|'[^']*')""", response.content.decode()
            )
            found |= {unescape(pair[1:-1]).strip().rstrip(";") for pair in pairs}
    assert len(found) > 30
    return found - {"themeBindings"}


def _unreadable(desk: Desk, expressions: set[str]) -> list[str]:
    desk.open("/admin/")
    known = [each for each in sorted(expressions) if each and not _is_a_name(each)]
    assert _complaints(desk, ["let a = 1"])
    return _complaints(desk, known)


def _complaints(desk: Desk, expressions: list[str]) -> list[str]:
    desk.page.evaluate(READ, expressions)
    # Alpine throws in a turn of its own.
    desk.page.wait_for_timeout(200)
    found = list(desk.refused)
    desk.refused.clear()
    return found


def _is_a_name(expression: str) -> bool:
    """Of an element, in `x-ref`."""
    return bool(re.fullmatch(r"[\w-]+", expression))


def test_what_the_theme_does_by_script_still_works(at_desk: AtDesk) -> None:
    desk = at_desk("everybody", *ROLES)
    page = desk.page
    root = page.locator("html")

    desk.open("/admin/")
    page.locator("#account-open").click()
    page.locator("#account-links .theme-choice").nth(1).click()
    expect(root).to_have_class(re.compile("dark"))
    page.keyboard.press("Escape")
    expect(page.locator("#account-links")).to_be_hidden()
    desk.open("/admin/suppliers/supplier/")
    expect(root).to_have_class(re.compile("dark"))

    hide = page.get_by_label("Show or hide the menu").first
    expect(page.locator("#nav-sidebar")).to_be_visible()
    hide.click()
    expect(page.locator("#nav-sidebar")).to_be_hidden()
    desk.open("/admin/")
    expect(page.locator("#nav-sidebar")).to_be_hidden()
    page.get_by_label("Show or hide the menu").first.click()
    expect(page.locator("#nav-sidebar")).to_be_visible()

    page.keyboard.press("Control+k")
    search = page.locator("#search-input-command")
    search.press_sequentially("suppl", delay=20)
    expect(page.locator("#command-results-list li").first).to_be_visible()
    search.press("ArrowDown")
    search.press("Enter")
    expect(page).to_have_url(re.compile("/admin/.*suppl"))

    desk.open(NEW_ORDER)
    expect(desk.line_field(0, "item_number")).to_be_visible()
    assert desk.refused == []

"""Every page under its content security policy: nothing is refused, everything works."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import expect

from procurement.access.roles import ROLES
from tests.access.doors import admin_doors
from tests.access.world import make_world
from tests.browser.conftest import AtDesk
from tests.browser.desk import NEW_ORDER, ORDERS
from tests.fakes import FakeVendor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

EVERY_EXPRESSION = """() => {
  const broken = [];
  for (const element of document.querySelectorAll('*'))
    for (const { name, value } of element.attributes)
      if (name.startsWith('x-on:') || name.startsWith('@'))
        try { Alpine.evaluate(element, `false && (${value.replace(/;\\s*$/, '')})`); }
        catch (error) { broken.push(`${name}="${value}": ${error.message}`); }
  return broken;
}"""
"""What of a page's handlers can't be read by an Alpine that evaluates no text."""


def test_every_page_keeps_its_policy(
    at_desk: AtDesk, fake_vendor: FakeVendor, roles: None
) -> None:
    world = make_world()
    desk = at_desk("everybody", *ROLES)
    User.objects.filter(username="everybody").update(is_superuser=True)
    client = Client()
    client.force_login(User.objects.get(username="everybody"))
    addresses = {door.address(world.ours): door for door in admin_doors()}
    pages = [each for each in addresses if _is_page(client.get(each))]
    broken = {}

    for address in pages:
        desk.open(address)
        found = desk.page.evaluate(EVERY_EXPRESSION)
        if desk.refused or found:
            broken[address] = [*desk.refused, *found]
            desk.refused.clear()

    assert broken == {}, len(pages)


def _is_page(response: Any) -> bool:
    is_html = response.headers.get("Content-Type", "").startswith("text/html")
    return response.status_code == 200 and is_html

"""Pages without an error in the console, and without a call to another machine."""

import pytest
from playwright.sync_api import expect

from procurement.suppliers.models import Supplier
from tests.browser.conftest import AtDesk
from tests.browser.desk import NEW_ORDER, ORDERS
from tests.factories import make_order, make_queued_order

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_pages_are_whole_and_call_nobody_else(
    at_desk: AtDesk, extend: Supplier
) -> None:
    draft = make_order(extend)
    queued, transmission = make_queued_order(extend)
    transmissions = "/admin/transmissions/transmission/"
    desk = at_desk("buyer", "Buyer", "Operator")
    seen = {
        "/admin/": "Needs attention",
        ORDERS: queued.number,
        NEW_ORDER: "Deliver to",
        f"{ORDERS}{draft.pk}/change/": "Timeline",
        f"{ORDERS}{queued.pk}/change/": "Timeline",
        f"{ORDERS}{queued.pk}/do/cancel/": "Reason",
        f"/admin/suppliers/supplier/{extend.pk}/change/": "Check connection",
        "/admin/suppliers/exchange/": "Exchanges",
        transmissions: queued.number,
        f"{transmissions}{transmission.pk}/change/": "Tries",
        "/api/docs/": "/api/v1/orders/",
    }

    for address, text in seen.items():
        desk.open(address)
        expect(desk.page.locator("body")).to_contain_text(text)
        desk.page.wait_for_load_state("networkidle")
        assert (address, desk.errors, desk.foreign) == (address, [], [])

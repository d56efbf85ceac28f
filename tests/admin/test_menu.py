"""The side bar, the user's own menu, and the foot of every page."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from procurement import VERSION, menu, tiles
from procurement.menu import Entry, register_entry
from procurement.orders.models import PurchaseOrder
from procurement.tiles import Tile, register_tile
from tests.admin.conftest import Browser
from tests.admin.pages import NEW_ORDER, ORDERS, text_of
from tests.admin.test_order_list import make_orders
from tests.factories import make_supplier


@pytest.fixture
def own_entry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An entry of an app that is there for one test."""
    monkeypatch.setattr(menu, "_entries", dict(menu._entries))
    monkeypatch.setattr(tiles, "_tiles", dict(tiles._tiles))
    register_entry(
        Entry(
            key="probe",
            title="Probes",
            icon="science",
            link=lambda: ORDERS,
            permission="orders.view_purchaseorder",
        )
    )
    register_tile(
        Tile(
            name="probe",
            label="Probes",
            hint="to be tested",
            permission="orders.view_purchaseorder",
            rows=lambda user: PurchaseOrder.objects.filter(attention="Probe"),
            url=lambda: ORDERS,
            badge_on="probe",
        )
    )
    return


def entries(client: Client, address: str = "/admin/") -> dict[str, object]:
    groups = client.get(address).context["sidebar_navigation"]
    return {str(item["title"]): item for group in groups for item in group["items"]}


def test_menu_has_what_a_role_may_look_at(browser: Browser) -> None:
    buyer = entries(browser("buyer", "Buyer"))
    administrator = entries(browser("admina", "Administrator"))

    assert {"Orders", "Shops", "Alarms", "Suppliers"} <= set(buyer)
    assert not {"Users", "API keys", "Workers"} & set(buyer)
    assert {"Users", "API keys", "Workers"} <= set(administrator)
    assert set(entries(browser("nobody"))) == {"What waits for me"}


def test_place_one_is_at_is_marked(browser: Browser) -> None:
    page = text_of(browser("buyer", "Buyer").get(ORDERS))

    assert '<a href="/admin/shops/shop/" aria-current' not in page
    assert f'<a href="{ORDERS}" aria-current="page"' in page


def test_badge_stops_at_a_hundred(browser: Browser, own_entry: None) -> None:
    client = browser("buyer", "Buyer")
    assert str(entries(client)["Probes"]["badge"]) == ""

    make_orders(130, make_supplier(), attention="Probe")

    assert str(entries(client)["Probes"]["badge"]) == "100+"
    assert "waiting:" in text_of(client.get(ORDERS))


def test_badges_come_in_one_query_and_not_with_popups(
    browser: Browser, own_entry: None
) -> None:
    client = browser("buyer", "Buyer")

    def figures_read(address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        return sum("UNION ALL" in q["sql"] for q in queries)

    assert figures_read(ORDERS) == 1
    assert figures_read(f"{NEW_ORDER}?_popup=1") == 0


def test_badges_are_not_counted_anew_for_every_page(
    browser: Browser, own_entry: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiles, "BADGES_COUNTED_AGAIN_AFTER", 10.0)
    monkeypatch.setattr(tiles, "_remembered", type(tiles._remembered)())
    client = browser("buyer", "Buyer")
    make_orders(1, make_supplier(), attention="Probe")
    assert str(entries(client)["Probes"]["badge"]) == "1"

    PurchaseOrder.objects.update(attention="")

    assert str(entries(client)["Probes"]["badge"]) == "1"
    assert str(entries(browser("other", "Buyer"))["Probes"]["badge"]) == ""


def test_form_that_is_posted_reads_no_badges(browser: Browser, own_entry: None) -> None:
    client = browser("buyer", "Buyer")

    with CaptureQueriesContext(connection) as queries:
        assert client.post(NEW_ORDER, {}).status_code == 200

    assert not [q["sql"] for q in queries if "UNION ALL" in q["sql"]]


def test_foot_says_what_this_is(browser: Browser, settings) -> None:
    settings.INSTALLATION_NAME = "Purchasing TRIAL"

    page = text_of(browser("buyer", "Buyer").get("/admin/"))

    foot = page[page.index("<footer") : page.index("</footer>")]
    assert "Purchasing TRIAL" in foot
    assert f"Version {VERSION}" in foot
    assert "UTC" in foot


def test_user_menu_leads_to_the_settings(browser: Browser) -> None:
    page = text_of(browser("buyer", "Buyer").get("/admin/"))

    assert 'href="/admin/my-settings/"' in page

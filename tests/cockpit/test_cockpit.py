"""The cockpit: how each supplier is doing, without a call and in few queries."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from procurement.cockpit.facts import facts_of, suppliers
from procurement.cockpit.showing import Panel
from procurement.fulfilment.models import PollState
from procurement.inbound.models import HookState
from procurement.suppliers.models import (
    Exchange,
    Supplier,
    SupplierHealth,
    SupplierHour,
    SupplierToken,
)
from procurement.suppliers.operations import change_supplier
from procurement.transmissions.models import Transmission
from tests.admin.conftest import Browser, browser, member
from tests.admin.pages import SUPPLIERS, order_page, said, text_of
from tests.factories import make_queued_order, make_supplier
from tests.fakes import FakeVendor

__all__ = ["browser"]

PAGE = "/admin/cockpit/"


def panel_of(supplier: Supplier) -> Panel:
    olga = member("olga", "Operator")
    (found,) = facts_of(list(suppliers(olga).filter(pk=supplier.pk)), olga)
    return Panel.of(found)


def facts(supplier: Supplier) -> dict[str, str]:
    """What the panel of a supplier says, by the name of the fact."""
    return {fact.name: str(fact.text) for fact in panel_of(supplier).facts}


@pytest.fixture
def operator(browser: Browser) -> Client:
    return browser("olga", "Operator")


def fill(supplier: Supplier) -> None:
    """All that there may be to tell of a supplier."""
    now = timezone.now()
    for back in range(24):
        SupplierHour.objects.create(
            supplier=supplier,
            hour=now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=back),
            calls=10,
            errors=1,
            milliseconds=1000,
        )
    SupplierToken.objects.create(
        key=f"{supplier.vendor}:{supplier.slug}:buyer",
        value="a-token",
        obtained_at=now - timedelta(hours=3),
        expires_at=now + timedelta(hours=21),
    )
    PollState.objects.create(
        supplier=supplier, next_poll_at=now - timedelta(minutes=20)
    )
    HookState.objects.create(supplier=supplier, last_received_at=now)
    change_supplier(
        supplier_id=supplier.pk,
        actor=None,
        data={"options": {**supplier.options, "calls_per_minute": 60}},
    )
    make_queued_order(supplier)


@pytest.mark.parametrize("count", [2, 50])
def test_page_costs_ten_queries_however_many_suppliers(
    browser: Browser, count: int
) -> None:
    for number in range(count):
        fill(make_supplier(slug=f"extend-{number}", name=f"Extend {number}"))
    client = browser("olga", "Operator")
    client.get("/admin/my-settings/")

    with CaptureQueriesContext(connection) as home:
        client.get("/admin/my-settings/")
    with CaptureQueriesContext(connection) as queries:
        page = client.get(PAGE)

    assert len(page.context["panels"]) == count
    # One query of the other page is its own; the rest is what every page costs.
    assert len(queries) - (len(home) - 1) <= 10
    assert not [q["sql"] for q in queries if "suppliers_exchange" in q["sql"]]
    assert not [q["sql"] for q in queries if "credentials" in q["sql"]]
    assert not [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "UPDATE"))]


def test_those_in_trouble_stand_first(operator: Client) -> None:
    now = timezone.now()
    for slug, health in {
        "a-works": {"last_success_at": now},
        "b-new": {},
        "c-fails": {"last_success_at": now, "failures_in_a_row": 2},
        "d-held": {"blocked_until": now + timedelta(minutes=5)},
    }.items():
        supplier = make_supplier(slug=slug, name=slug)
        SupplierHealth.objects.filter(supplier=supplier).update(**health)

    panels = operator.get(PAGE).context["panels"]

    assert [panel.supplier.slug for panel, _ in panels] == [
        "d-held",
        "c-fails",
        "b-new",
        "a-works",
    ]


@pytest.mark.django_db
def test_unknown_outcome_makes_a_working_supplier_grave() -> None:
    supplier = make_supplier()
    SupplierHealth.objects.update(last_success_at=timezone.now())
    make_queued_order(supplier)
    assert panel_of(supplier).tone == "green"

    Transmission.objects.update(state="unknown")

    assert panel_of(supplier).tone == "red"


@pytest.mark.django_db
def test_what_waits_long_is_marked() -> None:
    supplier = make_supplier()
    make_queued_order(supplier)

    def tone() -> str:
        (fact,) = (f for f in panel_of(supplier).facts if f.name == "Waits to be sent")
        return fact.tone

    assert tone() == ""
    Transmission.objects.update(created_at=timezone.now() - timedelta(minutes=6))
    assert tone() == "amber"


@pytest.mark.django_db
def test_supplier_with_nothing_to_tell_says_so() -> None:
    assert facts(make_supplier()) == {
        "Last good call": "never",
        "Last failure": "never",
        "Breaker": "Closed: calls go out",
        "Waits to be sent": "nothing",
        "Outcome unknown": "none",
        "Call budget": "<div>no limit (set for this supplier)</div>",
        "Login": "no token is kept",
        "Last poll": "not polled yet",
        "Webhooks": "none came so far",
    }


@pytest.mark.django_db
def test_panel_tells_what_there_is() -> None:
    supplier = make_supplier()
    fill(supplier)
    told = facts(supplier)

    assert "60 calls a minute (set for this supplier)" in told["Call budget"]
    assert "3\N{NO-BREAK SPACE}hours" in told["Login"]
    assert "ends in" in told["Login"]
    assert "due for" in told["Last poll"]
    assert "last one" in told["Webhooks"]
    assert ">1</a>, the oldest for" in told["Waits to be sent"]
    assert f"state=queued&amp;supplier={supplier.pk}" in told["Waits to be sent"]


@pytest.mark.django_db
def test_longest_waiting_order_is_named_and_leads_to_its_page() -> None:
    supplier = make_supplier()
    order, _ = make_queued_order(supplier)
    make_queued_order(supplier)

    told = facts(supplier)["Waits to be sent"]

    assert f'<a href="{order_page(order)}">{order.number}</a>' in told
    assert ">2</a>" in told


@pytest.mark.django_db
def test_unknown_outcomes_lead_to_their_list() -> None:
    supplier = make_supplier()
    make_queued_order(supplier)
    Transmission.objects.update(state="unknown")

    told = facts(supplier)["Outcome unknown"]

    assert f"state=unknown&amp;supplier={supplier.pk}" in told
    assert ">1</a>" in told


@pytest.mark.django_db
def test_login_that_has_ended_and_failure_in_the_suppliers_words() -> None:
    supplier = make_supplier()
    now = timezone.now()
    SupplierToken.objects.create(
        key=f"extend:{supplier.slug}:buyer",
        value="a-token",
        obtained_at=now - timedelta(days=2),
        expires_at=now - timedelta(days=1),
    )
    SupplierHealth.objects.filter(supplier=supplier).update(
        last_failure_at=now, last_failure_kind="server", last_failure_text="Zed is down"
    )

    told = facts(supplier)

    assert "ended" in told["Login"]
    assert "Zed is down" in told["Last failure"]
    assert "Trouble at the supplier&#x27;s end" in told["Last failure"]


@pytest.mark.django_db
def test_token_of_a_supplier_with_a_longer_name_is_not_taken_for_its_own() -> None:
    supplier = make_supplier(slug="extend-1")
    now = timezone.now()
    SupplierToken.objects.create(
        key="extend:extend-10:buyer", value="t", obtained_at=now, expires_at=now
    )

    assert facts(supplier)["Login"] == "no token is kept"


def test_buttons_act_and_lead_back_to_the_cockpit(
    operator: Client, fake_vendor: FakeVendor
) -> None:
    supplier = make_supplier()
    back = f"{PAGE}#supplier-{supplier.slug}"

    def press(name: str, **posted: str) -> Any:
        address = f"{SUPPLIERS}{supplier.pk}/do/{name}/"
        return operator.post(address, {"back": back, **posted}, follow=True)

    paused = press("pause", reason="Stock taking")
    assert paused.redirect_chain == [(back, 302)]
    supplier.refresh_from_db()
    assert (supplier.is_paused, supplier.pause_reason) == (True, "Stock taking")
    press("resume")
    supplier.refresh_from_db()
    assert not supplier.is_paused
    assert "It works." in said(press("check"))


def test_button_never_leads_to_another_site(operator: Client) -> None:
    supplier = make_supplier()

    answer = operator.post(
        f"{SUPPLIERS}{supplier.pk}/do/pause/", {"back": "https://elsewhere.test/"}
    )

    assert answer.headers["Location"] == f"{SUPPLIERS}{supplier.pk}/change/"


def test_page_calls_nobody_and_shows_only_what_one_may_press(
    browser: Browser, fake_vendor: FakeVendor
) -> None:
    make_supplier()

    page = browser("buyer", "Buyer").get(PAGE)

    assert page.status_code == 200
    assert [actions for _, actions in page.context["panels"]] == [[]]
    assert "/do/" not in text_of(page)
    assert not Exchange.objects.exists()


def test_page_needs_the_permission(browser: Browser, client: Client) -> None:
    assert browser("nobody").get(PAGE).status_code == 403
    assert client.get(PAGE).status_code == 302


def test_suppliers_page_has_the_same_panel(operator: Client) -> None:
    supplier = make_supplier()
    fill(supplier)

    page = text_of(operator.get(f"{SUPPLIERS}{supplier.pk}/change/"))

    assert "240 calls in 24 hours, 24 of them failed; 100 ms on average" in page
    assert "60 calls a minute" in page
    assert "<svg" in page


def test_cockpit_without_suppliers_says_so(operator: Client) -> None:
    assert "No supplier yet" in text_of(operator.get(PAGE))

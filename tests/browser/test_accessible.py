"""The main screens against the rules of axe-core: by day, at night and on a phone."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

from procurement import clock
from procurement.approvals.links import make_link
from procurement.customers.models import Customer
from procurement.orders import bulk
from procurement.orders.actions import get_action
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.orders.states import Sending
from procurement.runs.working import work_off
from procurement.suppliers.models import Supplier
from procurement.transmissions.models import State, Transmission
from tests.admin.conftest import member
from tests.approving.making import make_item, sent, waiting
from tests.browser.conftest import AtDesk
from tests.browser.desk import NEW_ORDER, ORDERS, PHONE_WIDTH, Desk
from tests.factories import ADDRESS, line, make_order, make_queued_order

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LEVELS = ("serious", "critical", "moderate")
"""All of axe's but `minor`, most of which is the theme's table of lines."""
ALL_RULES: dict[str, Any] = {"resultTypes": ["violations"]}
COLOURS = {**ALL_RULES, "runOnly": ["color-contrast"]}
"""What is not as it is by day."""
RUN = "options => axe.run(options).then(found => found.violations)"
ON_A_PHONE = (
    *("first page", "order list", "order", "order in trouble", "new order"),
    *("approval queue", "approval", "troubles", "trouble", "month", "result of a run"),
)


@pytest.fixture
def pages(roles: None, extend: Supplier) -> dict[str, str]:
    """Where the screens are, each with something to show; by what they are called."""
    make_item(extend, "45.00", quantity_available=2, lead_time_days=3)
    draft, to_approve, shipped = make_order(extend), waiting(extend), sent(extend)
    asked, unknown = _unknown(extend)
    promise(shipped)
    run = _run_of(draft, to_approve)
    Customer.objects.create(**{**ADDRESS, "name": "Verkstad Nord"})
    return {
        "first page": "/admin/",
        "order list": f"{ORDERS}?show=",
        "order list in groups": f"{ORDERS}?show=&group=supplier",
        "order": f"{ORDERS}{shipped.pk}/change/",
        "order in trouble": f"{ORDERS}{unknown.pk}/change/",
        "order being edited": f"{ORDERS}{draft.pk}/change/?edit=1",
        "new order": NEW_ORDER,
        "action": f"{ORDERS}{shipped.pk}/do/cancel/",
        "order lines": "/admin/orders/orderline/",
        "approval queue": "/admin/approvals/",
        "approval": f"/admin/approvals/{to_approve.pk}/",
        "troubles": "/admin/troubles/",
        "trouble": f"/admin/troubles/{asked.pk}/",
        "evidence": f"/admin/troubles/{asked.pk}/evidence/",
        "cockpit": "/admin/cockpit/",
        "suppliers": "/admin/suppliers/supplier/",
        "supplier": f"/admin/suppliers/supplier/{extend.pk}/change/",
        "month": "/admin/calendar/",
        "week": "/admin/calendar/?view=week",
        "runs": "/admin/runs/run/",
        "result of a run": run,
        "export": "/admin/documents/export/",
        "alarms": "/admin/alarms/alarm/",
        "customers": "/admin/customers/customer/",
        "transmissions": "/admin/transmissions/transmission/",
        "transmission": f"/admin/transmissions/transmission/{asked.pk}/change/",
        "my settings": "/admin/my-settings/",
        "notices": "/admin/notices/",
        "approval rule": "/admin/approvals/approvalrule/add/",
        "link": make_link(to_approve.pk, member("anna", "Approver")),
    }


def _unknown(supplier: Supplier) -> tuple[Transmission, PurchaseOrder]:
    """An order whose answer was lost, and which nobody looks up any more."""
    order, asked = make_queued_order(supplier)
    Transmission.objects.filter(pk=asked.pk).update(
        state=State.UNKNOWN, next_look_up_at=None, attempt_count=1
    )
    PurchaseOrder.objects.filter(pk=order.pk).update(
        transmission=Sending.UNKNOWN, attention="The answer was lost."
    )
    return asked, order


def promise(order: PurchaseOrder) -> None:
    """Promised for yesterday, so that it is late."""
    day = clock.today() - timedelta(days=1)
    PurchaseOrder.objects.filter(pk=order.pk).update(promised_date=day)
    OrderLine.objects.filter(order=order).update(promised_date=day)


def _run_of(done: PurchaseOrder, left_out: PurchaseOrder) -> str:
    """A run that did one order and left another one out."""
    run = bulk.ask_for_action(
        action=get_action("submit"),
        actor=member("tina", "Buyer"),
        versions={done.pk: None},
        left_out=[left_out.pk],
        entered={},
        token="a-token-of-a-test",
        wake=False,
    )
    work_off(run_id=run.pk)
    return run.url


EVERYTHING = ("Administrator", "Approver", "Buyer", "Operator")


def test_screens_keep_the_rules(at_desk: AtDesk, pages: dict[str, str]) -> None:
    desk = at_desk("everybody", *EVERYTHING)
    del pages["link"]
    assert _broken_rules(desk, pages) == []


def test_screens_can_be_read_at_night(at_desk: AtDesk, pages: dict[str, str]) -> None:
    desk = at_desk("everybody", *EVERYTHING, is_dark=True)
    del pages["link"]
    assert desk.page.locator("html.dark").count() == 1
    assert _broken_rules(desk, pages, COLOURS) == []


def test_screens_keep_the_rules_on_a_phone_and_are_no_wider(
    at_desk: AtDesk, pages: dict[str, str]
) -> None:
    desk = at_desk("everybody", *EVERYTHING, width=PHONE_WIDTH)
    shown = {name: pages[name] for name in ON_A_PHONE}
    assert _broken_rules(desk, shown) == []


@pytest.mark.parametrize("is_dark", [False, True], ids=["by day", "at night"])
def test_pages_before_the_login_keep_the_rules(
    stranger: Desk, pages: dict[str, str], is_dark: bool
) -> None:
    stranger.page.emulate_media(color_scheme="dark" if is_dark else "light")
    outside = {"login": "/admin/", "link": pages["link"]}
    assert _broken_rules(stranger, outside) == []


@pytest.fixture
def stranger(chromium: Browser, web: str) -> Iterator[Desk]:
    desk = Desk(chromium, web, width=PHONE_WIDTH)
    yield desk
    desk.context.close()


def test_confirmation_of_many_keeps_the_rules(
    at_desk: AtDesk, extend: Supplier
) -> None:
    make_order(extend)
    waiting(extend, lines=[line("SKU-5102")])
    desk = at_desk("buyer", "Buyer")
    desk.open(f"{ORDERS}?show=")
    desk.page.get_by_label("Tick all orders shown").check()
    desk.button("Ask for approval…").click()
    desk.button("Ask for approval: 1 order").wait_for()
    assert _broken_here(desk.page, "confirmation") == []


def _broken_rules(
    desk: Desk, pages: dict[str, str], rules: dict[str, Any] = ALL_RULES
) -> list[str]:
    """What each page breaks, said so that it can be found; [] if nothing."""
    broken = []
    for name, address in pages.items():
        desk.open(address)
        # Search fields are made a moment after the page is there.
        desk.page.wait_for_timeout(100)
        broken += _broken_here(desk.page, name, rules)
    return broken


def _broken_here(page: Page, name: str, rules: dict[str, Any] = ALL_RULES) -> list[str]:
    page.evaluate(AXE_SCRIPT)
    broken = [
        _said(name, rule, node)
        for rule in page.evaluate(RUN, rules)
        if rule["impact"] in LEVELS
        for node in rule["nodes"]
    ]
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > page.viewport_size["width"]:
        broken.append(f"{name}: {width} pixels wide")
    return broken


def _said(name: str, rule: dict[str, Any], node: dict[str, Any]) -> str:
    why = [each["message"] for each in node["any"] + node["all"] + node["none"]]
    return f"{name}: {rule['id']} at {node['html'][:120]}: {'; '.join(why)[:160]}"

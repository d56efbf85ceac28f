"""An approver's link out of a mail, opened on a phone without logging in."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from procurement.approvals.links import make_link
from procurement.approvals.models import ApprovalDecision
from procurement.orders.states import Approval
from procurement.suppliers.models import Supplier
from tests.admin.conftest import member
from tests.approving.making import waiting
from tests.browser.desk import PHONE_WIDTH, Desk

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def phone(chromium: Browser, web: str, roles: None) -> Iterator[Desk]:
    desk = Desk(chromium, web, width=PHONE_WIDTH)
    yield desk
    desk.context.close()


def test_opening_changes_nothing_and_the_button_approves_once(
    phone: Desk, extend: Supplier
) -> None:
    order = waiting(extend)
    address = make_link(order.pk, member("approver", "Approver"))
    page = phone.page

    for _ in range(2):
        phone.open(address)
        expect(page.get_by_role("heading", name=f"Approve {order}?")).to_be_visible()
        order.refresh_from_db()
        assert order.approval == Approval.PENDING
    assert ApprovalDecision.objects.count() == 0
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width == PHONE_WIDTH

    phone.button("Send back").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert ApprovalDecision.objects.count() == 0
    phone.button("Approve").click()
    expect(page.get_by_text(f"{order} is approved.")).to_be_visible()
    order.refresh_from_db()
    assert order.approval == Approval.APPROVED

    phone.open(address)
    expect(page.get_by_text("This link was used already")).to_be_visible()
    assert ApprovalDecision.objects.count() == 1
    assert phone.foreign == []

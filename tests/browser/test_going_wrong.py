"""What did not go through, from the page that shows it to its good end."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from procurement.suppliers.models import Supplier
from tests.browser.conftest import AtDesk
from tests.browser.desk import ORDERS, Desk
from tests.factories import line, make_approved_order
from vendors.sandbox import Sandbox

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_refused_order_is_corrected_approved_again_and_goes_out(
    at_desk: AtDesk, worker: None, sandbox: Sandbox, extend: Supplier
) -> None:
    order = make_approved_order(extend, lines=[line("SKU-9999")])
    buyer = at_desk("buyer", "Buyer")
    page = buyer.page
    buyer.open(f"{ORDERS}{order.pk}/do/send/")
    buyer.button("Send to supplier").click()
    buyer.reload_until(buyer.badge("Needs attention"))
    trouble = page.locator(".trouble-card")
    expect(trouble).to_contain_text("SKU-9999")
    assert sandbox.orders("extend") == []

    trouble.get_by_role("link", name="Edit the order").click()
    buyer.line_field(0, "item_number").fill("SKU-4410")
    buyer.button("Save").click()
    expect(buyer.badge("Draft")).to_be_visible()
    buyer.button("Ask for approval").click()

    approver = at_desk("approver", "Approver")
    approver.menu("To approve").click()
    approver.link(order.number).click()
    changed = approver.page.get_by_role("region", name="What changed since approver")
    expect(changed).to_contain_text("SKU-9999 → SKU-4410")
    approver.approve()
    expect(approver.page.get_by_text("Nothing else waits for you.")).to_be_visible()

    buyer.open(f"{ORDERS}{order.pk}/do/send/")
    buyer.button("Send to supplier").click()
    buyer.reload_until(buyer.badge("Sent"))
    expect(trouble).to_have_count(0)
    (booked,) = sandbox.orders("extend")
    assert booked["reference"] == order.number
    assert buyer.errors == approver.errors == []


def test_unknown_outcome_is_settled_from_the_list_with_evidence(
    at_desk: AtDesk, worker: None, sandbox: Sandbox, eet: Supplier, tmp_path: Path
) -> None:
    sandbox.add_fault("eet", endpoint="place_order", fault="lost_answer", times=1)
    order = make_approved_order(eet, lines=[line("KAB20417")])
    buyer = at_desk("buyer", "Buyer")
    buyer.open(f"{ORDERS}{order.pk}/do/send/")
    buyer.button("Send to supplier").click()
    buyer.reload_until(buyer.badge("Needs attention"))
    (booked,) = sandbox.orders("eet")

    operator = at_desk("operator", "Operator")
    page = operator.page
    operator.menu("Needs a person").click()
    row = page.get_by_role("row").filter(has_text=order.number)
    expect(row).to_contain_text("249.00 SEK")
    # Nothing that might order it a second time is offered.
    expect(row.get_by_role("link", name="Send again…")).to_have_count(0)
    read_the_evidence(operator, order.number, tmp_path)

    row.get_by_role("link", name="Settle…").click()
    page.get_by_label("The supplier has it").check()
    page.get_by_label("Supplier's order number").fill(booked["number"])
    page.get_by_label("Evidence").fill("Asked EET by phone: they have it once.")
    operator.button("Settle unknown outcome").click()
    expect(operator.badge("Sent")).to_be_visible()
    told = operator.timeline.filter(has_text="they have it once")
    expect(told).to_contain_text("by operator")

    operator.menu("Needs a person").click()
    expect(page.get_by_role("heading", name="All is well")).to_be_visible()
    assert len(sandbox.orders("eet")) == 1
    assert operator.errors == []


def read_the_evidence(operator: Desk, number: str, folder: Path) -> None:
    """Read what was said, fetch it as a file, and go back to the list."""
    page = operator.page
    page.get_by_role("link", name="Evidence").click()
    shown = page.get_by_label("Evidence")
    expect(shown).to_contain_text(number)
    with page.expect_download() as download:
        operator.link("Download as text").click()
    assert download.value.suggested_filename == f"evidence-{number}.txt"
    download.value.save_as(folder / "evidence.txt")
    text = (folder / "evidence.txt").read_text()
    assert number in text
    assert "sandbox-eet-password" not in text
    operator.menu("Needs a person").click()

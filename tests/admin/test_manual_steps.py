"""Buyers record by hand what no API tells: on the order's page, and from a file."""

import html
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from procurement.fulfilment.models import StepImport
from procurement.orders.models import PurchaseOrder
from tests.admin.conftest import Browser
from tests.admin.pages import action_page, order_page, said, text_of
from tests.factories import line, make_supplier
from tests.fulfilment.test_manual_imports import HEADER, row
from tests.fulfilment.test_recording import sent_order
from vendors import get as vendor_of
from vendors.contracts import Capability

IMPORTS = "/admin/fulfilment/stepimport/"
UPLOAD = f"{IMPORTS}add/"
STEPS = ("confirm", "ship", "receive", "invoice", "record_cancellation")
HOSTILE = "<script>alert(1)</script>"


def at(supplier_vendor: str, **changes: Any) -> PurchaseOrder:
    return sent_order(supplier=make_supplier(supplier_vendor), **changes)


# --- on the order's page ----------------------------------------------------------


@pytest.mark.parametrize("role", ["Buyer", "Operator"])
@pytest.mark.parametrize("name", STEPS)
def test_buyers_and_operators_may_record(
    browser: Browser, role: str, name: str
) -> None:
    page = browser("somebody", role).get(action_page(sent_order(), name))

    assert page.status_code == 200
    assert page.context["reason"] == ""


@pytest.mark.parametrize("role", ["Auditor", "Approver", "Administrator"])
@pytest.mark.parametrize("name", STEPS)
def test_others_never_record(browser: Browser, role: str, name: str) -> None:
    order = sent_order()
    somebody = browser("somebody", role)

    assert somebody.get(action_page(order, name)).status_code == 403
    assert somebody.post(action_page(order, name), {}).status_code == 403


def test_step_the_api_lacks_is_a_plain_button_with_the_reason(
    browser: Browser,
) -> None:
    order = at("eet")
    buyer = browser("buyer", "Buyer")

    page = text_of(buyer.get(order_page(order)))
    assert "Record confirmation…" in page
    assert "(correction)" not in page
    reason = vendor_of("eet").why_not(Capability.READ_ORDER)
    assert reason
    shown = html.unescape(text_of(buyer.get(action_page(order, "confirm"))))
    assert reason in shown
    no_cancelling = vendor_of("eet").why_not(Capability.CANCEL_ORDER)
    shown = html.unescape(text_of(buyer.get(action_page(order, "record_cancellation"))))
    assert no_cancelling in shown


def test_step_the_api_does_is_a_correction(browser: Browser) -> None:
    order = at("extend")
    buyer = browser("buyer", "Buyer")

    page = text_of(buyer.get(order_page(order)))
    for label in ("Record confirmation", "Record shipment", "Record cancellation"):
        assert f"{label} (correction)…" in page
    assert "Record invoice…" in page
    shown = text_of(buyer.get(action_page(order, "ship")))
    assert "What you record is a correction" in shown
    shown = text_of(buyer.get(action_page(order, "record_cancellation")))
    assert "“Cancel” asks the supplier's API" in html.unescape(shown)


def test_forms_come_filled_in(browser: Browser) -> None:
    order = sent_order(lines=[line("A"), line("B")])
    buyer = browser("buyer", "Buyer")
    buyer.post(
        action_page(order, "ship"),
        {"number": "DN-1", "quantities.1": "4", "evidence": "Mail."},
    )

    ship = buyer.get(action_page(order, "ship")).context["form"]
    confirm = buyer.get(action_page(order, "confirm"))
    invoice = buyer.get(action_page(order, "invoice")).context["form"]
    receive = buyer.get(action_page(order, "receive")).context["form"]

    assert [str(ship[f"quantities.{n}"].value()) for n in (1, 2)] == ["2", "6"]
    assert confirm.context["form"]["supplier_order_number"].value() == "SO-1"
    assert str(confirm.context["form"]["quantities.1"].value()) == "6"
    assert confirm.context["form"]["unit_prices.1"].value() is None
    assert "approved: 41.50" in text_of(confirm)
    assert str(invoice["amount"].value()) == "498.00"
    assert receive["quantities.1"].value() is None


def test_confirmation_is_entered_beside_its_lines(browser: Browser) -> None:
    order = sent_order(lines=[line("A"), line("B")])
    buyer = browser("buyer", "Buyer")
    address = action_page(order, "confirm")

    answer = buyer.post(address, {"quantities.1": "6", "unit_prices.2": "5"})
    assert "evidence" in answer.context["form"].errors
    answer = buyer.post(
        address, {"quantities.1": "6", "unit_prices.2": "5", "evidence": "Mail."}
    )
    assert "unit_prices.2" in answer.context["form"].errors
    buyer.post(
        address,
        {
            "quantities.1": "6",
            "quantities.2": "5",
            "promised_dates.1": "2031-04-09",
            "unit_prices.2": "43",
            "promised_date": "2031-05-01",
            "evidence": "Mail from Lisa.",
        },
    )

    order.refresh_from_db()
    days = [each.promised_date.isoformat() for each in order.lines.all()]
    assert days == ["2031-04-09", "2031-05-01"]
    page = html.unescape(text_of(buyer.get(order_page(order))))
    assert "Confirmed by hand: Mail from Lisa." in page
    assert "Line 2: the supplier's price is 43.00 instead of 41.50." in page


def test_page_shows_shipments_and_invoices_with_their_evidence(
    browser: Browser,
) -> None:
    order = sent_order()
    buyer = browser("buyer", "Buyer")
    buyer.post(
        action_page(order, "ship"),
        {
            "number": "DN-1",
            "parcels": "373400\r\n373401, 373402",
            "quantities.1": "6",
            "evidence": f"Mail {HOSTILE}",
        },
    )
    buyer.post(
        action_page(order, "invoice"),
        {
            "invoice_number": "F-1",
            "invoice_date": "2026-04-10",
            "amount": "260",
            "evidence": "Folder 7.",
        },
    )

    page = text_of(buyer.get(order_page(order)))

    assert [str(each) for each in order.shipments.get().packages.all()] == [
        "373400",
        "373401",
        "373402",
    ]
    assert f"by hand, buyer: Mail {html.escape(HOSTILE)}" in page
    assert HOSTILE not in page
    assert "Invoice recorded" in page
    assert "Folder 7." in page
    assert "11.00 more than the 249.00" in page
    assert "· by hand" in page


def test_cancellation_by_phone_asks_once_more_and_then_cancels(
    browser: Browser,
) -> None:
    order = at("eet")
    buyer = browser("buyer", "Buyer")

    page = text_of(buyer.get(action_page(order, "record_cancellation")))
    assert "This can't be taken back here." in html.unescape(page)
    buyer.post(
        action_page(order, "record_cancellation"),
        {"quantities.1": "6", "evidence": "Eva on the phone."},
    )

    order.refresh_from_db()
    assert order.status == "cancelled"


# --- from a file ------------------------------------------------------------------


def upload(client: Client, *rows: str, name: str = "april.csv", **kwargs: Any) -> Any:
    content = "\n".join([HEADER, *rows]).encode()
    file = SimpleUploadedFile(name, content, content_type="text/csv")
    return client.post(UPLOAD, {"file": file}, **kwargs)


def record_page(stored: StepImport) -> str:
    return reverse("admin:fulfilment_stepimport_run", args=[stored.pk])


def test_file_is_looked_at_and_then_recorded(browser: Browser) -> None:
    order = sent_order()
    buyer = browser("buyer", "Buyer")

    look = upload(
        buyer,
        row("shipment", order, position="1", quantity="4", number="DN-1"),
        follow=True,
    )
    stored = StepImport.objects.get()
    assert "Would be recorded" in text_of(look)
    assert "Record 1 row<" in text_of(look)
    assert not order.shipments.exists()
    done = buyer.post(record_page(stored), {"sha256": stored.sha256}, follow=True)

    assert said(done) == "Rows recorded: 1. Skipped: 0."
    assert order.lines.get().quantity_shipped == 4
    assert order.events.last().actor_name == "buyer"
    assert "april.csv" in text_of(browser("reader", "Auditor").get(IMPORTS))


def test_get_records_nothing(browser: Browser) -> None:
    order = sent_order()
    buyer = browser("buyer", "Buyer")
    upload(buyer, row("confirmation", order))
    stored = StepImport.objects.get()

    buyer.get(record_page(stored))
    buyer.get(f"{IMPORTS}{stored.pk}/change/")

    order.refresh_from_db()
    stored.refresh_from_db()
    assert (order.fulfilment, stored.applied_at) == ("none", None)


def test_bad_cells_are_named_and_nothing_can_be_recorded(browser: Browser) -> None:
    order = sent_order()
    buyer = browser("buyer", "Buyer")

    page = upload(
        buyer,
        row("confirmation", order),
        row("shipment", order, position="1", quantity="1.234", number="DN-1"),
        follow=True,
    )
    stored = StepImport.objects.get()

    assert ">quantity</td>" in text_of(page)
    assert "1.234 may mean 1234" in text_of(page)
    assert "Record 1 row" not in text_of(page)
    tried = buyer.post(record_page(stored), {"sha256": stored.sha256}, follow=True)
    assert "Nothing was recorded" in said(tried)
    order.refresh_from_db()
    assert order.fulfilment == "none"


def test_hostile_cells_and_formulas_are_only_text(browser: Browser) -> None:
    order = sent_order()
    buyer = browser("buyer", "Buyer")

    page = upload(
        buyer,
        row("shipment", HOSTILE, number="=HYPERLINK(1)"),
        row("confirmation", order, evidence=f"=cmd|' /C calc'!A0 {HOSTILE}"),
        row(HOSTILE, order, quantity="=1+1"),
        name=f"{HOSTILE[:20]}.csv",
        follow=True,
    )
    text = text_of(page)
    assert HOSTILE not in text
    assert HOSTILE[:20] not in text
    upload(buyer, row("confirmation", order, evidence=f"=1+1 {HOSTILE}"))
    stored = StepImport.objects.first()
    assert stored is not None
    buyer.post(record_page(stored), {"sha256": stored.sha256})
    shown = text_of(buyer.get(order_page(order)))

    assert HOSTILE not in shown
    assert f"=1+1 {html.escape(HOSTILE)}" in shown


def test_unreadable_file_says_why_at_its_field(browser: Browser) -> None:
    buyer = browser("buyer", "Buyer")

    answer = buyer.post(UPLOAD, {"file": SimpleUploadedFile("x.csv", b"colour\nred")})
    too_large = buyer.post(
        UPLOAD, {"file": SimpleUploadedFile("x.csv", b"x" * 1_000_001)}
    )
    none = buyer.post(UPLOAD, {})

    assert "There is no column “colour”" in answer.context["form"].errors["file"][0]
    assert "1,000,000 bytes" in too_large.context["form"].errors["file"][0]
    assert none.context["form"].errors["file"]
    assert not StepImport.objects.exists()


def test_same_file_again_says_by_whom_it_was_recorded(browser: Browser) -> None:
    order = sent_order()
    buyer = browser("buyer", "Buyer")
    upload(buyer, row("confirmation", order))
    stored = StepImport.objects.get()
    buyer.post(record_page(stored), {"sha256": stored.sha256})

    answer = upload(browser("other", "Buyer"), row("confirmation", order))

    (text,) = answer.context["form"].errors["file"]
    assert "This very file was recorded on" in text
    assert "by buyer" in text


def test_file_with_nothing_new_is_not_recorded_again(browser: Browser) -> None:
    order = sent_order()
    buyer = browser("buyer", "Buyer")
    upload(buyer, row("shipment", order, number="DN-1"))
    stored = StepImport.objects.get()
    buyer.post(record_page(stored), {"sha256": stored.sha256})

    page = upload(buyer, row("shipment", order, number="DN-1"), "", follow=True)

    assert "There is nothing new in this file" in text_of(page)
    assert "Recorded before, from april.csv." in text_of(page)
    assert 'name="sha256"' not in text_of(page)


def test_somebody_elses_file_is_seen_and_not_recorded(browser: Browser) -> None:
    order = sent_order()
    upload(browser("buyer", "Buyer"), row("confirmation", order))
    stored = StepImport.objects.get()
    other = browser("other", "Buyer")

    page = other.get(f"{IMPORTS}{stored.pk}/change/")
    tried = other.post(record_page(stored), {"sha256": stored.sha256}, follow=True)

    assert "Only buyer may record it." in text_of(page)
    assert "the person who brought it" in said(tried)
    order.refresh_from_db()
    assert order.fulfilment == "none"


@pytest.mark.parametrize("role", ["Auditor", "Approver", "Administrator"])
def test_others_bring_no_files(browser: Browser, role: str) -> None:
    order = sent_order()
    upload(browser("buyer", "Buyer"), row("confirmation", order))
    stored = StepImport.objects.get()
    somebody = browser("somebody", role)

    assert somebody.get(UPLOAD).status_code == 403
    assert upload(somebody, row("confirmation", order)).status_code == 403
    assert somebody.get(f"{IMPORTS}template/").status_code == 403
    assert somebody.post(record_page(stored), {}).status_code == 403
    assert somebody.get(f"{IMPORTS}{stored.pk}/change/").status_code == 200
    assert StepImport.objects.count() == 1


def test_template_is_offered(browser: Browser) -> None:
    buyer = browser("buyer", "Buyer")

    page = text_of(buyer.get(UPLOAD))
    file = buyer.get(f"{IMPORTS}template/")

    assert f"{IMPORTS}template/" in page
    assert file.content.decode("utf-8-sig").startswith("step;order;position;")
    assert file["Content-Disposition"] == 'attachment; filename="steps.csv"'


@pytest.mark.parametrize("address", ["999/change/", "999/record/", "x/change/"])
def test_import_that_is_not_there_is_not_found(browser: Browser, address: str) -> None:
    assert browser("buyer", "Buyer").get(f"{IMPORTS}{address}").status_code == 404

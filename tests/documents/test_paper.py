"""An order on paper: what it says, in whose language, and who may print it."""

from datetime import date
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from procurement.documents import queries
from procurement.documents.paper.figures import Figures
from procurement.documents.paper.printing import orders_pdf
from procurement.orders.models import PurchaseOrder
from procurement.suppliers.models import Language
from tests.admin.conftest import Browser, browser, member
from tests.admin.pages import ORDERS, order_page, said, text_of
from tests.api.clients import client_for
from tests.documents.pdf import Pdf
from tests.factories import line, make_approved_order, make_order, make_supplier

__all__ = ["browser"]
pytestmark = pytest.mark.django_db
PRINT = "/admin/documents/print/"


@pytest.fixture(autouse=True)
def company(settings: object) -> None:
    settings.COMPANY_NAME = "Inköp & Co AB"  # type: ignore[attr-defined]
    settings.COMPANY_ADDRESS = ["Provgatan 4", "903 20 Umeå"]  # type: ignore[attr-defined]
    settings.COMPANY_VAT = "SE556000000001"  # type: ignore[attr-defined]


def printed(*orders: PurchaseOrder) -> Pdf:
    user = member("reader", "Auditor")
    rows = queries.printable_orders(user).filter(pk__in=[order.pk for order in orders])
    return Pdf.read(orders_pdf(rows.order_by("pk")))


def live_order(**changes: object) -> PurchaseOrder:
    supplier = make_supplier(mode="live", **changes.pop("of_supplier", {}))  # type: ignore[call-overload]
    return make_approved_order(supplier, **changes)


def test_paper_says_all_that_is_ordered_in_the_suppliers_language() -> None:
    order = live_order(
        of_supplier={"language": "sv", "name": "Łódź Części Sp. z o.o."},
        requested_date=date(2031, 5, 17),
        note="Ring först.\nPort 4 <inte> 5 & 6",
        external_reference="WEB-9911",
        lines=[
            line("SKU-1", quantity=Decimal("1234.5"), unit_price=Decimal("41.5075")),
            line(
                "SKU-2",
                brand="Żuk",
                description="Oljefilter æøå ő",
                vat_percent=Decimal(12),
            ),
        ],
    )
    order.buyer.first_name, order.buyer.last_name = "Bea", "Köpare"
    order.buyer.save()

    pdf = printed(order)

    (page,) = pdf.pages
    for text in (
        "Inköpsorder",
        order.number,
        "Inköp & Co AB",
        "903 20 Umeå",
        "Momsreg.nr SE556000000001",
        "Łódź Części Sp. z o.o.",
        "Verkstad Nord",
        "Provgatan 4",
        "90320 Umea",
        "Bea Köpare",
        "17 maj 2031",
        "WEB-9911",
        "Ring först.",
        "SKU-1",
        "1 234,5",
        "41,5075",
        "51 241,01",
        "Żuk – Oljefilter æøå ő",
        "41,50",
        "249,00",
        "Summa exkl. moms",
        "51 490,01 SEK",
        "Moms 12 % på 249,00 SEK",
        "29,88 SEK",
        "Moms 25 % på 51 241,01 SEK",
        "12 810,25 SEK",
        "64 330,14 SEK",
        "Sida 1 av 1",
    ):
        assert text.replace(" ", "\N{NO-BREAK SPACE}") in [
            each.replace(" ", "\N{NO-BREAK SPACE}") for each in page
        ], text
    assert "<inte> 5 & 6" in "".join(page)
    assert "TEST" not in pdf.text
    assert "UTKAST" not in pdf.text


@pytest.mark.parametrize(
    ("language", "title", "day", "amount"),
    [
        ("en", "Purchase order", "17 May 2031", "1,037.69"),
        ("sv", "Inköpsorder", "17 maj 2031", "1 037,69"),
        ("nb", "Innkjøpsordre", "17. mai 2031", "1 037,69"),
        ("da", "Indkøbsordre", "17. maj 2031", "1.037,69"),
    ],
)
def test_each_language_has_its_words_days_and_figures(
    language: str, title: str, day: str, amount: str
) -> None:
    order = live_order(
        of_supplier={"language": language},
        requested_date=date(2031, 5, 17),
        lines=[line(quantity=Decimal(25), unit_price=Decimal("41.5075"))],
    )

    text = printed(order).text.replace("\N{NO-BREAK SPACE}", " ")

    assert title in text
    assert day in text
    assert amount in text


def test_test_orders_drafts_and_cancelled_ones_say_so_on_every_page() -> None:
    lines = [line(f"SKU-{number}") for number in range(120)]
    draft = make_order(make_supplier(), lines=lines)

    for page in printed(draft).pages:
        assert page[:2] == ["TEST ORDER – not a purchase", "DRAFT – not approved"]
    approved = live_order(of_supplier={"slug": "live"}, lines=lines)
    PurchaseOrder.objects.filter(pk=approved.pk).update(fulfilment="cancelled")
    pages = printed(approved).pages
    assert len(pages) > 1
    for page in pages:
        assert page[0] == "CANCELLED – do not deliver"


def test_order_without_every_vat_rate_has_no_total_including_vat() -> None:
    order = live_order(
        lines=[line(), line("SKU-2", vat_percent=None, quantity=Decimal(1))]
    )

    text = printed(order).text.replace("\N{NO-BREAK SPACE}", " ")

    assert "290.50 SEK" in text
    assert "VAT 25 % on 249.00 SEK" in text
    assert "Total including VAT" not in text
    assert "VAT is not stated for every line" in text


def test_currency_without_decimals_has_none_and_vat_is_rounded_to_it() -> None:
    order = live_order(
        currency="JPY",
        lines=[line(quantity=Decimal(3), unit_price=Decimal(155))],
    )

    text = printed(order).text.replace("\N{NO-BREAK SPACE}", " ")

    # 465 x 25 % = 116.25
    assert "VAT 25 % on 465 JPY\n116 JPY" in text
    assert "581 JPY" in text


def test_every_line_of_a_long_order_is_there_and_pages_are_counted() -> None:
    order = live_order(
        lines=[line(f"SKU-{number:04}", unit="") for number in range(500)]
    )

    pdf = printed(order)

    items = [text for page in pdf.pages for text in page if text.startswith("SKU-")]
    assert items == [f"SKU-{number:04}" for number in range(500)]
    count = len(pdf.pages)
    assert count > 8
    for number, page in enumerate(pdf.pages, start=1):
        assert f"Page {number} of {count}" in page
        assert "Item number" in page
        assert order.number in page or f"Purchase order {order.number}" in page


def test_longest_texts_and_figures_stay_within_the_page() -> None:
    order = live_order(
        note="W" * 400,
        lines=[
            line(
                "W" * 80,
                brand="W" * 80,
                description="W" * 300,
                unit="W" * 10,
                quantity=Decimal("1.001"),
                unit_price=Decimal("99999999999.1234"),
            )
        ],
    )

    text = printed(order).text.replace("\N{NO-BREAK SPACE}", " ")

    # 1.001 x 99,999,999,999.1234
    assert "100,099,999,999.12" in text
    assert text.replace("\n", "").count("W" * 80) >= 1


def test_same_order_gives_the_same_bytes() -> None:
    order = live_order()
    rows = queries.printable_orders(order.buyer).filter(pk=order.pk)

    assert orders_pdf(rows.all()) == orders_pdf(rows.all())


def test_letters_that_cannot_be_shown_do_not_break_the_print() -> None:
    order = live_order(lines=[line(description="a\x01b\u202ec 😀 中")])

    assert "abc \N{REPLACEMENT CHARACTER}" in printed(order).text


def test_orders_printed_together_are_counted_apart() -> None:
    swedish = live_order(
        of_supplier={"language": "sv"},
        lines=[line(f"SKU-{number}") for number in range(60)],
    )
    english = make_approved_order(make_supplier("eet", mode="live"))

    pages = printed(swedish, english).pages

    assert [page[-1] for page in pages] == [
        "Sida 1 av 2",
        "Sida 2 av 2",
        "Page 1 of 1",
    ]


def test_printing_costs_the_same_queries_however_many_orders() -> None:
    supplier = make_supplier()
    orders = [make_order(supplier) for _ in range(6)]
    costs = []
    for chosen in (orders[:1], orders):
        with CaptureQueriesContext(connection) as made:
            queries.print_orders(
                order_ids=[order.pk for order in chosen], actor=orders[0].buyer
            )
        costs.append(len(made))
        assert not [each for each in made if "credentials" in each["sql"]]

    assert costs == [3, 3]


# --- the admin ------------------------------------------------------------------------


def test_order_page_leads_to_its_print(browser: Browser) -> None:
    order = make_order()
    auditor = browser("auditor", "Auditor")

    assert f"{PRINT}{order.pk}/" in text_of(auditor.get(order_page(order)))
    answer = auditor.get(f"{PRINT}{order.pk}/")

    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'inline; filename="{order.number}.pdf"'
    assert "no-store" in answer["Cache-Control"]
    assert order.number in Pdf.read(answer.content).text


def test_print_is_for_those_who_see_orders(browser: Browser) -> None:
    order = make_order()

    assert browser("nobody").get(f"{PRINT}{order.pk}/").status_code == 403
    assert browser("nobody").post(PRINT, {"order": order.pk}).status_code == 403
    assert Client().get(f"{PRINT}{order.pk}/").status_code == 302
    assert browser("buyer", "Buyer").get(f"{PRINT}999/").status_code == 404


def test_order_that_may_not_be_seen_is_not_printed(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = make_order()
    buyer = browser("buyer", "Buyer")
    monkeypatch.setattr(
        "procurement.orders.models.PurchaseOrderQuerySet.visible_to",
        lambda orders, user: orders.none(),
    )

    assert buyer.get(f"{PRINT}{order.pk}/").status_code == 404
    answer = buyer.post(PRINT, {"order": [f"{order.pk}:1"]}, follow=True)
    assert said(answer) == "Tick the orders first."


def test_ticked_orders_come_as_one_file(browser: Browser) -> None:
    supplier = make_supplier()
    orders = [make_order(supplier) for _ in range(2)]
    make_order(supplier)
    buyer = browser("buyer", "Buyer")
    assert f'formaction="{PRINT}"' in text_of(buyer.get(ORDERS))

    answer = buyer.post(PRINT, {"order": [f"{orders[1].pk}:1", str(orders[0].pk)]})

    pages = Pdf.read(answer.content).pages
    assert [order.number in page for order, page in zip(orders, pages, strict=True)]
    assert len(pages) == 2
    assert buyer.get(PRINT).status_code == 405


def test_too_much_at_once_is_refused_with_the_limit(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = make_order()
    buyer = browser("buyer", "Buyer")

    many = buyer.post(PRINT, {"order": [str(key) for key in range(51)]}, follow=True)
    assert said(many) == "50 orders are printed at a time, not 51."
    monkeypatch.setattr(queries, "MOST_LINES", 0)
    long = buyer.post(PRINT, {"order": [str(order.pk)]}, follow=True)
    assert "have 1 lines, and 0 are printed at a time" in said(long)
    assert buyer.post(PRINT, {"order": ["x"]}).status_code == 400
    assert "Tick" in said(buyer.post(PRINT, follow=True))


# --- REST -----------------------------------------------------------------------------


def test_rest_gives_the_same_paper() -> None:
    order = make_order()
    client = client_for(member("robot", "Auditor"), ["orders:read"])

    answer = client.get(f"/api/v1/orders/{order.number}/pdf/")

    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    assert order.number in Pdf.read(answer.content).text
    accepted = client.get(
        f"/api/v1/orders/{order.number}/pdf/", headers={"Accept": "application/pdf"}
    )
    assert accepted.content == answer.content


def test_rest_refuses_as_everywhere() -> None:
    order = make_order()
    address = f"/api/v1/orders/{order.number}/pdf/"

    missing = client_for(member("robot", "Auditor"), ["orders:read"]).get(
        "/api/v1/orders/PO-1/pdf/"
    )
    assert missing.status_code == 404
    assert missing["Content-Type"] == "application/problem+json"
    assert missing.json()["detail"] == "There is no order PO-1."
    other = client_for(member("other", "Auditor"), ["events:read"]).get(address)
    assert other.status_code == 403
    assert APIClient().get(address).status_code == 401


# --- languages ------------------------------------------------------------------------


def test_every_language_of_a_supplier_has_figures_and_is_one_of_ours() -> None:
    assert set(Language.values) == {code for code, _ in settings.LANGUAGES}
    for language in Language.values:
        assert Figures.of(language).price(Decimal("0.5"), "SEK") in ("0.50", "0,50")

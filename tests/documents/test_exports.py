"""Tables of orders made in the background: what is in them, who may have them."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from procurement.documents.exports import operations, reading, writing
from procurement.documents.exports.columns import CHOSEN_AT_FIRST, COLUMNS, What
from procurement.documents.exports.operations import ask_for_export
from procurement.documents.models import ExportFetch
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.orders.models import PurchaseOrder
from procurement.parts import StoredFile
from procurement.runs.models import Run
from procurement.runs.working import work_off
from tests.admin.conftest import Browser, browser, member
from tests.admin.pages import ORDERS, said, text_of
from tests.factories import line, make_order, make_supplier, make_user
from tests.runs.kinds import Killed

__all__ = ["browser"]
pytestmark = pytest.mark.django_db
PAGE = "/admin/documents/export/"


def asked(**changes: Any) -> Run:
    what = changes.get("what", "orders")
    values = {
        "actor": member("buyer", "Buyer"),
        "what": what,
        "file_format": "csv",
        "columns": CHOSEN_AT_FIRST[What(what)],
        **changes,
    }
    return ask_for_export(**values)


def made(**changes: Any) -> Run:
    run = asked(**changes)
    assert work_off(run_id=run.pk) == "done", Run.objects.get(pk=run.pk).text
    run.refresh_from_db()
    return run


def content(run: Run) -> bytes:
    return StoredFile(run.parts).reader.read()


def rows_of_csv(run: Run) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content(run).decode("utf-8-sig"))))


def sheet_of(run: Run) -> Any:
    return load_workbook(io.BytesIO(content(run))).active


def test_orders_are_written_with_exact_numbers_and_iso_days() -> None:
    order = make_order(
        make_supplier(name="Łódź AB"),
        requested_date=date(2031, 5, 17),
        lines=[line(quantity=Decimal("0.1"), unit_price=Decimal("3.3333"))],
    )
    moment = datetime(2031, 5, 1, 8, 30, tzinfo=UTC)
    PurchaseOrder.objects.filter(pk=order.pk).update(created_at=moment)

    run = made(columns=[column.name for column in COLUMNS[What.ORDERS]])

    assert content(run).startswith(b"\xef\xbb\xbf")
    (row,) = rows_of_csv(run)
    assert row["Order"] == order.number
    assert row["Supplier"] == "Łódź AB"
    assert row["Status"] == "Draft"
    assert row["Total without VAT"] == "0.33"
    assert row["Wanted on"] == "2031-05-17"
    assert row["Promised for"] == ""
    assert row["Entered at"] == "2031-05-01T08:30:00+00:00"
    assert row["Test"] == "1"
    assert (run.total, run.done) == (1, 1)


def test_lines_are_written_one_in_a_row_newest_order_first() -> None:
    supplier = make_supplier()
    make_order(supplier, lines=[line("A"), line("B", vat_percent=None)])
    make_order(
        supplier,
        lines=[line("C", quantity=Decimal("1.5"), unit_price=Decimal("2.0050"))],
    )

    rows = rows_of_csv(made(what="lines"))

    assert [(row["Item number"], row["Position"]) for row in rows] == [
        ("C", "1"),
        ("A", "1"),
        ("B", "2"),
    ]
    # 1.5 x 2.005 = 3.0075
    assert rows[0]["Quantity"] == "1.5"
    assert rows[0]["Price without VAT"] == "2.005"
    assert rows[0]["Amount without VAT"] == "3.01"
    assert rows[2]["VAT %"] == ""


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "  =1+1", "\uff1d1", "\uff20x"]
)
def test_text_is_never_a_formula(text: str) -> None:
    make_order(make_supplier(), note=f"{text}x", lines=[line(description="ok")])
    PurchaseOrder.objects.update(note=f"{text}x")

    (row,) = rows_of_csv(made(columns=["note", "total"]))
    assert row["Note to the supplier"] == f"'{text}x"
    assert row["Total without VAT"] == "249"
    sheet = sheet_of(made(columns=["note", "total"], file_format="xlsx"))
    cell = sheet["B2"] if sheet["B1"].value == "Note to the supplier" else sheet["A2"]
    assert cell.data_type in ("s", "inlineStr")
    # A sheet of XML has line feeds only.
    assert cell.value == f"{text}x".replace("\r", "\n")


def test_negative_number_is_a_number() -> None:
    column = COLUMNS[What.LINES][-6]
    assert column.name == "amount"
    row = {
        "quantity": Decimal(-2),
        "unit_price": Decimal("1.5"),
        "order__currency": "SEK",
    }

    assert writing.as_csv([column], [row]) == "-3\r\n"


def test_sheet_has_numbers_days_and_titles() -> None:
    make_order(
        make_supplier(),
        requested_date=date(2031, 5, 17),
        note="a\x0bb",
        lines=[line(quantity=Decimal("0.1"), unit_price=Decimal("3.3333"))],
    )

    sheet = sheet_of(
        made(
            what="lines",
            file_format="xlsx",
            columns=["number", "requested_date", "unit_price", "note", "created_at"],
        )
    )

    titles, row = list(sheet.iter_rows())
    found = dict(zip([cell.value for cell in titles], row, strict=True))
    assert titles[0].font.bold
    assert sheet.freeze_panes == "A2"
    assert found["Price without VAT"].value == pytest.approx(3.3333, abs=0)
    assert found["Price without VAT"].data_type == "n"
    assert found["Wanted on"].value.date() == date(2031, 5, 17)
    assert found["Note to the supplier"].value == "ab"
    assert found["Entered at"].value.endswith("+00:00")


def test_csv_begins_without_a_mark_if_asked_so() -> None:
    make_order()

    assert content(made(with_mark=False)).startswith(b"Order,")


def test_file_has_what_the_list_shows() -> None:
    supplier, other = make_supplier(), make_supplier("eet")
    first = make_order(supplier, external_reference="WEB-1")
    second = make_order(other, actor=make_user("colleague"))

    for query, found in {
        "": [second, first],
        f"supplier={other.pk}": [second],
        "show=mine": [first],
        "q=WEB-": [first],
        "q=WEB-1": [first],
        "headline=sent": [],
        "p=7": [second, first],
    }.items():
        rows = rows_of_csv(made(query=query))
        assert [row["Order"] for row in rows] == [o.number for o in found], query


def test_filter_that_is_none_is_refused_when_asked() -> None:
    with pytest.raises(OperationNotAllowed):
        asked(query="created_at_from=yesterday")
    assert not Run.objects.exists()


def test_sight_is_that_of_the_time_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    make_order()
    run = asked()
    monkeypatch.setattr(
        "procurement.orders.models.PurchaseOrderQuerySet.visible_to",
        lambda orders, user: orders.none(),
    )

    work_off(run_id=run.pk)
    assert rows_of_csv(run) == []

    late = asked()
    make_user("buyer").groups.clear()
    assert work_off(run_id=late.pk) == "stopped"


def test_csv_goes_on_after_a_kill_without_a_row_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "ORDERS_AT_ONCE", 2)
    supplier = make_supplier()
    orders = [make_order(supplier) for _ in range(5)]
    deaths = [2]
    real = operations.as_csv

    def dying(columns: Any, rows: Any) -> str:
        deaths[0] -= 1
        if deaths[0] == 0:
            raise Killed
        return real(columns, rows)

    monkeypatch.setattr(operations, "as_csv", dying)
    run = asked()
    with pytest.raises(Killed):
        work_off(run_id=run.pk)

    assert work_off(run_id=run.pk) == "done"

    numbers = [row["Order"] for row in rows_of_csv(run)]
    assert numbers == [order.number for order in orders[::-1]]
    run.refresh_from_db()
    assert (run.done, operations.rows_of(run)) == (5, 5)


def test_sheet_that_was_whole_is_not_written_twice() -> None:
    make_order()
    run = made(file_format="xlsx")
    before = content(run)
    Run.objects.filter(pk=run.pk).update(state="running", ended_at=None)

    assert work_off(run_id=run.pk) == "done"

    assert content(run) == before


def test_sheet_says_when_it_has_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "MOST_SHEET_ROWS", 1)
    make_order(lines=[line("A"), line("B")])
    run = asked(what="lines", file_format="xlsx")

    assert work_off(run_id=run.pk) == "failed"

    run.refresh_from_db()
    assert "Export CSV" in run.text
    assert not run.file_size


def test_queries_grow_with_batches_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    supplier = make_supplier()
    costs = []
    for count in (2, 20):
        for _ in range(count):
            make_order(supplier)
        run = asked(what="lines")
        with CaptureQueriesContext(connection) as queries:
            work_off(run_id=run.pk)
        costs.append(len(queries))
        assert not [each for each in queries if "credentials" in each["sql"]]

    assert costs[0] == costs[1]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"what": "everything", "columns": ["number"]}, "what"),
        ({"file_format": "pdf"}, "file_format"),
        ({"columns": []}, "columns"),
        ({"columns": ["number", "password"]}, "columns"),
        ({"query": "q=" + "x" * 3000}, "query"),
    ],
)
def test_wrong_wishes_name_their_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        ask_for_export(
            **{
                "actor": member("buyer", "Buyer"),
                "what": "orders",
                "file_format": "csv",
                "columns": ["number"],
                **changes,
            }
        )

    assert list(refused.value.errors) == [field]
    assert not Run.objects.exists()


def test_who_sees_no_orders_exports_none(browser: Browser) -> None:
    with pytest.raises(OperationNotAllowed):
        asked(actor=make_user("nobody"))
    assert browser("nobody").get(PAGE).status_code == 403
    assert browser("nobody").post(PAGE).status_code == 403
    assert Client().get(PAGE).status_code == 302


# --- the screens ----------------------------------------------------------------------


def test_list_leads_to_the_export_of_what_it_shows(browser: Browser) -> None:
    buyer = browser("buyer", "Buyer")
    make_order()

    page = text_of(buyer.get(f"{ORDERS}?headline=draft&p=1"))
    assert f'href="{PAGE}?headline=draft"' in page
    form = buyer.get(f"{PAGE}?headline=draft")
    assert form.context["query"] == "headline=draft"
    posted = {
        "query": "headline=draft",
        "token": form.context["token"],
        "what": "orders",
        "file_format": "csv",
        "columns_orders": ["number", "total"],
    }

    answer = buyer.post(PAGE, posted)
    again = buyer.post(PAGE, posted)

    run = Run.objects.get()
    assert answer["Location"] == again["Location"] == run.url
    assert run.parameters["query"] == "headline=draft"
    work_off(run_id=run.pk)
    assert "Fetch the file" in text_of(buyer.get(run.url))


def test_faults_are_said_and_nothing_typed_is_lost(browser: Browser) -> None:
    buyer = browser("buyer", "Buyer")

    answer = buyer.post(PAGE, {"what": "lines", "file_format": "csv", "query": "a=b"})

    assert answer.status_code == 400
    assert "Choose columns this table has." in text_of(answer)
    assert (answer.context["what"], answer.context["query"]) == ("lines", "a=b")
    refused = buyer.post(
        PAGE,
        {
            "what": "orders",
            "file_format": "csv",
            "columns_orders": ["number"],
            "query": "created_at_from=x",
        },
    )
    assert "The list has no such filter." in said(refused)
    assert not Run.objects.exists()


def test_fetching_is_written_down_and_shown_to_the_auditor(browser: Browser) -> None:
    make_order(lines=[line("A"), line("B")])
    run = made(what="lines")
    buyer = browser("buyer", "Buyer")
    address = f"/admin/runs/run/{run.pk}/file/"

    assert browser("other", "Buyer").get(address).status_code == 404
    assert not ExportFetch.objects.exists()
    answer = buyer.get(address)

    assert b"".join(answer.streaming_content) == content(run)  # type: ignore[attr-defined]
    fetch = ExportFetch.objects.get()
    assert (fetch.user.username, fetch.rows, fetch.run) == ("buyer", 2, run)
    assert fetch.parameters["what"] == "lines"
    listed = "/admin/documents/exportfetch/"
    page = text_of(browser("auditor", "Auditor").get(listed))
    assert fetch.file_name in page
    assert buyer.get(listed).status_code == 403


def test_record_outlives_the_file(browser: Browser) -> None:
    make_order()
    run = made()
    browser("buyer", "Buyer").get(f"/admin/runs/run/{run.pk}/file/")

    run.delete()

    assert ExportFetch.objects.get().file_name.startswith("orders-")

"""A table is read as it was meant, from CSV and from Excel, or the cell is named."""

from contextlib import suppress
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from procurement.errors import InvalidInput
from procurement.sheets import packed, typed, xlsxfile
from procurement.sheets.tables import Column, Table, read_table
from procurement.sheets.templates import as_csv
from procurement.sheets.workbooks import as_xlsx
from tests.sheets.xlsx import book_of, part_of, saved, with_parts

COLUMNS = (
    Column(name="key", help="the key", read=typed.text(20), is_needed=True),
    Column(name="quantity", help="how many", read=typed.number(3)),
    Column(name="vat", help="per cent", read=typed.percent),
    Column(name="day", help="when", read=typed.day),
)
HEAD = ("key", "quantity", "vat", "day")
NOON = datetime.combine(date(2031, 4, 9), time(12))
SHEET = "xl/worksheets/sheet1.xml"


def read(content: bytes, most_rows: int = 50) -> Table:
    return read_table(content, COLUMNS, most_rows=most_rows)


def only_row(content: bytes) -> dict[str, Any]:
    table = read(content)
    assert table.faults == []
    (row,) = table.rows
    return row.values


def only_fault(content: bytes) -> tuple[int, str, str]:
    (fault,) = read(content).faults
    return fault.line, fault.column, fault.text


def unreadable(content: bytes, most_rows: int = 50) -> str:
    with pytest.raises(InvalidInput) as refused:
        read(content, most_rows)
    return refused.value.errors["file"]


@pytest.mark.parametrize("sign", [";", ",", "\t"])
@pytest.mark.parametrize("mark", ["", "sep={}\r\n"])
def test_text_is_parted_by_any_of_three_signs(sign: str, mark: str) -> None:
    rows = ("key", "quantity"), ("A", "12.5")
    text = mark.format(sign) + "\r\n".join(sign.join(row) for row in rows)

    assert only_row(text.encode()) == {"key": "A", "quantity": Decimal("12.5")}


def test_cells_of_a_sheet_keep_their_types() -> None:
    row = only_row(book_of(HEAD, ("A", 12.5, 25, date(2031, 4, 9))))

    assert row == {
        "key": "A",
        "quantity": Decimal("12.5"),
        "vat": Decimal(25),
        "day": date(2031, 4, 9),
    }


def test_text_in_a_sheet_is_read_as_text_of_a_csv_file_is() -> None:
    row = only_row(book_of(HEAD, ("A", "1.234,5", "25 %", "9.4.2031")))

    assert (row["quantity"], row["vat"]) == (Decimal("1234.5"), Decimal(25))
    assert row["day"] == date(2031, 4, 9)


def test_number_has_no_more_digits_than_excel_shows() -> None:
    content = book_of(HEAD, ("A", 1.1))
    long = part_of(content, SHEET).replace(b">1.1<", b">1.1000000000000001<")

    row = only_row(with_parts(content, {SHEET: long}))

    assert row["quantity"] == Decimal("1.1")


@pytest.mark.parametrize(
    ("row", "shown_as", "column", "text"),
    [
        (("A", "1.234"), {}, "quantity", "may mean 1234"),
        (("A", -1), {}, "quantity", "0 or more"),
        (("A", 1.23456), {}, "quantity", "3 decimals"),
        (("A", True), {}, "quantity", "this is something else"),
        (("A", date(2031, 4, 9)), {}, "quantity", "this is something else"),
        (("A", "=1+1"), {}, "quantity", "There is a formula"),
        (("A", "#N/A"), {}, "quantity", "the error #N/A"),
        (("A", 1, 0.25), {"C2": "0%"}, "vat", "is a percentage"),
        (("A", 1, 0.25), {}, "vat", "0.25 may mean 25 %. Write 25."),
        (("A", 1, 25, 46120), {}, "day", "make the cell a date"),
        (("A", 1, 25, "04/09/2031"), {}, "day", "Write the day as"),
        (("A", 1, 25, NOON), {}, "day", "a time beside the day"),
        (("A", 1, 25, time(12)), {}, "day", "made it a time"),
        ((10.5,), {}, "key", "zeros at its end would be lost"),
        ((42,), {"A2": "00000"}, "key", "adds zeros before the number"),
        ((date(2031, 4, 10),), {}, "key", "made it the day 2031-04-10"),
        ((True,), {}, "key", "holds yes or no"),
        ((1234567890123456789,), {}, "key", "Excel keeps 15 digits"),
        (("x" * 21,), {}, "key", "at most 20 characters, not 21"),
        (("", 1), {}, "key", "Fill it in: the key."),
        (("A", 1, 25, "", "more"), {}, "", "5 cells, and there are 4 columns"),
    ],
)
def test_bad_cell_of_a_sheet_is_named(
    row: tuple[Any, ...], shown_as: dict[str, str], column: str, text: str
) -> None:
    line, named, said = only_fault(book_of(HEAD, row, formats=shown_as))

    assert (line, named) == (2, column)
    assert text in said


def test_rows_keep_their_numbers_over_empty_ones() -> None:
    table = read(book_of(HEAD, ("A",), (), ("B", "x")))

    assert [row.line for row in table.rows] == [2, 4]
    assert [fault.line for fault in table.faults] == [4]


def test_first_sheet_is_read_and_others_are_told_of() -> None:
    book = Workbook()
    first: Any = book.active
    first.append(HEAD)
    first.append(("A",))
    first.title = "Spring"
    book.create_sheet("Autumn").append(("B",))

    table = read(saved(book))

    assert [row.get("key") for row in table.rows] == ["A"]
    assert table.notes == ["Only the first sheet, “Spring”, is read."]


# --- files that are not opened ----------------------------------------------------


def test_file_of_the_old_kind_or_with_a_password_is_refused() -> None:
    assert "old kind, or one with a password" in unreadable(b"\xd0\xcf\x11\xe0" * 9)


def test_macros_are_refused() -> None:
    content = with_parts(book_of(HEAD, ("A",)), {"xl/vbaProject.bin": b"x"})

    assert "macros" in unreadable(content)


def test_printer_settings_are_no_program() -> None:
    settings = {"xl/printerSettings/printerSettings1.bin": b"x"}

    assert only_row(with_parts(book_of(HEAD, ("A",)), settings))["key"] == "A"


def test_other_packed_files_are_refused() -> None:
    content = with_parts(book_of(HEAD, ("A",)), {})

    assert "damaged" in unreadable(content[: len(content) // 2])
    assert "damaged" in unreadable(b"PK\x03\x04 and nothing more")
    open_document = with_parts(_empty(), {"content.xml": b"<x/>"})
    assert "no Excel workbook" in unreadable(open_document)


def _empty() -> bytes:
    return b"PK\x05\x06" + bytes(18)


def test_bomb_is_refused_before_it_is_unpacked() -> None:
    huge = b"<x>" + b" " * 30_000_000
    content = with_parts(book_of(HEAD, ("A",)), {"xl/worksheets/sheet9.xml": huge})

    assert len(content) < 100_000
    assert "far larger inside" in unreadable(content)


def test_too_many_parts_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "MOST_PARTS", 3)

    assert "far larger inside" in unreadable(book_of(HEAD, ("A",)))


def test_definitions_that_multiply_are_refused() -> None:
    content = book_of(HEAD, ("A",))
    evil = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]>'
    sheet = part_of(content, SHEET).partition(b"?>")[2] or part_of(content, SHEET)

    assert "defines things" in unreadable(with_parts(content, {SHEET: evil + sheet}))


def test_too_many_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsxfile, "MOST_CELLS", 6)

    assert "more than 6 cells" in unreadable(book_of(HEAD, ("A", 1, 2), ("B", 1, 2)))


def test_cell_far_to_the_right_does_not_become_a_wide_table(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(xlsxfile, "MOST_CELLS", 16_000)
    content = book_of(HEAD, ("A", 1))
    far = part_of(content, SHEET).replace(b'r="B2"', b'r="XFD2"')

    assert "more than 16,000 cells" in unreadable(with_parts(content, {SHEET: far}))


def test_more_rows_than_are_taken_are_refused() -> None:
    assert "more than 1 rows" in unreadable(book_of(HEAD, ("A",), ("B",)), most_rows=1)


def test_empty_tables_are_refused() -> None:
    assert unreadable(b"") == "The file is empty."
    assert "no row below" in unreadable(book_of(HEAD))


@given(st.binary(max_size=300))
def test_whatever_the_bytes_a_file_is_read_or_refused(content: bytes) -> None:
    for start in (b"", b"PK\x03\x04", b"key;quantity\n"):
        with suppress(InvalidInput):
            read(start + content)


@given(st.integers(min_value=0, max_value=4000), st.binary(min_size=1, max_size=40))
def test_workbook_with_damage_is_read_or_refused(at: int, noise: bytes) -> None:
    whole = book_of(HEAD, ("A", 1, 25, date(2031, 4, 9)))
    with suppress(InvalidInput):
        read(whole[:at] + noise + whole[at + len(noise) :])


# --- numbers of articles, and templates -------------------------------------------


@pytest.mark.parametrize(
    "number",
    ["4006381333931", "73513537", "036000291452", "10614141000415", Decimal(73513537)],
)
def test_number_with_its_check_digit_is_taken(number: Any) -> None:
    assert typed.gtin(number) == str(number)


DIGITS = "0123456789"
ALL_BUT_THE_LAST = st.sampled_from(typed.GTIN_LENGTHS).flatmap(
    lambda length: st.text(DIGITS, min_size=length - 1, max_size=length - 1)
)


@given(ALL_BUT_THE_LAST, st.data())
def test_one_wrong_digit_is_always_found(digits: str, data: Any) -> None:
    right = digits + typed.check_digit(digits)
    at = data.draw(st.integers(0, len(right) - 1))
    other = data.draw(st.sampled_from(DIGITS).filter(lambda d: d != right[at]))

    assert typed.gtin(right) == right
    with pytest.raises(ValueError, match="one of the digits is wrong"):
        typed.gtin(right[:at] + other + right[at + 1 :])


def test_templates_are_read_as_their_examples_say() -> None:
    example = {
        "key": "007",
        "quantity": Decimal("1.5"),
        "vat": Decimal(25),
        "day": date(2031, 4, 9),
    }

    assert only_row(as_csv(COLUMNS, [example])) == example
    assert only_row(as_xlsx("Orders", COLUMNS, [example])) == example
    assert read(as_xlsx("Orders", COLUMNS, [example])).notes == []

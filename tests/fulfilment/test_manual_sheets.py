"""A CSV file is read as it was meant, or the bad cell is named; nothing is guessed."""

from datetime import date
from decimal import Decimal

import pytest

from procurement.errors import InvalidInput
from procurement.fulfilment.sheets import (
    MAX_BYTES,
    MAX_ROWS,
    Row,
    Step,
    read_sheet,
    template,
)
from procurement.sheets.cells import read_number

HEADER = "step;order;position;quantity;date;number;evidence"
SHIPMENT = "shipment;PO-1;1;4;2031-04-08;DN-1;Mail"


def sheet(*rows: str, header: str = HEADER) -> bytes:
    return "\n".join([header, *rows]).encode()


def only_row(content: bytes) -> Row:
    read = read_sheet(content)
    assert read.faults == []
    (row,) = read.rows
    return row


def faults(content: bytes) -> list[tuple[int, str, str]]:
    return [(each.line, each.column, each.text) for each in read_sheet(content).faults]


def unreadable(content: bytes) -> str:
    with pytest.raises(InvalidInput) as refused:
        read_sheet(content)
    assert list(refused.value.errors) == ["file"]
    return refused.value.errors["file"]


def test_row_is_read_with_its_types() -> None:
    row = only_row(sheet(SHIPMENT))

    assert (row.line, row.step, row.order) == (2, Step.SHIPMENT, "PO-1")
    assert (row.position, row.quantity) == (1, Decimal(4))
    assert (row.date, row.number) == (date(2031, 4, 8), "DN-1")


def test_commas_part_cells_too() -> None:
    row = only_row(sheet(SHIPMENT.replace(";", ","), header=HEADER.replace(";", ",")))

    assert row.number == "DN-1"


@pytest.mark.parametrize("mark", ["sep=;\n", "SEP=;\r\n"])
def test_excels_mark_of_the_delimiter_is_understood(mark: str) -> None:
    row = only_row(mark.encode() + sheet(SHIPMENT))

    assert (row.line, row.number) == (3, "DN-1")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_letters_survive_the_encodings_of_excel(encoding: str) -> None:
    text = f"{HEADER}\r\nshipment;PO-1;1;4;;DN-1;Mail från Åsa\r\n"

    assert only_row(text.encode(encoding)).evidence == "Mail från Åsa"


def test_names_of_columns_are_taken_in_any_case_and_order() -> None:
    row = only_row(
        sheet(
            "Mail;SKU-1;2;PO-1;shipment;DN-1",
            header="Evidence;Item number;Quantity;ORDER;Step;Number;;",
        )
    )

    assert (row.item_number, row.quantity) == ("SKU-1", Decimal(2))


def test_cell_of_several_lines_keeps_the_numbers_of_the_rows() -> None:
    read = read_sheet(
        sheet('shipment;PO-1;1;4;;DN-1;"Mail\nof Monday"', "", "shipment;PO-1;x;4;;D;M")
    )

    assert [row.line for row in read.rows] == [2]
    assert [(each.line, each.column) for each in read.faults] == [(5, "position")]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("6", "6"),
        ("12,5", "12.5"),
        ("12.5", "12.5"),
        ("0,125", "0.125"),
        ("0.125", "0.125"),
        ("1234,567", "1234.567"),
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1 234,50", "1234.50"),
        ("1\u00a0234", "1234"),
        ("1.234.567", "1234567"),
        ("1,234,567.8", "1234567.8"),
        ("1,2340", "1.2340"),
    ],
)
def test_number_that_means_one_thing_is_read(cell: str, value: str) -> None:
    assert read_number(cell) == Decimal(value)


@pytest.mark.parametrize(
    "cell",
    [
        "1.234",
        "1,234",
        "999.999",
        "1.234.5",
        "1,23,456",
        "-3",
        "+3",
        "3e2",
        "=1+1",
        "ten",
        "1..5",
        "٣",
        "12 34",
        "0.123.456",
    ],
)
def test_number_that_may_mean_two_things_or_none_is_refused(cell: str) -> None:
    with pytest.raises(ValueError, match=r"Write"):
        read_number(cell)


def test_ambiguous_number_is_named_with_both_ways_to_write_it() -> None:
    ((line, column, text),) = faults(sheet("shipment;PO-1;1;1.234;;DN-1;Mail"))

    assert (line, column) == (2, "quantity")
    assert text == ("1.234 may mean 1234 or 1 and a fraction. Write 1234, or 1.2340.")


@pytest.mark.parametrize(
    ("row", "column", "text"),
    [
        ("parcel;PO-1;1;4;;DN-1;Mail", "step", "Write confirmation, shipment"),
        ("shipment;;1;4;;DN-1;Mail", "order", "Fill it in: our order number"),
        ("shipment;PO-1;one;4;;DN-1;Mail", "position", "Write the number of the line"),
        ("shipment;PO-1;0;4;;DN-1;Mail", "position", "Write the number of the line"),
        ("shipment;PO-1;1;four;;DN-1;Mail", "quantity", "such as 12,5 or 12.5"),
        ("shipment;PO-1;1;1,00005;;DN-1;Mail", "quantity", "3 decimals"),
        ("shipment;PO-1;1;1234567890123;;DN-1;Mail", "quantity", "12 digits"),
        ("shipment;PO-1;1;;;DN-1;Mail", "quantity", "Fill it in"),
        ("shipment;PO-1;;4;;DN-1;Mail", "position", "Say of which line"),
        ("shipment;PO-1;1;4;;;Mail", "number", "Fill it in"),
        ("shipment;PO-1;1;4;;DN-1;", "evidence", "Fill it in"),
        ("shipment;PO-1;1;4;04/09/2031;DN-1;Mail", "date", "Write the day as"),
        ("shipment;PO-1;1;4;2031-02-30;DN-1;Mail", "date", "There is no day"),
        ("shipment;PO-1;1;4;31.4.2031;DN-1;Mail", "date", "There is no day"),
        ("shipment;PO-1;1;4;;DN\x07;Mail", "number", "control character"),
        (f"shipment;PO-1;1;4;;DN-1;{'x' * 1001}", "evidence", "at most 1000"),
        ("shipment;PO-1;1;4;;DN-1;Mail;more", "", "8 cells, and there are 7 columns"),
        ("delivery;PO-1;1;;;DN-1;Mail", "quantity", "Fill it in"),
        ("invoice;PO-1;1;;2031-01-01;F-1;Mail", "position", "of the whole order"),
        ("cancellation;PO-1;;;2031-01-01;;Mail", "date", "says nothing of a cancel"),
    ],
)
def test_bad_cell_is_named_with_what_would_be_right(
    row: str, column: str, text: str
) -> None:
    found = faults(sheet(row))

    assert (2, column) in [each[:2] for each in found]
    assert any(text in each[2] for each in found)


def test_every_bad_cell_is_named_at_once() -> None:
    found = faults(sheet("parcel;;x;y;z;;", SHIPMENT))

    assert [each[:2] for each in found] == [
        (2, "step"),
        (2, "position"),
        (2, "quantity"),
        (2, "date"),
        (2, "order"),
        (2, "evidence"),
    ]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "The file is empty."),
        (HEADER.encode(), "There is no row below"),
        (b"\xff\xfes\x00", "UTF-16"),
        (b"PK\x03\x04\x00\x00", "This is no text."),
        (b"step;order;evidence\nshipment;PO-1;\x81", "neither UTF-8 nor Windows-1252"),
        (b"step;order;evidence;colour\na;b;c;d", "There is no column “colour”"),
        (b"step;order;evidence;step\na;b;c;d", "The column “step” is there twice."),
        (b"step;number\na;b", "The column “order” is missing."),
        (b'step;order;evidence\na;b;"open', "Is a quotation mark missing?"),
        (b"x" * (MAX_BYTES + 1), "more than 1,000,000 bytes"),
        (sheet(*[SHIPMENT] * (MAX_ROWS + 1)), "The file has 501 rows; 500 are taken"),
    ],
)
def test_file_that_cant_be_read_says_why(content: bytes, text: str) -> None:
    assert text in unreadable(content)


def test_largest_file_is_read() -> None:
    assert len(read_sheet(sheet(*[SHIPMENT] * MAX_ROWS)).rows) == MAX_ROWS


def test_template_has_an_example_of_every_step() -> None:
    read = read_sheet(template())

    assert read.faults == []
    assert [row.step for row in read.rows] == list(Step)
    assert read.rows[3].amount == Decimal("166.00")

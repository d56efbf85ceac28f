import io
import time
import tracemalloc
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from vendors.contracts import Offer, PriceFileFault, PriceFileRow, Product
from vendors.eet.price_file import read_price_file
from vendors.eet.price_lines import decimal, whole
from vendors.errors import Refused

PAYLOADS = Path(__file__).parent / "payloads"
NOW = datetime(2031, 4, 2, 8, 0, tzinfo=UTC)
TITLES = "Varenr.;Beskrivelse;Pris;Lagerbeholdning"


def entries(account, data: str | bytes) -> list[PriceFileRow | PriceFileFault]:
    encoded = data if isinstance(data, bytes) else data.encode()
    return list(read_price_file(account, io.BytesIO(encoded)))


def rows(account, *lines: str, titles: str = TITLES) -> list[PriceFileRow]:
    found = entries(account, "\n".join((titles, *lines)))
    assert all(isinstance(each, PriceFileRow) for each in found), found
    return found


def one(account, line: str, titles: str = TITLES) -> PriceFileRow:
    [row] = rows(account, line, titles=titles)
    return row


def fault(account, line: str, titles: str = TITLES) -> str:
    [found] = entries(account, f"{titles}\n{line}\n")
    assert isinstance(found, PriceFileFault), found
    assert found.line == 2
    return found.text


# --- the file -----------------------------------------------------------------


def test_a_danish_file_is_read(eet_account, time_machine):
    time_machine.move_to(NOW, tick=False)

    with (PAYLOADS / "prices_da.csv").open("rb") as file:
        found = list(read_price_file(eet_account, file))
        assert not file.closed

    assert found == [
        PriceFileRow(
            line=2,
            product=Product(
                item_number="KAB20417",
                brand="Vogel",
                description="Kabel 2 m",
                mpn="CB-2",
                gtin="5701234567890",
            ),
            offer=Offer(
                item_number="KAB20417",
                description="Kabel 2 m",
                mpn="CB-2",
                gtin="5701234567890",
                unit_price=Decimal("129.50"),
                currency="DKK",
                quantity_available=Decimal(47),
                as_of=NOW,
            ),
        ),
        PriceFileRow(
            line=3,
            product=Product(
                item_number="W900000017",
                brand="Epson",
                description='Lampe 20" ; sort 200 W',
                mpn="ELPLP88",
            ),
            offer=Offer(
                item_number="W900000017",
                description='Lampe 20" ; sort 200 W',
                mpn="ELPLP88",
                unit_price=Decimal("450.75"),
                currency="DKK",
                quantity_available=Decimal(0),
                next_receiving_on=date(2031, 4, 9),
                as_of=NOW,
            ),
        ),
    ]


@pytest.mark.parametrize(
    "titles",
    [
        "Varenr.;Beskrivelse;Pris;Lagerbeholdning",
        "Item Nr;Description;Price;Available for sale",
        "Artikelnr;Beskrivning;Pris;Lagersaldo",
        "Varenummer;Beskrivelse;Pris;Lagerbeholdning",
        '"ITEM NR.";" description ";PRICE;available  for sale',
        "\ufeffVarenr.;Beskrivelse;Pris;Lagerbeholdning",
    ],
)
def test_columns_are_found_by_their_titles_in_several_languages(eet_account, titles):
    row = one(eet_account, "A;Kabel;1,50;3", titles)

    assert row.product.item_number == "A"
    assert row.product.description == "Kabel"
    assert row.offer.unit_price == Decimal("1.50")
    assert row.offer.quantity_available == 3


def test_columns_may_stand_in_any_order_among_unknown_ones(eet_account):
    row = one(eet_account, "x;1,50;9,99;A;y", "New;Pris;Vejl. pris;Varenr.;")

    assert (row.offer.item_number, row.offer.unit_price) == ("A", Decimal("1.50"))
    assert row.offer.quantity_available is None


def test_of_two_columns_with_one_title_the_first_counts(eet_account):
    assert one(eet_account, "A;1,50;7", "Varenr.;Pris;Pris").offer.unit_price == (
        Decimal("1.50")
    )


def test_a_title_may_be_added_for_one_supplier(eet_account):
    account = replace(eet_account, mapping={"file.price": "Nettopreis"})

    row = one(account, "A;1,50", "Varenr.;Nettopreis")

    assert row.offer.unit_price == Decimal("1.50")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (
            "Varenr.;Vejl. pris\nA;1\n",
            "This is no price file that can be read: no column is known as price. "
            "The titles found: Varenr., Vejl. pris.",
        ),
        (
            "Pris;Tekst\n1;A\n",
            "This is no price file that can be read: no column is known as item "
            "number. The titles found: Pris, Tekst.",
        ),
        (
            "PK\x03\x04 some zip",
            "This is no price file that can be read: no column is known as item "
            "number and price. The titles found: PK\x03\x04 some zip.",
        ),
        ("", "This is no price file: it has no line of titles."),
        ("\n\n;;\n", "This is no price file: it has no line of titles."),
    ],
)
def test_what_is_no_price_file_is_refused_before_any_line(eet_account, data, text):
    file = io.BytesIO(data.encode())

    with pytest.raises(Refused) as caught:
        read_price_file(eet_account, file)

    assert caught.value.text == text
    assert not file.closed


def test_without_a_currency_set_none_is_made_up(eet_account):
    account = replace(eet_account, options={})

    assert one(account, "A;x;1,50;3").offer.currency == ""


def test_blank_lines_before_between_and_after_are_left_out(eet_account):
    found = entries(
        eet_account, f"\n\r\n{TITLES}\r\n\r\nA;x;1;1\r\n;;;\r\nB;x;2;1\r\n\n"
    )

    assert [(each.line, each.product.item_number) for each in found] == [
        (5, "A"),
        (7, "B"),
    ]


def test_a_file_closed_half_way_ends_the_reading_without_noise(eet_account):
    file = io.BytesIO(f"{TITLES}\nA;x;1;1\nB;x;1;1\n".encode())
    found = read_price_file(eet_account, file)
    next(found)

    file.close()

    found.close()


def test_lines_are_read_when_they_are_asked_for(eet_account):
    class Endless(io.RawIOBase):
        asked = 0

        def readable(self):
            return True

        def readinto(self, buffer):
            Endless.asked += 1
            line = f"{TITLES}\n" if Endless.asked == 1 else f"A{Endless.asked};x;1;1\n"
            buffer[: len(line)] = line.encode()
            return len(line)

    found = read_price_file(eet_account, io.BufferedReader(Endless()))

    assert [next(found).line for _ in range(3)] == [2, 3, 4]


# --- letters ------------------------------------------------------------------


def test_bytes_that_are_no_utf_8_are_replaced_and_said_so(eet_account):
    line = "A;Kabel blå;1,50;3".encode("latin-1")

    [row] = entries(eet_account, f"{TITLES}\n".encode() + line)

    assert row.product.description == "Kabel bl\ufffd"
    assert row.offer.unit_price == Decimal("1.50")
    assert row.offer.warning == "some letters can't be read"


def test_an_item_number_that_can_not_be_decoded_is_a_fault(eet_account):
    [found] = entries(eet_account, f"{TITLES}\n".encode() + b"A\xe5;Kabel;1,50;3")

    assert found == PriceFileFault(line=2, text="Varenr.: 'A\ufffd' is no item number.")


# --- numbers ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("129,50", "129.50"),
        ("0,05", "0.05"),
        ("129", "129"),
        ("1234,5", "1234.5"),
        ("1.234,50", "1234.50"),
        ("1.234.567,50", "1234567.50"),
        ("1 234,50", "1234.50"),
        ("1\u00a0234,50", "1234.50"),
        ("1\u202f234.567", "1234.567"),
        ("1'234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("129.5", "129.5"),
        ("129.50", "129.50"),
        ("0.125", "0.125"),
        ("1234.567", "1234.567"),
        ("1.234.567", "1234567"),
        ("1,234,567", "1234567"),
        # A decimal comma is the rule of the file.
        ("1,234", "1.234"),
        # A thousand and more, or little more than one.
        ("1.234", None),
        ("12.34.567", None),
        ("12 50", None),
        ("1,2,3", None),
        ("-1,50", None),
        ("1,50 DKK", None),
        ("call us", None),
        (",50", None),
        ("1,", None),
        ("1e5", None),
        ("٣", None),
        ("NaN", None),
        ("9" * 25, None),
    ],
)
def test_a_price_is_read_where_there_is_but_one_reading(text, number):
    assert decimal(text) == (None if number is None else Decimal(number))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("47", 47),
        ("47,00", 47),
        ("47.0", 47),
        ("1.234", 1234),
        ("1 234", 1234),
        ("1,234", 1234),
        ("-3", -3),
        # Five with three decimals, or five thousand.
        ("5,000", None),
        ("5.000", None),
        ("2,5", None),
        ("many", None),
        (">100", None),
    ],
)
def test_a_stock_is_read_where_there_is_but_one_whole_reading(text, number):
    assert whole(text) == number


def test_prices_of_a_file_are_not_hundredths(eet_account):
    account = replace(eet_account, options={"price_divisor": "100", "currency": "DKK"})

    assert one(account, "A;x;12950,00;3").offer.unit_price == Decimal("12950.00")


@pytest.mark.parametrize(
    ("price", "unit_price", "warning"),
    [("", None, "no price"), ("0", Decimal(0), "the price is nothing")],
)
def test_a_price_that_is_missing_is_said_so(eet_account, price, unit_price, warning):
    offer = one(eet_account, f"A;x;{price};3").offer

    assert (offer.unit_price, offer.warning) == (unit_price, warning)


@pytest.mark.parametrize("stock", ["-2", "99999999"])
def test_a_stock_that_can_not_be_right_is_not_sold_on(eet_account, stock):
    offer = one(eet_account, f"A;x;1;{stock}").offer

    assert offer.quantity_available is None
    assert offer.warning == f"a stock of {stock} can't be right"


def test_a_stock_of_nothing_differs_from_one_not_told(eet_account):
    none, untold = rows(eet_account, "A;x;1;0", "B;x;1;")

    assert none.offer.quantity_available == 0
    assert untold.offer.quantity_available is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("09-04-2031", date(2031, 4, 9)),
        ("", None),
        # What systems write for "none".
        ("01-01-0001", None),
        ("01-01-1753", None),
        ("31-12-1899", None),
    ],
)
def test_the_expected_delivery_is_a_day(eet_account, text, day):
    row = one(eet_account, f"A;1;{text}", "Varenr.;Pris;Forventet levering")

    assert row.offer.next_receiving_on == day


# --- faults -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (";x;1,50;3", "Varenr.: '' is no item number."),
        ("A;x;call us;3", "Pris: 'call us' is no price, or may be two."),
        ("A;x;1.234;3", "Pris: '1.234' is no price, or may be two."),
        ("A;x;-1,50;3", "Pris: '-1,50' is no price, or may be two."),
        ("A;x;1,50;many", "Lagerbeholdning: 'many' is no whole number."),
        ("A;x;1,50;2,5", "Lagerbeholdning: '2,5' is no whole number."),
        ("A;x;1,50", "The line has 3 columns, the titles 4."),
        ("A;x;y;1,50;3", "The line has 5 columns, the titles 4."),
    ],
)
def test_a_line_that_can_not_be_read_names_its_column(eet_account, line, text):
    assert fault(eet_account, line) == text


@pytest.mark.parametrize(
    "day", ["31-02-2031", "2031-04-09", "9-4-2031", "soon", "09/04/2031"]
)
def test_a_day_that_is_none_is_a_fault(eet_account, day):
    text = fault(eet_account, f"A;1;{day}", "Item Nr;Price;Expected delivery")

    assert text == f"Expected delivery: {day!r} is no day."


def test_empty_fields_beyond_the_last_title_do_no_harm(eet_account):
    assert one(eet_account, "A;x;1,50;3;;").offer.quantity_available == 3


def test_the_second_line_of_an_item_is_a_fault(eet_account):
    data = f"{TITLES}\nA;x;1,50;3\nB;x;1;1\na;x;2,50;3\nA;x;1,50;3\n"

    found = entries(eet_account, data)

    assert found[2:] == [
        PriceFileFault(line=4, text="Varenr.: 'a' was in line 2 already."),
        PriceFileFault(line=5, text="Varenr.: 'A' was in line 2 already."),
    ]


def test_a_bad_line_hides_no_other(eet_account):
    data = f"{TITLES}\nA;x;1,50;3\nB;x;?;3\nC;x;2,50;3\n"

    first, bad, last = entries(eet_account, data)

    assert (first.line, bad.line, last.line) == (2, 3, 4)
    assert last.offer.unit_price == Decimal("2.50")


def test_an_open_quote_never_puts_a_later_price_to_an_item(eet_account):
    # Between the two quotes, three columns of A and one of B look like one text.
    data = f'{TITLES}\nA;"24 inch;100,00;5\nB;"27 inch;200,00;3\nC;x;300,00;1\n'

    found = entries(eet_account, data)

    assert found[:2] == [
        PriceFileFault(line=2, text="A quote in the line is not closed."),
        PriceFileFault(line=3, text="A quote in the line is not closed."),
    ]
    assert (found[2].line, found[2].offer.unit_price) == (4, Decimal("300.00"))


def test_a_quote_that_is_never_closed_costs_its_own_line_alone(eet_account):
    good = "\n".join(f"K{n};x;1,50;3" for n in range(20_000))

    found = entries(eet_account, f'{TITLES}\nA;"24 inch;100,00;5\n{good}\n')

    assert found[0] == PriceFileFault(line=2, text="A quote in the line is not closed.")
    assert len(found) == 20_001
    assert found[-1].line == 20_002
    assert found[-1].product.item_number == "K19999"


def test_a_text_may_go_on_in_the_next_line(eet_account):
    found = entries(eet_account, f'{TITLES}\nA;"long\ntext";1,50;3\nB;x;1;1\n')

    assert found[0].product.description == "long\ntext"
    assert (found[0].line, found[1].line) == (2, 4)


def test_quotes_inside_a_text_do_no_harm(eet_account):
    assert one(eet_account, 'A;24" screen;1,50;3').product.description == '24" screen'


# --- size ---------------------------------------------------------------------


def large_file(lines):
    titles = (
        "Varenr.;Beskrivelse;Pris;Lagerbeholdning;Mærke Navn;Forventet levering;"
        "Web Category Name;EAN/UPC;Manufacturer Part No"
    )
    line = 'KAB{};"Cable {} ""x""";{},50;{};Vogel;09-04-2031;zz;5701234567890;CB-2'
    rows = (line.format(n, n, n, n % 500) for n in range(lines))
    return "\r\n".join((titles, *rows)).encode()


def test_ten_times_the_lines_cost_ten_times_the_work(eet_account):
    def seconds(lines):
        data = large_file(lines)
        began = time.process_time()
        count = sum(
            isinstance(each, PriceFileRow)
            for each in read_price_file(eet_account, io.BytesIO(data))
        )
        assert count == lines
        return time.process_time() - began

    seconds(1_000)

    assert seconds(50_000) < 20 * seconds(5_000)


def test_a_large_file_is_read_in_little_memory(eet_account):
    file = io.BytesIO(large_file(10_000))
    tracemalloc.start()
    for _ in read_price_file(eet_account, file):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # The numbers seen so far are kept, for the doubles; the rows are not.
    assert peak < 3_000_000


def test_a_line_without_end_is_no_memory_without_end(eet_account):
    data = f"{TITLES}\nA;".encode() + b"x" * 5_000_000 + b";1;1\nB;x;2;1\n"
    file = io.BytesIO(data)
    tracemalloc.start()
    found = entries(eet_account, file.getvalue())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert isinstance(found[0], PriceFileFault)
    assert found[-1].product.item_number == "B"
    assert peak < 5_000_000 + 4_000_000

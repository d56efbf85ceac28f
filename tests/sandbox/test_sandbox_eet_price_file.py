"""EET's price file: its form, and that it agrees with the API."""

import csv
import io
from decimal import Decimal

import pytest
import requests

from vendors.sandbox.eet.price_file import price_file
from vendors.sandbox.errors import BadInput


def rows(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8")), delimiter=";"))


def test_titles_are_danish_and_money_has_a_decimal_comma():
    content = price_file(lines=1)

    title, line, end = content.decode().split("\r\n")
    assert title.startswith("Varenr.;Beskrivelse;Pris;Lagerbeholdning;Mærke Navn;")
    assert title.endswith(";EAN/UPC;Bruttovægt;Nettovægt;Manufacturer Part No")
    assert line.startswith(
        "KAB20417;Patch cable Cat6 U/UTP 2 m grey;129,50;358;Lanconn;;"
    )
    assert end == ""


def test_titles_can_be_english_with_a_byte_order_mark():
    content = price_file(lines=1, language="en", byte_order_mark=True)

    assert content.startswith(
        b"\xef\xbb\xbfItem Nr;Description;Price;Available for sale;Brand Name;"
    )


def test_a_file_has_as_many_lines_as_were_wanted_each_article_once():
    numbers = [row["Varenr."] for row in rows(price_file(lines=3000))]

    assert len(numbers) == len(set(numbers)) == 3000


def test_the_same_file_comes_again():
    assert price_file(lines=200) == price_file(lines=200)


def test_fields_hold_what_a_careless_reader_stumbles_over():
    found = rows(price_file(lines=200))

    by_number = {row["Varenr."]: row for row in found}
    assert by_number["RACK-42U"]["Pris"] == ""  # on request
    assert by_number["WEBCAM-4K"]["Lagerbeholdning"] == "0"
    assert by_number["WEBCAM-4K"]["Forventet levering"] == "16-06-2031"
    assert any(not row["EAN/UPC"] for row in found)
    quoted = [row["Beskrivelse"] for row in found if ";" in row["Beskrivelse"]]
    assert quoted[0].startswith('Display 15,6" FHD; matt no. ')


def test_every_article_of_the_file_is_known_to_the_api_at_the_same_price(eet):
    listed = rows(price_file(lines=400))

    items = [{"ItemId": row["Varenr."]} for row in listed]
    answered = eet.post("/product", {"Items": items}).json()

    assert len(answered) == 400
    for row, article in zip(listed, answered, strict=True):
        assert row["Varenr."] == article["ItemId"]
        price = row["Pris"].replace(",", ".")
        hundredths = article["Price"] and article["Price"]["Price"]
        assert (Decimal(price) * 100 if price else None) == hundredths
        stock = {each["StockTypeName"]: each["Quantity"] for each in article["Stock"]}
        assert int(row["Lagerbeholdning"]) == stock["Local"] + stock["Remote"]
        assert row["Manufacturer Part No"] == article["Mpn"]


def test_an_article_of_the_file_can_be_ordered(sandbox, eet):
    number = rows(price_file(lines=100))[-1]["Varenr."]

    assert eet.order(Items=[{"ItemId": number, "Quantity": 1}]).status_code == 200
    assert sandbox.orders("eet")[0]["lines"][0]["item_number"] == number
    beyond = [{"ItemId": "SBX9999999", "Quantity": 1}]
    assert eet.order(Items=beyond).status_code == 400


def test_the_control_address_hands_out_a_file_of_the_usual_size(sandbox):
    answer = requests.get(
        f"{sandbox.url}/_sandbox/eet/price_file",
        params={"lines": 87000, "language": "en"},
        timeout=30,
    )

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "EET_Price_Product_All.csv" in answer.headers["Content-Disposition"]
    assert answer.content.count(b"\r\n") == 87001


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"lines": "0"}, "lines"),
        ({"lines": "many"}, "lines"),
        ({"lines": "10000000"}, "lines"),
        ({"language": "fr"}, "language"),
    ],
)
def test_a_file_that_cannot_be_made_is_refused(sandbox, parameters, field):
    answer = requests.get(
        f"{sandbox.url}/_sandbox/eet/price_file", params=parameters, timeout=5
    )

    assert answer.status_code == 400
    assert answer.json()["field"] == field


def test_lines_are_counted_from_one():
    with pytest.raises(BadInput):
        price_file(lines=0)


def test_unknown_items_can_come_back_empty(sandbox, eet):
    items = [{"ItemId": "NO-SUCH"}, {"ItemId": "W900000017"}]
    sandbox.change_settings(eet_unknown_items="empty")

    unknown, known = eet.post("/product", {"Items": items}).json()

    assert unknown == {"ItemId": "NO-SUCH", "Price": None, "Stock": []}
    assert known["ItemId"] == "W900000017"

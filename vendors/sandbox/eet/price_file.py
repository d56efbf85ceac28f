"""The price and stock file EET puts on its file server for a customer.

Source: no text of the vendor; form, some titles and values are known from programs that
read such files: `;` between fields, a title line in the customer's language, decimal
comma, prices per piece without VAT. The titles marked so below are guesses.

    from vendors.sandbox.eet.price_file import price_file

    content = price_file(lines=1000, language="en")
"""

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain, islice

from vendors.sandbox.eet.assortment import MOST_GENERATED, generated_articles
from vendors.sandbox.eet.catalogue import ARTICLES, Article
from vendors.sandbox.errors import BadInput

MOST_LINES = len(ARTICLES) + MOST_GENERATED
FILE_NAME = "EET_Price_Product_All.csv"
LINE_END = "\r\n"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
NEXT_DELIVERY = date(2031, 4, 14)

TITLES = {
    "da": (
        "Varenr.",
        "Beskrivelse",
        "Pris",
        "Lagerbeholdning",
        "Mærke Navn",
        "Forventet levering",  # guessed
        "Web Kategori Id",  # guessed
        "Web Category Name",
        "Vare Produkt Link",  # guessed
        "Web Picture URL",
        "Beskrivelse 2",
        "Beskrivelse 3",
        "EAN/UPC",
        "Bruttovægt",
        "Nettovægt",  # guessed
        "Manufacturer Part No",
    ),
    "en": (
        "Item Nr",
        "Description",
        "Price",
        "Available for sale",
        "Brand Name",
        "Expected Delivery",  # guessed, as are all without a match above
        "Web Category Id",
        "Web Category Name",
        "Item Product Link",
        "Web Picture URL",
        "Description 2",
        "Description 3",
        "EAN/UPC",
        "Gross Weight",
        "Net Weight",
        "Manufacturer Part No",
    ),
}
LOCALES = {"da": "da-dk", "en": "en-gb"}


def price_file(
    lines: int = 1000, language: str = "da", *, byte_order_mark: bool = False
) -> bytes:
    """Return a file: the articles of the sandbox, then as many more as are wanted.

    `/product` and `/brand` know every article in it, at the same price and stock.

    Args:
        lines: articles, without the title line.
        language: of the titles, `da` or `en`.

    Raises:
        BadInput: too many lines, or another language.
    """
    if not 1 <= lines <= MOST_LINES:
        raise BadInput("lines", f"a whole number from 1 to {MOST_LINES}")
    if language not in TITLES:
        raise BadInput("language", f"one of {', '.join(TITLES)}")
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator=LINE_END)
    writer.writerow(TITLES[language])
    writer.writerows(_rows(lines, LOCALES[language]))
    mark = BYTE_ORDER_MARK if byte_order_mark else b""
    return mark + text.getvalue().encode()


def _rows(lines: int, locale: str) -> Iterator[tuple[str, ...]]:
    articles = chain(ARTICLES.values(), generated_articles())
    return (_row(article, locale) for article in islice(articles, lines))


def _row(article: Article, locale: str) -> tuple[str, ...]:
    is_due = not (article.local or article.remote) and article.incoming
    due = NEXT_DELIVERY + timedelta(days=article.brand_id) if is_due else None
    return (
        article.item_id,
        article.description,
        _comma(article.price),
        str(article.local + article.remote),
        article.brand,
        due.strftime("%d-%m-%Y") if due else "",
        str(article.brand_id * 100),
        "Spare parts",
        f"https://www.eetgroup.com/{locale}/itemId?itemid={article.item_id}",
        f"https://product-images.eetgroup.com/{article.item_id}.jpg",
        article.description_2,
        "",
        article.gtin,
        _comma(article.weight),
        _comma(article.weight * Decimal("0.9")),
        article.mpn,
    )


def _comma(number: Decimal | None) -> str:
    """Write a number with a decimal comma; nothing where there is none."""
    return "" if number is None else format(number, "f").replace(".", ",")

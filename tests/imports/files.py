"""Files as people bring them."""

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook

ORDERS = "order;supplier;item_number;quantity;price"
ITEMS = "supplier;item_number;brand;price"


def csv_of(*rows: str, header: str = ORDERS) -> bytes:
    return "\n".join([header, *rows]).encode()


def xlsx_of(*rows: Sequence[Any], header: str = ORDERS) -> bytes:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(header.split(";"))
    for row in rows:
        sheet.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()

"""Whatever the orders, a sheet of them is read as the same orders."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from procurement.imports import orders
from procurement.imports.orders_table import COLUMNS
from procurement.sheets.tables import read_table
from procurement.suppliers.models import Supplier
from tests.sheets.xlsx import book_of

pytestmark = pytest.mark.django_db
NAMES = [column.name for column in COLUMNS]

# What Excel would not keep, or take for a formula or an error, is left out.
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.just(" "),
    min_size=1,
    max_size=30,
).map(lambda text: text.lstrip("'=# ").rstrip())
FILLED = TEXTS.filter(bool)
LINES = st.fixed_dictionaries(
    {
        "item_number": FILLED,
        "description": TEXTS,
        "quantity": st.decimals("0.001", "99999", places=3),
        "unit": st.sampled_from(["", "ST", "m"]),
        "unit_price": st.decimals(0, 99999, places=4),
        "vat_percent": st.none() | st.decimals(1, 100, places=2),
    }
)
ORDERS = st.fixed_dictionaries(
    {
        "external_reference": FILLED,
        "currency": st.sampled_from(["SEK", "EUR", "JPY"]),
        "requested_date": st.none() | st.dates(date(2031, 1, 1), date(2050, 1, 1)),
        "note": TEXTS,
        "delivery_name": TEXTS,
        "lines": st.lists(LINES, min_size=1, max_size=3),
    }
)
FILES = st.lists(
    ORDERS, min_size=1, max_size=3, unique_by=lambda order: order["external_reference"]
)


def rows_of(order: dict[str, Any]) -> list[dict[str, Any]]:
    whole = {name: order[name] for name in ("note", "delivery_name", "currency")}
    return [
        {
            **(whole if position == 0 else {}),
            "requested_date": order["requested_date"],
            "order": order["external_reference"],
            "supplier": "nord",
            "item_number": line["item_number"],
            "description": line["description"],
            "quantity": line["quantity"],
            "unit": line["unit"],
            "price": line["unit_price"],
            "vat": line["vat_percent"],
        }
        for position, line in enumerate(order["lines"])
    ]


def csv_text(value: Any) -> Any:
    """As a careful person writes it: enough decimals to be read in one way."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value.quantize(Decimal("0.0001")), "f")
    text = str(value)
    return f'"{text.replace(chr(34), chr(34) * 2)}"'


def as_excel(rows: list[dict[str, Any]]) -> bytes:
    return book_of(NAMES, *[[row.get(name) for name in NAMES] for row in rows])


def read_again(content: bytes, actor: User) -> list[dict[str, Any]]:
    table = read_table(content, COLUMNS, most_rows=50)
    findings, drafts = orders.judge(table, actor, lambda: None)
    assert findings.faults == []
    return [
        {
            **{name: draft.data[name] for name in _WHOLE},
            "delivery_name": draft.data["delivery_address"]["name"],
            "lines": [
                {name: line[name] for name in _OF_LINE} for line in draft.data["lines"]
            ],
        }
        for draft in drafts
    ]


_WHOLE = ("external_reference", "currency", "requested_date", "note")
_OF_LINE = (
    "item_number",
    "description",
    "quantity",
    "unit",
    "unit_price",
    "vat_percent",
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FILES)
def test_orders_written_to_a_file_are_read_from_it(
    buyer: User, supplier: Supplier, made: list[dict[str, Any]]
) -> None:
    rows = [row for order in made for row in rows_of(order)]
    lines = [";".join(NAMES)]
    lines += [";".join(csv_text(row.get(name)) for name in NAMES) for row in rows]

    assert read_again("\r\n".join(lines).encode("utf-8-sig"), buyer) == made


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FILES)
def test_orders_written_to_a_sheet_are_read_from_it(
    buyer: User, supplier: Supplier, made: list[dict[str, Any]]
) -> None:
    content = as_excel([row for order in made for row in rows_of(order)])

    assert read_again(content, buyer) == made

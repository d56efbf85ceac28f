"""From the rows of a file to orders: judged first, then entered all or none."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User

from procurement.addresses import FIELDS as ADDRESS_FIELDS
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.imports import naming
from procurement.imports.findings import MOST_THINGS, Findings, NotTaken, Sum, Thing
from procurement.imports.models import ImportedOrder, OrderImport
from procurement.imports.orders_table import COLUMNS
from procurement.money import price_text
from procurement.orders import entry, ledger
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import create_order
from procurement.orders.reaching import require_within_reach
from procurement.sheets.faults import Fault
from procurement.sheets.tables import Row, Table

Look = Callable[[], None]
OF_ORDER = tuple(column.name for column in COLUMNS if column.is_of_order)
_CALLED = {
    "unit_price": "price",
    "vat_percent": "vat",
    "external_reference": "order",
}
"""The columns of what entering an order calls otherwise."""


@dataclass
class Draft:
    """One order of the file, as entering it takes it."""

    key: str
    rows: list[Row]
    data: Mapping[str, Any]
    total: Decimal
    currency: str
    is_test: bool


def judge(table: Table, actor: User, look: Look) -> tuple[Findings, list[Draft]]:
    """What the file would make now, and what stands against it."""
    return _Judge(table, actor, look).result()


class _Judge:
    def __init__(self, table: Table, actor: User, look: Look) -> None:
        self._table, self._actor, self._look = table, actor, look
        self._faults = list(table.faults)
        self._warnings: list[Fault] = []
        self._suppliers = naming.suppliers()
        self._shops = naming.shops(actor)
        named = {row.get("customer") for row in table.rows} - {""}
        self._customers = naming.customers(named, actor)

    def result(self) -> tuple[Findings, list[Draft]]:
        groups = self._groups()
        self._look_for_references(groups)
        drafts = []
        for key, rows in groups.items():
            self._look()
            if draft := self._draft(key, rows):
                drafts.append(draft)
        findings = Findings(
            row_count=len(self._table.rows),
            count=len(drafts),
            notes=self._table.notes,
            sums=_sums(drafts),
            things=[_thing(draft) for draft in drafts[:MOST_THINGS]],
        )
        findings.refuse(self._faults)
        findings.warn(self._warnings)
        return findings, drafts

    def _groups(self) -> dict[str, list[Row]]:
        groups: dict[str, list[Row]] = {}
        for row in self._table.rows:
            if key := row.get("order"):
                groups.setdefault(key, []).append(row)
        return groups

    def _refuse(self, row: Row, column: str, text: str) -> None:
        row.is_bad = True
        self._faults.append(Fault(row.line, column, text))

    def _look_for_references(self, groups: Mapping[str, Sequence[Row]]) -> None:
        """A reference a person gave before is refused; another system's is told."""
        seen = PurchaseOrder.objects.visible_to(self._actor).order_by()
        for batch in naming.batches(groups):
            known = PurchaseOrder.objects.filter(external_reference__in=batch)
            numbers = dict(
                seen.filter(external_reference__in=batch).values_list("pk", "number")
            )
            for pk, source, key in known.order_by("pk").values_list(
                "pk", "source", "external_reference"
            ):
                number = numbers.get(pk)
                which = f"order {number}" if number else "an order"
                row = groups[key][0]
                if source == "":
                    text = (
                        f"There is {which} with this reference already. Take its rows "
                        "out of the file, or give it another reference."
                    )
                    self._refuse(row, "order", text)
                elif number:
                    text = f"{source} has entered {which} with the same reference."
                    self._warnings.append(Fault(row.line, "order", text))

    # --- one order ---

    def _draft(self, key: str, rows: list[Row]) -> Draft | None:
        whole = self._whole(rows)
        neighbours = self._neighbours(rows[0], whole)
        if any(row.is_bad for row in rows):
            return None
        data: dict[str, Any] = {
            "external_reference": key,
            "currency": whole["currency"],
            "requested_date": whole["requested_date"] or None,
            "note": whole["note"],
            "delivery_address": {
                name: whole[f"delivery_{name}"] for name in ADDRESS_FIELDS
            },
            "lines": [_line(row) for row in rows],
            **neighbours,
        }
        order = PurchaseOrder(buyer=self._actor, created_by=self._actor)
        try:
            lines = entry.read(order, data) or []
            require_within_reach(order, self._actor, data)
        except InvalidInput as invalid:
            for name, text in invalid.errors.items():
                self._refuse(*cell_of(rows, name), text)
            return None
        self._consider(key, rows)
        total = entry.total_of(lines, order.currency)
        return Draft(key, rows, data, total, order.currency, order.is_test)

    def _whole(self, rows: Sequence[Row]) -> dict[str, Any]:
        """What is the same in all rows of an order, from the first that says it."""
        whole: dict[str, Any] = {}
        for name in OF_ORDER:
            told = [row for row in rows if row.get(name) not in ("", None)]
            whole[name] = told[0].get(name) if told else ""
            for row in told[1:]:
                if row.get(name) != whole[name]:
                    text = (
                        f"Row {told[0].line} says otherwise of the same order. Write "
                        "the same, or leave it empty."
                    )
                    self._refuse(row, name, text)
        return whole

    def _neighbours(self, row: Row, whole: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, rows in (
            ("supplier", self._suppliers),
            ("shop", self._shops),
            ("customer", self._customers),
        ):
            if called := whole[name]:
                try:
                    found[name] = rows.the_one(called, name)
                except ValueError as wrong:
                    self._refuse(row, name, str(wrong))
            elif name == "supplier" and name in row.values:
                self._refuse(row, name, "Write the supplier in the order's first row.")
        return found

    def _consider(self, key: str, rows: Sequence[Row]) -> None:
        times = Counter((row.get("item_number"), row.get("brand")) for row in rows)
        for row in rows:
            item = (row.get("item_number"), row.get("brand"))
            if times.pop(item, 0) > 1:
                text = f"Item {item[0]} is on several lines of order {key}."
                self._warnings.append(Fault(row.line, "item_number", text))
            if row.get("price") == 0:
                self._warnings.append(Fault(row.line, "price", "It costs nothing."))


def _line(row: Row) -> dict[str, Any]:
    return {
        "item_number": row.get("item_number"),
        "brand": row.get("brand"),
        "description": row.get("description"),
        "quantity": row.get("quantity"),
        "unit": row.get("unit"),
        "unit_price": row.get("price"),
        "vat_percent": None if row.get("vat") == "" else row.get("vat"),
    }


def cell_of(rows: Sequence[Row], name: str) -> tuple[Row, str]:
    """The row and the column an error of entering an order is about."""
    field, _, rest = name.partition(".")
    if field == "lines" and rest:
        index, _, column = rest.partition(".")
        return rows[int(index)], _CALLED.get(column, column)
    if field == "delivery_address":
        return rows[0], f"delivery_{rest}"
    return rows[0], "" if field == "lines" else _CALLED.get(field, field)


def _sums(drafts: Sequence[Draft]) -> list[Sum]:
    counts: Counter[tuple[str, str, bool]] = Counter()
    lines: Counter[tuple[str, str, bool]] = Counter()
    totals: dict[tuple[str, str, bool], Decimal] = {}
    for draft in drafts:
        key = (draft.data["supplier"].name, draft.currency, draft.is_test)
        counts[key] += 1
        lines[key] += len(draft.rows)
        totals[key] = totals.get(key, Decimal(0)) + draft.total
    return [
        Sum(
            supplier=key[0],
            currency=key[1],
            is_test=key[2],
            count=counts[key],
            lines=lines[key],
            total=price_text(totals[key], key[1]),
        )
        for key in sorted(totals)
    ]


def _thing(draft: Draft) -> Thing:
    for_whom = (draft.data.get("shop"), draft.data.get("customer"))
    return Thing(
        line=draft.rows[0].line,
        name=draft.key,
        supplier=draft.data["supplier"].name,
        text=", ".join(str(each) for each in for_whom if each),
        lines=len(draft.rows),
        total=price_text(draft.total, draft.currency),
        currency=draft.currency,
    )


def write(
    stored: OrderImport, drafts: Sequence[Draft], actor: User, look: Look
) -> None:
    """Enter the orders as drafts, in the caller's transaction."""
    together = ledger.Together()
    made = [
        ImportedOrder(order_import=stored, order=order, line=line)
        for order, line in _entered(stored, drafts, actor, look, together)
    ]
    ImportedOrder.objects.bulk_create(made, batch_size=naming.AT_ONCE)
    together.save()


def _entered(
    stored: OrderImport,
    drafts: Sequence[Draft],
    actor: User,
    look: Look,
    together: ledger.Together,
) -> Iterator[tuple[PurchaseOrder, int]]:
    for draft in drafts:
        look()
        line = draft.rows[0].line
        try:
            order = create_order(actor=actor, data=draft.data)
        except (InvalidInput, OperationNotAllowed) as refusal:
            raise NotTaken(Fault(line, "", refusal.text)) from None
        ledger.write(
            order,
            "imported",
            actor=actor,
            text=f"From {stored.name}, row {line}.",
            data={"import": stored.pk, "line": line},
            together=together,
        )
        yield order, line

"""From the rows of a file to suppliers' items and their prices."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from procurement.catalogue.matching import Candidates, candidates, pick
from procurement.catalogue.models import Source
from procurement.catalogue.recording import How as Recorded
from procurement.catalogue.recording import record_offers
from procurement.catalogue.told import Told
from procurement.errors import InvalidInput
from procurement.imports import naming
from procurement.imports.findings import MOST_THINGS, Findings, NotTaken, Sum, Thing
from procurement.imports.models import ImportedItem, ItemImport
from procurement.money import is_currency, price_text
from procurement.sheets.faults import Fault
from procurement.sheets.tables import Row, Table
from procurement.suppliers.items import FIELDS, change_items, create_items, new_item
from procurement.suppliers.models import Supplier, SupplierEvent, SupplierItem
from vendors.contracts import Offer

Look = Callable[[], None]
How = ImportedItem.How
_COLUMNS = {"pack": "pack_quantity", "minimum": "min_order_quantity"}
_CALLED = {field: column for column, field in _COLUMNS.items()}


@dataclass
class Entry:
    """One row, as an item of a supplier; `item` is the one that is there already."""

    row: Row
    supplier: Supplier
    data: dict[str, Any]
    item: SupplierItem | None
    price: Decimal | None
    currency: str

    @property
    def changes(self) -> dict[str, Any]:
        """What a known item would say otherwise; an empty cell leaves what is there."""
        if self.item is None:
            return {}
        return {
            name: value
            for name, value in self.data.items()
            if name != "supplier" and getattr(self.item, name) != value
        }

    @property
    def how(self) -> How:
        if self.item is None:
            return How.CREATED
        return How.CHANGED if self.changes else How.UNCHANGED


def judge(table: Table, actor: User, look: Look) -> tuple[Findings, list[Entry]]:
    """What the file would make now, and what stands against it."""
    return _Judge(table, look).result()


class _Judge:
    def __init__(self, table: Table, look: Look) -> None:
        self._table, self._look = table, look
        self._faults = list(table.faults)
        self._suppliers = naming.suppliers()
        self._lines: dict[tuple[int, ...] | tuple[int, str, str], int] = {}

    def result(self) -> tuple[Findings, list[Entry]]:
        entries = []
        for supplier, rows in self._by_supplier().values():
            for batch in naming.batches(rows):
                self._look()
                numbers = [row.get("item_number") for row in batch]
                known = candidates(supplier, numbers)
                found = (self._entry(supplier, row, known) for row in batch)
                entries += [entry for entry in found if entry]
        entries.sort(key=lambda entry: entry.row.line)
        findings = Findings(
            row_count=len(self._table.rows),
            count=len(entries),
            notes=self._table.notes,
            sums=_sums(entries),
            things=[_thing(entry) for entry in entries[:MOST_THINGS]],
        )
        findings.refuse(self._faults)
        findings.warn(_warnings(entries))
        return findings, entries

    def _refuse(self, row: Row, column: str, text: str) -> None:
        row.is_bad = True
        self._faults.append(Fault(row.line, column, text))

    def _by_supplier(self) -> dict[int, tuple[Supplier, list[Row]]]:
        found: dict[int, tuple[Supplier, list[Row]]] = {}
        for row in self._table.rows:
            name = row.get("supplier")
            if not name:
                continue
            try:
                supplier = self._suppliers.the_one(name, "supplier")
            except ValueError as wrong:
                self._refuse(row, "supplier", str(wrong))
                continue
            if not row.is_bad:
                found.setdefault(supplier.pk, (supplier, []))[1].append(row)
        return found

    def _entry(self, supplier: Supplier, row: Row, known: Candidates) -> Entry | None:
        number, brand = row.get("item_number"), row.get("brand")
        item = _known(known.get(number, []), brand)
        if isinstance(item, str):
            self._refuse(row, "brand", item)
            return None
        key = (item.pk,) if item else (supplier.pk, number, brand.casefold())
        first = self._lines.setdefault(key, row.line)
        if first != row.line:
            self._refuse(row, "item_number", f"Row {first} is the same item already.")
            return None
        data = {"supplier": supplier, **_given(row)}
        price = row.get("price")
        entry = Entry(
            row=row,
            supplier=supplier,
            data=data,
            item=item,
            price=price if isinstance(price, Decimal) else None,
            currency=row.get("currency") or supplier.currency,
        )
        self._check(entry)
        return None if row.is_bad else entry

    def _check(self, entry: Entry) -> None:
        try:
            new_item(entry.data)
        except InvalidInput as invalid:
            for name, text in invalid.errors.items():
                self._refuse(entry.row, _CALLED.get(name, name), text)
        has_currency = bool(entry.row.get("currency"))
        if entry.price is None and has_currency:
            self._refuse(entry.row, "price", "Write the price, or no currency either.")
        elif (entry.price is not None or has_currency) and not is_currency(
            entry.currency
        ):
            text = "Give a currency by its three letters, such as SEK."
            self._refuse(entry.row, "currency", text)


def _known(found: Sequence[SupplierItem], brand: str) -> SupplierItem | str | None:
    """The item a row is about, if it is there; a text where that is not clear."""
    item = pick(found, brand, brand_counts=True)
    if item is None and found and not brand:
        brands = ", ".join(sorted(each.brand for each in found)[: naming.MOST_NAMED])
        return f"There are several items of this number. Write the brand: {brands}."
    return item


def _given(row: Row) -> dict[str, Any]:
    """The cells that are filled, as fields of an item."""
    given = {_COLUMNS.get(name, name): value for name, value in row.values.items()}
    return {
        name: value
        for name, value in given.items()
        if name in FIELDS and name != "supplier" and value not in ("", None)
    }


def _sums(entries: Sequence[Entry]) -> list[Sum]:
    counts: Counter[tuple[str, str]] = Counter()
    priced: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        key = (entry.supplier.name, entry.currency if entry.price is not None else "")
        counts[key] += 1
        priced[key] += entry.price is not None
    return [
        Sum(
            supplier=key[0],
            currency=key[1],
            is_test=False,
            count=counts[key],
            lines=priced[key],
        )
        for key in sorted(counts)
    ]


def _thing(entry: Entry) -> Thing:
    price, currency = entry.price, entry.currency
    changed = ", ".join(sorted(_CALLED.get(name, name) for name in entry.changes))
    return Thing(
        line=entry.row.line,
        name=entry.data["item_number"],
        supplier=entry.supplier.name,
        text=changed or entry.data.get("description", ""),
        how=entry.how.value,
        total="" if price is None else price_text(price, currency),
        currency="" if price is None else currency,
    )


def _warnings(entries: Sequence[Entry]) -> list[Fault]:
    return [
        Fault(entry.row.line, "price", "It costs nothing.")
        for entry in entries
        if entry.price == 0
    ]


def write(
    stored: ItemImport, entries: Sequence[Entry], actor: User, look: Look
) -> list[Fault]:
    """Enter, change and price the items, in the caller's transaction.

    Returns what is to be known afterwards: prices that were held back.
    """
    made = []
    by_supplier: dict[int, list[Entry]] = defaultdict(list)
    for batch in naming.batches(entries):
        look()
        hows = [entry.how for entry in batch]
        _keep(batch, actor)
        for entry, how in zip(batch, hows, strict=True):
            by_supplier[entry.supplier.pk].append(entry)
            made.append(
                ImportedItem(
                    item_import=stored, item=entry.item, line=entry.row.line, how=how
                )
            )
    ImportedItem.objects.bulk_create(made, batch_size=naming.AT_ONCE)
    held: list[Fault] = []
    for ours in by_supplier.values():
        held += _record_prices(ours, look)
        SupplierEvent.objects.create(
            supplier=ours[0].supplier,
            kind="items_imported",
            actor=actor,
            text=f"{len(ours)} rows of {stored.name}.",
            data={"import": stored.pk},
        )
    return held


def _keep(entries: Sequence[Entry], actor: User) -> None:
    new = [entry for entry in entries if entry.item is None]
    old = {entry.item.pk: entry for entry in entries if entry.item and entry.changes}
    try:
        created = create_items(actor=actor, data=[entry.data for entry in new])
        changed = change_items(
            actor=actor, data={pk: entry.changes for pk, entry in old.items()}
        )
    except InvalidInput as refusal:
        raise NotTaken(Fault(entries[0].row.line, "", refusal.text)) from None
    for entry, item in zip(new, created, strict=True):
        entry.item = item
    for pk, entry in old.items():
        entry.item = changed[pk]


def _record_prices(entries: Sequence[Entry], look: Look) -> list[Fault]:
    held: list[Fault] = []
    now = timezone.now()
    priced = [entry for entry in entries if entry.price is not None]
    for batch in naming.batches(priced):
        look()
        told = [_told(entry, now) for entry in batch]
        recorded = record_offers(
            supplier=batch[0].supplier, told=told, source=Source.IMPORT
        )
        for entry, each in zip(batch, recorded, strict=True):
            if each.how == Recorded.HELD:
                text = f"Held back until somebody lets it count: {each.warning}"
                held.append(Fault(entry.row.line, "price", text))
    return held


def _told(entry: Entry, now: Any) -> Told:
    number = entry.data["item_number"]
    brand = entry.item.brand if entry.item else ""
    offer = Offer(
        item_number=number,
        brand=brand,
        unit_price=entry.price,
        currency=entry.currency,
        as_of=now,
    )
    return Told(
        item_number=number,
        brand=brand,
        brand_counts=True,
        unbranded_fits=False,
        offer=offer,
    )

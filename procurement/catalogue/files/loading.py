"""Reading a price file into the rows it is judged by; nothing of it counts yet."""

from collections.abc import Iterator
from itertools import islice

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from procurement.catalogue import figures
from procurement.catalogue.matching import Candidates, candidates, pick
from procurement.catalogue.models import (
    FileState,
    ItemOffer,
    PriceFile,
    PriceFileFault,
    Source,
    StagedRow,
)
from procurement.coordination.turns import Turn
from procurement.parts import StoredFile
from procurement.suppliers.gateway import account_of
from vendors.contracts import PriceFileFault as Fault
from vendors.contracts import PriceFileRow

BATCH = 1000
MOST_FAULTS = 1000
"""Of the faults of a file, as many are kept; the others are counted."""


def load(file: PriceFile, turn: Turn) -> None:
    """Stage what was not staged yet; of a file begun before, only the rest.

    The file is parsed from its beginning each time, which is the cheap part of it: a
    vendor's reader knows nothing of positions, and finds doubles only if it sees all.

    Raises:
        Refused: it is no price file.
        Interrupted: the turn is over; the next one goes on from here.
    """
    stored = StoredFile(file.parts)
    read = file.supplier.api.read_price_file
    found: Iterator[PriceFileRow | Fault]
    found = read(account_of(file.supplier), stored.reader)  # type: ignore[operator]
    fresh = (each for each in found if each.line > file.read_line)
    while batch := list(islice(fresh, BATCH)):
        _stage(file, batch, stored.position)
        turn.go_on()


@transaction.atomic
def _stage(file: PriceFile, batch: list[PriceFileRow | Fault], position: int) -> None:
    rows, faults = _sorted_out(batch)
    before, file.read_line = file.read_line, max(each.line for each in batch)
    file.read_bytes = position
    _claim(file, before, row_count=len(rows), fault_count=len(faults))
    known = candidates(file.supplier, (row.product.item_number for row in rows))
    prices = _present_prices(known)
    StagedRow.objects.bulk_create(_staged(file, row, known, prices) for row in rows)
    room = max(MOST_FAULTS - file.fault_count, 0)
    PriceFileFault.objects.bulk_create(
        PriceFileFault(file=file, line=fault.line, text=figures.text(fault.text))
        for fault in faults[:room]
    )
    file.row_count += len(rows)
    file.fault_count += len(faults)


def _sorted_out(
    batch: list[PriceFileRow | Fault],
) -> tuple[list[PriceFileRow], list[Fault]]:
    rows: list[PriceFileRow] = []
    faults: list[Fault] = []
    for each in batch:
        if isinstance(each, PriceFileRow) and _fits(each):
            rows.append(each)
        else:
            faults.append(_fault(each))
    return rows, faults


def _fits(row: PriceFileRow) -> bool:
    return bool(figures.clipped("item_number", row.product.item_number))


def _fault(found: PriceFileRow | Fault) -> Fault:
    if isinstance(found, Fault):
        return found
    number = found.product.item_number[:40]
    return Fault(
        line=found.line,
        text=_("%(number)s is too long an item number.") % {"number": f"{number!r}"},
    )


def _claim(file: PriceFile, before: int, *, row_count: int, fault_count: int) -> None:
    """Move the position on, in the transaction that stages what lies before it."""
    still_ours = PriceFile.objects.filter(
        pk=file.pk, read_line=before, state=FileState.LOADING
    ).update(
        read_line=file.read_line,
        read_bytes=file.read_bytes,
        row_count=F("row_count") + row_count,
        fault_count=F("fault_count") + fault_count,
    )
    if not still_ours:
        raise Turn.Interrupted


def _present_prices(known: Candidates) -> dict[int, ItemOffer]:
    keys = [item.pk for found in known.values() for item in found]
    offers = ItemOffer.objects.filter(
        item__in=keys, is_current=True, is_quarantined=False, price__isnull=False
    )
    columns = ("item_id", "price", "currency")
    return {offer.item_id: offer for offer in offers.only(*columns)}


def _staged(
    file: PriceFile,
    row: PriceFileRow,
    known: Candidates,
    prices: dict[int, ItemOffer],
) -> StagedRow:
    offer = figures.to_offer(row.offer, Source.PRICE_FILE)
    number = figures.clipped("item_number", row.product.item_number)
    item = pick(known.get(number, []), row.product.brand)
    price = prices.get(item.pk) if item else None
    has_price = price is not None and price.currency == offer.currency
    return StagedRow(
        file=file,
        line=row.line,
        item_number=number,
        brand=figures.clipped("brand", row.product.brand),
        mpn=figures.clipped("mpn", row.product.mpn),
        gtin=figures.clipped("gtin", row.product.gtin),
        description=figures.clipped("description", row.product.description),
        price=offer.price,
        currency=offer.currency or file.supplier.currency,
        quantity_available=offer.quantity_available,
        next_receiving_on=offer.next_receiving_on,
        warning=offer.warning,
        as_of=offer.as_of,
        item=item,
        known_price=price.price if price and has_price else None,
    )

"""Taking a judged price file over, batch by batch."""

from collections import Counter

from django.db import transaction
from django.utils import timezone

from procurement.catalogue.models import FileState, PriceFile, Source, StagedRow
from procurement.catalogue.recording import How, record_offers
from procurement.catalogue.told import Told
from procurement.coordination.turns import Turn
from procurement.suppliers.models import SupplierItem
from vendors.contracts import Offer

BATCH = 1000


def apply(file: PriceFile, turn: Turn) -> None:
    """Take over what was not taken over yet; then note which items are gone.

    Raises:
        Interrupted: the turn is over; the next one goes on from here.
    """
    while rows := _next_rows(file):
        _apply_rows(file, rows)
        turn.go_on()
    note_missing(file, turn)


def _next_rows(file: PriceFile) -> list[StagedRow]:
    rows = StagedRow.objects.filter(file=file, line__gt=file.applied_line)
    return list(rows.order_by("line")[:BATCH])


@transaction.atomic
def _apply_rows(file: PriceFile, rows: list[StagedRow]) -> None:
    before, file.applied_line = file.applied_line, rows[-1].line
    recorded = record_offers(
        supplier=file.supplier,
        told=[_told(row) for row in rows],
        source=Source.PRICE_FILE,
        is_listed=True,
    )
    counts = Counter(each.how for each in recorded)
    file.applied_count += len(rows)
    file.new_count += counts[How.NEW]
    file.changed_count += counts[How.CHANGED]
    file.held_count += counts[How.HELD]
    # What is known from a later moment is not changed by the file either.
    file.unchanged_count += counts[How.UNCHANGED] + counts[How.PASSED_OVER]
    still_ours = PriceFile.objects.filter(
        pk=file.pk, applied_line=before, state=FileState.APPLYING
    ).update(
        applied_line=file.applied_line,
        applied_count=file.applied_count,
        new_count=file.new_count,
        changed_count=file.changed_count,
        held_count=file.held_count,
        unchanged_count=file.unchanged_count,
    )
    if not still_ours:
        raise Turn.Interrupted


def _told(row: StagedRow) -> Told:
    texts = {
        name: getattr(row, name)
        for name in ("brand", "mpn", "gtin", "description")
        if getattr(row, name)
    }
    return Told(
        item_number=row.item_number,
        brand=row.brand,
        texts=texts,
        offer=Offer(
            item_number=row.item_number,
            description=row.description,
            unit_price=row.price,
            currency=row.currency,
            quantity_available=row.quantity_available,
            next_receiving_on=row.next_receiving_on,
            warning=row.warning,
            as_of=row.as_of,
        ),
    )


def note_missing(file: PriceFile, turn: Turn) -> None:
    """Mark the items of the last file that are not in this one; none is deleted."""
    numbers = StagedRow.objects.filter(file=file).values_list("item_number", flat=True)
    present = set(numbers.iterator(chunk_size=10_000))
    listed = SupplierItem.objects.filter(supplier=file.supplier_id, is_listed=True)
    missing = [
        pk
        for pk, number in listed.values_list("pk", "item_number").iterator(
            chunk_size=10_000
        )
        if number not in present
    ]
    now = timezone.now()
    for at in range(0, len(missing), BATCH):
        _mark_missing(file, missing[at : at + BATCH], now)
        turn.go_on()


@transaction.atomic
def _mark_missing(file: PriceFile, keys: list[int], now: object) -> None:
    gone = SupplierItem.objects.filter(pk__in=keys, is_listed=True)
    gone.filter(missing_since=None).update(missing_since=now)
    file.missing_count += gone.update(is_listed=False)
    PriceFile.objects.filter(pk=file.pk).update(missing_count=file.missing_count)

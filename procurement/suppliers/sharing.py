"""One object for each supplier, however many rows belong to it."""

from collections.abc import Iterable
from typing import Protocol

from procurement.suppliers.models import Supplier


class OfSupplier(Protocol):
    supplier: Supplier
    supplier_id: int


def share_suppliers(rows: Iterable[OfSupplier]) -> None:
    """Read the suppliers of some rows once, and give each row its own.

    A join would bring every row a supplier of its own, whose credentials are
    decrypted each time.
    """
    rows = list(rows)
    ids = {row.supplier_id for row in rows}
    found = Supplier.objects.select_related("health").in_bulk(ids)
    for row in rows:
        row.supplier = found[row.supplier_id]

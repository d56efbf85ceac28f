"""What erasing a customer would touch, before anybody decides."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from procurement.customers.models import Customer
from procurement.orders.models import PurchaseOrder
from procurement.persons import rules
from procurement.persons.belonging import About, models_about, rows_about
from procurement.persons.naming import names_of

MOST_COUNTED = 10_000
MOST_NAMED = 20


@dataclass(frozen=True)
class Row:
    """A table and how many of its rows are about the customer; capped."""

    table: str
    title: str
    count: int

    @property
    def count_text(self) -> str:
        return f"{MOST_COUNTED}+" if self.count > MOST_COUNTED else str(self.count)


@dataclass(frozen=True)
class Preview:
    """What would be done.

    Attributes:
        reason: why it can't be done now; empty if it can.
        own: words taken out of what is about the customer.
        far: words taken out of everything.
        rows: the tables that have anything about the customer.
        others: numbers of orders to somebody of the same name, which are left alone.
    """

    reason: str
    own: Sequence[str]
    far: Sequence[str]
    rows: Sequence[Row]
    others: Sequence[str]


def preview_of(customer: Customer) -> Preview:
    names, about = names_of(customer), About(customer.pk)
    rows = []
    for model in models_about():
        keys: set[object] = set()
        for part in rows_about(model, about):
            keys.update(part.values_list("pk", flat=True)[: MOST_COUNTED + 1])
        if keys:
            title = str(model._meta.verbose_name_plural)
            rows.append(Row(model._meta.db_table, title, len(keys)))
    return Preview(
        reason=rules.why_not_erase(customer),
        own=names.own.words,
        far=names.far.words,
        rows=sorted(rows, key=lambda row: row.table),
        others=_others(customer),
    )


def _others(customer: Customer) -> list[str]:
    if customer.erased_at or not customer.name:
        return []
    rows = PurchaseOrder.objects.filter(delivery_name=customer.name)
    rows = rows.filter(~Q(customer=customer) | Q(customer=None)).order_by("-pk")
    return list(rows.values_list("number", flat=True)[:MOST_NAMED])

"""Suppliers, shops and customers by what a file calls them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Q

from procurement.customers.models import Customer
from procurement.scoping import scoped
from procurement.shops.models import Shop
from procurement.suppliers.models import Supplier

AT_ONCE = 500
"""Values in one question: a database takes no more than some hundreds."""
MOST_NAMED = 8


@dataclass
class Names:
    """What may be named: by the short name as it is, or by any name in any case."""

    by_slug: dict[str, Any] = field(default_factory=dict)
    by_name: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))

    def add(self, row: Any, *names: str) -> None:
        for name in {name.casefold() for name in names if name}:
            if row not in self.by_name[name]:
                self.by_name[name].append(row)

    def the_one(self, name: str, what: str) -> Any:
        """The row of that name.

        Raises:
            ValueError: there is none, or more than one.
        """
        if name in self.by_slug:
            return self.by_slug[name]
        fitting = self.by_name.get(name.casefold(), [])
        if len(fitting) == 1:
            return fitting[0]
        if not fitting:
            raise ValueError(f"There is no {what} “{name[:60]}”{self._known()}.")
        if self.by_slug:
            which = ", ".join(row.slug for row in fitting[:MOST_NAMED])
            raise ValueError(f"It may be one of several: {which}. Write that instead.")
        raise ValueError(
            f"{len(fitting)} of that name are known. Give the {what} a reference of "
            "its own, and write that."
        )

    def _known(self) -> str:
        slugs = sorted(self.by_slug)
        if not slugs:
            return ""
        more = ", …" if len(slugs) > MOST_NAMED else ""
        return f"; there are {', '.join(slugs[:MOST_NAMED])}{more}"


def batches(values: Iterable[Any]) -> Iterator[list[Any]]:
    waiting = iter(values)
    while batch := list(islice(waiting, AT_ONCE)):
        yield batch


def suppliers() -> Names:
    return _by_slugs(Supplier.objects.defer("credentials"))


def shops(actor: User) -> Names:
    return _by_slugs(scoped(Shop.objects.all(), actor))


def _by_slugs(rows: Iterable[Any]) -> Names:
    names = Names()
    for row in rows:
        names.by_slug[row.slug] = row
        names.add(row, row.slug, row.name)
    return names


def customers(called: Iterable[str], actor: User) -> Names:
    """Only those that are named: there may be any number of others."""
    seen = scoped(Customer.objects.order_by("pk"), actor)
    names = Names()
    for batch in batches(sorted(called)):
        named = Q(name__in=batch) | Q(external_reference__in=batch)
        for customer in seen.filter(named):
            names.add(customer, customer.name, customer.external_reference)
    return names

"""What a customer is and was called, by us and on its orders."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from procurement.addresses import FIELDS as ADDRESS_FIELDS
from procurement.customers.models import Customer, CustomerEvent
from procurement.customers.operations import FIELDS
from procurement.orders.entry import ADDRESS_COLUMNS
from procurement.persons.belonging import About
from procurement.persons.words import KEYS, Words, wholes, with_parts
from procurement.shops.models import Shop
from procurement.suppliers.models import Supplier

ALONE = ("name", "organization_number", "email", "phone")
"""Columns whose value means this customer wherever it stands."""
PLACES = tuple(name for name in ADDRESS_FIELDS if name != "country_code")


@dataclass(frozen=True)
class Names:
    """What to look for.

    Attributes:
        own: in texts that are about the customer.
        content: in what was decided on, sent or bought for it, whose other words stay.
        far: in texts about anything else.
    """

    own: Words
    far: Words

    @property
    def content(self) -> Words:
        return Words(self.far.words, KEYS)

    def json(self) -> dict[str, Any]:
        return {"own": list(self.own.words), "far": list(self.far.words)}

    @classmethod
    def of_json(cls, data: Mapping[str, Any]) -> "Names":
        own = Words(tuple(data.get("own", ())), KEYS)
        return cls(own, Words(tuple(data.get("far", ()))))


def names_of(customer: Customer) -> Names:
    """By its columns now and before, and the addresses of its orders."""
    about = About(customer.pk)
    alone = {getattr(customer, name) for name in ALONE}
    places = {getattr(customer, name) for name in (*PLACES, "external_reference")}
    places |= {getattr(customer, name) for name in FIELDS}
    for name, value in _values_before(customer):
        (alone if name in ALONE else places).add(value)
    columns = [name for name in ADDRESS_COLUMNS if name != "delivery_country_code"]
    for name, *rest in about.orders.values_list(*columns).distinct():
        alone.add(name)
        places |= set(rest)
    if customer.erased_at:
        alone.discard(customer.name)
        places.discard(customer.name)
    return Names(
        own=Words(with_parts({*alone, *places} - {""}, but=_others()), KEYS),
        far=Words(wholes(alone)),
    )


def _values_before(customer: Customer) -> Iterable[tuple[str, str]]:
    changes = CustomerEvent.objects.filter(customer=customer, kind="changed")
    for data in changes.values_list("data", flat=True):
        for name, values in (data.get("changes") or {}).items():
            bare = name.rpartition(".")[2]
            if bare != "country_code":
                yield from ((bare, value) for value in _texts(values))


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for each in value.values() for text in _texts(each))
    elif isinstance(value, list):
        yield from (text for each in value for text in _texts(each))


def _others() -> list[str]:
    """Names that texts about the customer go on to need."""
    return [
        *Supplier.objects.values_list("name", flat=True),
        *Supplier.objects.values_list("slug", flat=True),
        *Shop.objects.values_list("name", flat=True),
    ]

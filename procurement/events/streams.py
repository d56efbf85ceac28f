"""The streams the feed is put together from: a table of events each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import F, Model, QuerySet
from django.urls import reverse

from procurement.customers.models import CustomerEvent
from procurement.errors import InvalidInput
from procurement.events.event import Event, Subject
from procurement.logins.models import LoginEvent
from procurement.orders.models import OrderEvent
from procurement.shops.models import ShopEvent
from procurement.suppliers.models import SupplierEvent
from procurement.transmissions.history import SYSTEM

Row = Mapping[str, Any]
MAX_DIGITS = 18
"""So many always fit the database."""


@dataclass(frozen=True)
class Stream:
    """A table of events, and how its rows are told.

    Attributes:
        letter: names it in cursors, for good.
        number: names it in the marks of `frontier`, for good.
        name: the first half of its types, and the type of its subjects.
        permissions: what a reader needs to see any of it.
        columns: what is read beside `COLUMNS`: a name, and where it stands.
        tell: the fields of an `Event` that come from a row.
        about: the condition on rows for the id of a subject, as it stands in
            `Subject`; None if there can be no such subject.
        left_out: kinds that are nobody's business.
    """

    letter: str
    number: int
    name: str
    model: type[Model]
    permissions: tuple[str, ...]
    columns: Mapping[str, str]
    tell: Callable[[Row], dict[str, Any]]
    about: Callable[[str], dict[str, Any] | None]
    left_out: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    def rows(self, after: int, end: int) -> QuerySet[Any]:
        """The events between two ids, the second included, in their order."""
        rows: QuerySet[Any] = self.model._default_manager.order_by("pk")
        rows = rows.filter(pk__gt=after, pk__lte=end)
        return rows.exclude(kind__in=self.left_out) if self.left_out else rows

    def shown(self, rows: QuerySet[Any]) -> QuerySet[Any, Any]:
        """Rows as tuples: id, time, and what `event` needs of the rest."""
        return rows.values_list(*COLUMNS, *map(F, self.columns.values()))

    def event(self, row: tuple[Any, ...]) -> Event:
        values = dict(zip((*COLUMNS, *self.columns), row, strict=True))
        return Event(
            id=f"{self.name}-{values['pk']}",
            type=f"{self.name}.{values['kind']}",
            at=values["at"],
            text=values["text"],
            **self.tell(values),
        )


COLUMNS = ("pk", "at", "kind", "text", "data")


@lru_cache(maxsize=4096)
def _address(view: str, key: Any) -> str:
    return reverse(view, args=[key])


def _subject(kind: str, key: Any, called: str = "") -> Subject:
    return Subject(kind, str(key), called, _address(f"{kind}-detail", key))


def _names_of_changes(data: Mapping[str, Any]) -> dict[str, Any]:
    """What was changed, without the values: they may be of persons."""
    changes = data.get("changes") or {}
    return {"changed": sorted(changes)} if changes else {}


def _of_order(row: Row) -> dict[str, Any]:
    number = row["number"]
    return {
        "subject": _subject("order", number, row["reference"]),
        "order": number,
        "supplier": row["supplier"],
        "actor": row["actor"],
        "data": row["data"],
        "status": row["status"],
    }


def _of_shop(row: Row) -> dict[str, Any]:
    return {
        "subject": _subject("shop", row["shop"], row["slug"]),
        "supplier": row["supplier"],
        "actor": row["actor"],
        "data": _names_of_changes(row["data"]),
    }


def _of_customer(row: Row) -> dict[str, Any]:
    return {
        "subject": _subject("customer", row["customer"], row["reference"]),
        "supplier": row["supplier"],
        "actor": row["actor"],
        "data": _names_of_changes(row["data"]),
    }


def _of_supplier(row: Row) -> dict[str, Any]:
    return {
        "subject": _subject("supplier", row["supplier"]),
        "supplier": row["supplier"],
        "actor": row["actor"] or SYSTEM,
        "data": _names_of_changes(row["data"]),
    }


def _of_login(row: Row) -> dict[str, Any]:
    customer, supplier = row["customer"], row["supplier"]
    return {
        "subject": Subject(
            "login",
            f"{customer}/{supplier}",
            row["reference"],
            _address("customer-detail", customer),
        ),
        "supplier": supplier,
        "actor": row["actor"],
        "data": {},
    }


def _by_id(column: str) -> Callable[[str], dict[str, Any] | None]:
    return lambda text: {column: int(text)} if _is_id(text) else None


def _by_login(text: str) -> dict[str, Any] | None:
    customer, _, slug = text.partition("/")
    is_one = _is_id(customer) and slug
    return {"customer": int(customer), "supplier__slug": slug} if is_one else None


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS


_ALL = (
    Stream(
        letter="o",
        number=0,
        name="order",
        model=OrderEvent,
        permissions=("orders.view_purchaseorder", "orders.view_orderevent"),
        columns={
            "actor": "actor_name",
            "status": "status",
            "number": "order__number",
            "reference": "order__external_reference",
            "supplier": "order__supplier__slug",
        },
        tell=_of_order,
        about=lambda number: {"order__number": number},
    ),
    Stream(
        letter="s",
        number=1,
        name="shop",
        model=ShopEvent,
        permissions=("shops.view_shop",),
        columns={
            "actor": "actor_name",
            "shop": "shop",
            "slug": "shop__slug",
            "supplier": "supplier__slug",
        },
        tell=_of_shop,
        about=_by_id("shop"),
    ),
    Stream(
        letter="c",
        number=2,
        name="customer",
        model=CustomerEvent,
        permissions=("customers.view_customer",),
        columns={
            "actor": "actor_name",
            "customer": "customer",
            "reference": "customer__external_reference",
            "supplier": "supplier__slug",
        },
        tell=_of_customer,
        about=_by_id("customer"),
    ),
    Stream(
        letter="u",
        number=3,
        name="supplier",
        model=SupplierEvent,
        permissions=("suppliers.view_supplier", "suppliers.view_supplierevent"),
        columns={"actor": "actor__username", "supplier": "supplier__slug"},
        tell=_of_supplier,
        about=lambda slug: {"supplier__slug": slug},
    ),
    Stream(
        letter="l",
        number=4,
        name="login",
        model=LoginEvent,
        permissions=("customers.view_customer", "logins.view_customerlogintoken"),
        columns={
            "actor": "actor_name",
            "customer": "customer",
            "reference": "customer__external_reference",
            "supplier": "supplier__slug",
        },
        tell=_of_login,
        about=_by_login,
        # Each login is renewed several times an hour, and such rows go after a while.
        left_out=("renewed",),
    ),
)
STREAMS: Mapping[str, Stream] = {stream.letter: stream for stream in _ALL}
_BY_NAME = {stream.name: stream for stream in _ALL}


def parse_subject(text: str) -> tuple[Stream, dict[str, Any]]:
    """The stream of a subject, and the condition on its rows.

    Args:
        text: type and id, `order:PO-2031-000042`.

    Raises:
        InvalidInput: there can be no such subject.
    """
    name, _, key = text.partition(":")
    stream = _BY_NAME.get(name)
    condition = stream.about(key) if stream and key and "\0" not in key else None
    if stream is None or condition is None:
        raise InvalidInput(
            {
                "subject": "Give a type and an id, such as order:PO-2031-000042, "
                "shop:4, customer:7, supplier:extend-nord or login:7/extend-nord."
            }
        )
    return stream, condition

"""The streams the feed is put together from: a table of events each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import F, Model, QuerySet
from django.urls import reverse

from procurement.access.fields import utc_text
from procurement.customers.models import CustomerEvent
from procurement.logins.models import LoginEvent
from procurement.orders.models import OrderEvent
from procurement.shops.models import ShopEvent
from procurement.suppliers.models import SupplierEvent


@dataclass(frozen=True)
class Event:
    """One thing that happened.

    Attributes:
        id: of no other event, in whatever stream; the same for good: `order-123`.
        type: what happened to what: `order.approved`.
    """

    id: str
    type: str
    at: datetime
    subject: Mapping[str, Any]
    order: str | None
    supplier: str | None
    actor: str
    text: str
    data: Mapping[str, Any]
    status: str | None

    def json(self) -> dict[str, Any]:
        """As other systems read it; plain JSON values."""
        return {
            "id": self.id,
            "type": self.type,
            "at": utc_text(self.at),
            "subject": dict(self.subject),
            "order": self.order,
            "supplier": self.supplier,
            "kind": self.type.partition(".")[2],
            "actor": self.actor,
            "text": self.text,
            "data": dict(self.data),
            "status": self.status,
        }


@dataclass(frozen=True)
class Stream:
    """A table of events, and how its rows are told.

    Attributes:
        letter: names it in cursors, for good.
        number: names it in marks, for good.
        name: the first half of its types.
        permission: what a reader needs to see any of it.
        columns: beside those that all have, by the names they are annotated with.
        tell: the fields of an `Event` that come from them.
    """

    letter: str
    number: int
    name: str
    model: type[Model]
    permission: str
    columns: Mapping[str, str]
    tell: Callable[[Mapping[str, Any]], dict[str, Any]]
    left_out: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    @cached_property
    def names(self) -> tuple[str, ...]:
        return ("pk", "kind", "at", "text", "data", *self.columns)

    def rows(self) -> QuerySet[Any]:
        events: QuerySet[Any] = self.model._default_manager.order_by("pk")
        if self.left_out:
            events = events.exclude(kind__in=self.left_out)
        return events

    def shown(self, rows: QuerySet[Any]) -> QuerySet[Any, Any]:
        return rows.values_list(
            *("pk", "kind", "at", "text", "data"),
            *(F(path) for path in self.columns.values()),
        )

    def event(self, row: tuple[Any, ...]) -> Event:
        values = dict(zip(self.names, row, strict=True))
        return Event(
            id=f"{self.name}-{values['pk']}",
            type=f"{self.name}.{values['kind']}",
            at=values["at"],
            text=values["text"],
            **{"order": None, "status": None, **self.tell(values)},
        )


def subject(kind: str, key: object, reference: str, view: str, at: object) -> Any:
    return {
        "type": kind,
        "id": str(key),
        "external_reference": reference,
        "url": reverse(view, args=[at]),
    }


def names_of_changes(data: Mapping[str, Any]) -> dict[str, Any]:
    """What was changed, without the values: they may be of persons."""
    return {"changed": sorted(data["changes"])} if data.get("changes") else {}


def _of_order(row: Mapping[str, Any]) -> dict[str, Any]:
    number = row["number"]
    return {
        "subject": subject("order", number, row["reference"], "order-detail", number),
        "order": number,
        "supplier": row["supplier"],
        "actor": row["actor"],
        "data": row["data"],
        "status": row["status"],
    }


def _of_shop(row: Mapping[str, Any]) -> dict[str, Any]:
    shop = row["shop"]
    return {
        "subject": subject("shop", shop, row["reference"], "shop-detail", shop),
        "supplier": row["supplier"],
        "actor": row["actor"],
        "data": names_of_changes(row["data"]),
    }


def _of_customer(row: Mapping[str, Any]) -> dict[str, Any]:
    key, reference = row["customer"], row["reference"]
    return {
        "subject": subject("customer", key, reference, "customer-detail", key),
        "supplier": row["supplier"],
        "actor": row["actor"],
        "data": names_of_changes(row["data"]),
    }


def _of_supplier(row: Mapping[str, Any]) -> dict[str, Any]:
    slug = row["supplier"]
    return {
        "subject": subject("supplier", slug, "", "supplier-detail", slug),
        "supplier": slug,
        "actor": row["actor"] or "system",
        "data": names_of_changes(row["data"]),
    }


def _of_login(row: Mapping[str, Any]) -> dict[str, Any]:
    customer, supplier = row["customer"], row["supplier"]
    reference = row["reference"]
    return {
        "subject": subject(
            "login", f"{customer}/{supplier}", reference, "customer-detail", customer
        ),
        "supplier": supplier,
        "actor": row["actor"],
        "data": {},
    }


_ALL = (
    Stream(
        "o",
        0,
        "order",
        OrderEvent,
        "orders.view_orderevent",
        {
            "actor": "actor_name",
            "status": "status",
            "number": "order__number",
            "reference": "order__external_reference",
            "supplier": "order__supplier__slug",
        },
        _of_order,
    ),
    Stream(
        "s",
        1,
        "shop",
        ShopEvent,
        "shops.view_shop",
        {
            "actor": "actor_name",
            "shop": "shop_id",
            "reference": "shop__slug",
            "supplier": "supplier__slug",
        },
        _of_shop,
    ),
    Stream(
        "c",
        2,
        "customer",
        CustomerEvent,
        "customers.view_customer",
        {
            "actor": "actor_name",
            "customer": "customer_id",
            "reference": "customer__external_reference",
            "supplier": "supplier__slug",
        },
        _of_customer,
    ),
    Stream(
        "u",
        3,
        "supplier",
        SupplierEvent,
        "suppliers.view_supplierevent",
        {"actor": "actor__username", "supplier": "supplier__slug"},
        _of_supplier,
    ),
    Stream(
        "l",
        4,
        "login",
        LoginEvent,
        "logins.view_customerlogintoken",
        {
            "actor": "actor_name",
            "customer": "customer_id",
            "reference": "customer__external_reference",
            "supplier": "supplier__slug",
        },
        _of_login,
        left_out=("renewed", "renewal_asked"),
    ),
)
STREAMS: Mapping[str, Stream] = {stream.letter: stream for stream in _ALL}

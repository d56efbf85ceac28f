"""Which rows are about a customer: each condition goes by an index of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.apps import apps
from django.db.models import Model, Q, QuerySet, TextField
from django.db.models.functions import Cast

from procurement.access.models import IdempotencyRecord
from procurement.customers.models import CustomerEvent, CustomerLink
from procurement.logins.models import LoginAttempt, LoginEvent
from procurement.orders.models import OrderEvent, PurchaseOrder
from procurement.transmissions.models import Attempt, Transmission
from procurement.webhooks.models import Endpoint

AT_ONCE = 200


@dataclass(frozen=True)
class About:
    """What leads from a customer to the rest."""

    customer_id: int

    @property
    def orders(self) -> QuerySet[PurchaseOrder]:
        return PurchaseOrder.objects.filter(customer=self.customer_id).order_by()

    @cached_property
    def numbers(self) -> list[str]:
        return list(self.orders.values_list("number", flat=True))

    @cached_property
    def subjects(self) -> list[str]:
        """What transmissions and exchanges call it and its orders."""
        links = CustomerLink.objects.filter(customer=self.customer_id)
        of_links = list(links.values_list("subject", flat=True))
        return [*self.numbers, *of_links, f"CUSTOMER-{self.customer_id}"]

    @cached_property
    def conversations(self) -> list[Any]:
        """The calls to suppliers that were about it."""
        ours = Transmission.objects.filter(subject__in=self.subjects)
        customer = {"customer": self.customer_id}
        asked: list[QuerySet[Any]] = [
            Attempt.objects.filter(transmission__in=ours.order_by().values("pk")),
            CustomerEvent.objects.filter(**customer),
            LoginEvent.objects.filter(**customer),
            LoginAttempt.objects.filter(**customer),
            OrderEvent.objects.filter(order__customer=self.customer_id),
        ]
        found: set[Any] = set()
        for rows in asked:
            named = rows.filter(conversation__isnull=False).order_by()
            found.update(named.values_list("conversation", flat=True))
        return list(found)

    @cached_property
    def messages(self) -> list[str]:
        """What outgoing webhooks call its events."""
        customer = self.customer_id
        streams: dict[str, QuerySet[Any]] = {
            "order": OrderEvent.objects.filter(order__customer=customer),
            "customer": CustomerEvent.objects.filter(customer=customer),
            "login": LoginEvent.objects.filter(customer=customer),
        }
        return [
            f"{name}-{pk}"
            for name, rows in streams.items()
            for pk in rows.order_by().values_list("pk", flat=True)
        ]


Conditions = Callable[[About], Sequence[Q]]


def _by(path: str) -> Conditions:
    return lambda about: [Q(**{path: about.customer_id})]


def _parts(values: Sequence[Any]) -> list[Sequence[Any]]:
    return [values[at : at + AT_ONCE] for at in range(0, len(values), AT_ONCE)]


def _exchanges(about: About) -> list[Q]:
    return [
        *(Q(subject__in=part) for part in _parts(about.subjects)),
        *(Q(conversation__in=part) for part in _parts(about.conversations)),
    ]


def _transmissions(about: About) -> list[Q]:
    return [Q(subject__in=part) for part in _parts(about.subjects)]


def _attempts(about: About) -> list[Q]:
    return [Q(transmission__subject__in=part) for part in _parts(about.subjects)]


def _owners(about: About) -> list[Q]:
    return _attempts(about)


def _deliveries(about: About) -> list[Q]:
    endpoints = list(Endpoint.objects.values_list("pk", flat=True))
    return [
        Q(endpoint__in=endpoints, message_id__in=part)
        for part in _parts(about.messages)
    ]


def _answers(about: About) -> list[Q]:
    """Calls that entered it or its orders, and calls at their addresses."""
    customer = about.customer_id
    entered = Q(path__endswith="/customers/", said__contains=rf"\"id\": {customer},")
    conditions = [Q(path__contains=f"/customers/{customer}/"), entered]
    for number in about.numbers:
        conditions.append(Q(path__contains=f"/orders/{number}/"))
        conditions.append(Q(said__contains=rf"\"{number}\""))
    return conditions


def _with_answers(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Answers are kept as a text within JSON, so that quotes in them are escaped."""
    with_said: QuerySet[Any] = rows.annotate(said=Cast("body", TextField()))
    return with_said


_RULES: dict[str, Conditions] = {
    "customers.Customer": _by("pk"),
    "customers.CustomerLink": _by("customer"),
    "customers.CustomerEvent": _by("customer"),
    "logins.LoginAttempt": _by("customer"),
    "logins.CustomerLoginToken": _by("customer"),
    "logins.LoginEvent": _by("customer"),
    "orders.PurchaseOrder": _by("customer"),
    "orders.OrderLine": _by("order__customer"),
    "orders.OrderEvent": _by("order__customer"),
    "approvals.ApprovalStep": _by("order__customer"),
    "approvals.ApprovalDecision": _by("order__customer"),
    "fulfilment.Shipment": _by("order__customer"),
    "fulfilment.Package": _by("shipment__order__customer"),
    "fulfilment.GoodsReceipt": _by("order__customer"),
    "fulfilment.SupplierInvoice": _by("order__customer"),
    "fulfilment.StepImport": _by("steps__order__customer"),
    "catalogue.OrderCheck": _by("order__customer"),
    "imports.OrderImport": _by("orders__order__customer"),
    "notices.Notice": _by("order__customer"),
    "transmissions.Transmission": _transmissions,
    "transmissions.Attempt": _attempts,
    "troubles.TroubleOwner": _owners,
    "suppliers.Exchange": _exchanges,
    "webhooks.Delivery": _deliveries,
    "access.IdempotencyRecord": _answers,
}


def rows_about(model: type[Model], about: About) -> list[QuerySet[Any]]:
    """The rows of a model that are about the customer, in parts that may overlap."""
    rule = _RULES.get(model._meta.label)
    conditions = rule(about) if rule else ()
    rows: QuerySet[Any] = model._base_manager.order_by()
    if model is IdempotencyRecord:
        rows = _with_answers(rows)
    return [rows.filter(each) for each in conditions]


def models_about() -> list[type[Model]]:
    return [apps.get_model(label) for label in _RULES]

"""Which rows a person may see: one table for every screen, file and call.

A model that is not in the table is scoped by what it belongs to: an order, else a
shop, else a customer, else whatever of these its own neighbours belong to. So a new
model is scoped before anybody thinks of it; one that belongs to none of them is
open to whoever has the permission.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.db.models import ForeignKey, Model, Q, QuerySet

Rows = TypeVar("Rows", bound=QuerySet[Any, Any])

APPROVE = "orders.approve_purchaseorder"
SAID_OF_ONE_ORDER = (
    "place_order",
    "cancel_order",
    "fetch_offers",
    "fetch_prices",
    "fetch_availability",
)
"""Calls that speak of one order alone at every vendor. Others may list an account's
orders, and a list shows those of everybody."""


@dataclass(frozen=True)
class Sight:
    """What limits a person, or a key: own orders, chosen shops, or both."""

    user: Any
    is_own_only: bool
    is_bound_to_shops: bool
    key_shop_id: int | None

    @property
    def sees_all(self) -> bool:
        is_bound = self.is_bound_to_shops or self.key_shop_id is not None
        return not (self.is_own_only or is_bound)

    def shops(self) -> "Q | None":
        """The shops, as a condition on shops; None where it is all of them."""
        condition = Q()
        if self.is_bound_to_shops:
            condition &= Q(pk__in=self.user.reach.shops.order_by().values("pk"))
        if self.key_shop_id is not None:
            condition &= Q(pk=self.key_shop_id)
        return condition or None

    def takes_shop(self, shop_id: int | None) -> bool:
        """Whether orders for this shop, or for none, are within reach."""
        condition = self.shops()
        if condition is None:
            return True
        return (
            shop_id is not None
            and _rows("shops.Shop", condition).filter(pk=shop_id).exists()
        )

    def seen(self, label: str) -> QuerySet[Any]:
        """The rows of a model that are seen."""
        model = apps.get_model(label)
        return _rows(label, _condition(model, self) or Q())


def sight_of(user: Any) -> Sight | None:
    """What limits a person; None where nothing does.

    A key's binding stands on the user it was read with. The reach is read once for
    each user object, and together with a key.
    """
    key_shop_id = getattr(user, "key_shop_id", None)
    if user.is_superuser:
        sight = Sight(user, False, False, key_shop_id)
    else:
        try:
            reach = user.reach
        except ObjectDoesNotExist:
            sight = Sight(user, False, False, key_shop_id)
        else:
            sight = Sight(user, reach.is_own_only, reach.is_bound_to_shops, key_shop_id)
    return None if sight.sees_all else sight


def scoped(rows: Rows, user: Any) -> Rows:
    """Of these rows, those the person may see."""
    if not user.is_active:
        return rows.none() if _is_scoped(rows.model) else rows
    sight = sight_of(user)
    if sight is None:
        return rows
    condition = _condition(rows.model, sight)
    return rows if condition is None else rows.filter(condition)


def _rows(label: str, condition: Q) -> QuerySet[Any]:
    rows: QuerySet[Any] = apps.get_model(label)._default_manager.filter(condition)
    return rows.order_by()


# --- the table --------------------------------------------------------------------

Rule = Callable[[Sight], Q | None]
"""A condition on the rows; None where the person sees all of them."""


def _orders(sight: Sight) -> Q:
    condition = Q()
    if (shops := sight.shops()) is not None:
        condition &= Q(shop__in=_rows("shops.Shop", shops).values("pk"))
    if sight.is_own_only:
        condition &= Q(pk__in=_own_orders(sight.user))
    return condition


def _own_orders(user: Any) -> QuerySet[Any]:
    """Ids of what the person buys or entered, has to decide on, or decided on.

    A union of look-ups that each go by an index: joined by OR, they would make the
    database walk through the orders of everybody.
    """
    orders = _rows("orders.PurchaseOrder", Q()).values("pk")
    parts = [orders.filter(created_by=user.pk)]
    if user.has_perm(APPROVE):
        decided = _rows("approvals.ApprovalDecision", Q(decided_by=user.pk))
        parts += [orders.filter(approval="pending"), decided.values("order")]
    return orders.filter(buyer=user.pk).union(*parts)


def _shops(sight: Sight) -> Q | None:
    return sight.shops()


def _customers(sight: Sight) -> Q | None:
    """Of the shops' orders, and those the person entered."""
    shops = sight.shops()
    if shops is None:
        return None
    theirs = Q(shop__in=_rows("shops.Shop", shops).values("pk"), customer__isnull=False)
    ordered = _rows("orders.PurchaseOrder", theirs).values("customer")
    entered = Q(kind="created", actor=sight.user.pk)
    if sight.key_shop_id is not None:
        # Keys of one user may be bound to different shops.
        entered &= Q(data__shop=sight.key_shop_id)
    by_person = _rows("customers.CustomerEvent", entered).values("customer")
    return Q(pk__in=ordered.union(by_person))


def _transmissions(sight: Sight) -> Q:
    return (
        Q(subject__in=sight.seen("orders.PurchaseOrder").values("number"))
        | Q(pk__in=_told(sight, "shops.ShopEvent", "transmission"))
        | Q(pk__in=_told(sight, "customers.CustomerEvent", "transmission"))
    )


def _exchanges(sight: Sight) -> Q:
    numbers = sight.seen("orders.PurchaseOrder").values("number")
    return (
        Q(subject__in=numbers, purpose__in=SAID_OF_ONE_ORDER)
        | Q(conversation__in=_told(sight, "shops.ShopEvent", "conversation"))
        | Q(conversation__in=_told(sight, "customers.CustomerEvent", "conversation"))
    )


def _told(sight: Sight, label: str, column: str) -> QuerySet[Any]:
    """What the events that are seen point to."""
    return sight.seen(label).filter(**{f"{column}__isnull": False}).values(column)


def _own_files(sight: Sight) -> Q:
    return Q(uploaded_by=sight.user.pk)


def _own_runs(sight: Sight) -> Q:
    return Q(asked_by=sight.user.pk)


def _nothing(sight: Sight) -> Q:
    """They tell of orders in words no condition can look into."""
    return Q(pk__in=[])


def _own_endpoints(sight: Sight) -> Q:
    """Of a key that is bound to a shop, those of that shop: it is one of several."""
    own = Q(owner=sight.user.pk)
    return own if sight.key_shop_id is None else own & Q(shop=sight.key_shop_id)


RULES: dict[str, Rule] = {
    "orders.purchaseorder": _orders,
    "shops.shop": _shops,
    "customers.customer": _customers,
    "transmissions.transmission": _transmissions,
    "suppliers.exchange": _exchanges,
    "suppliers.unknownword": _nothing,
    "inbound.webhookdelivery": _nothing,
    "inbound.dueread": _nothing,
    "fulfilment.stepimport": _own_files,
    "imports.orderimport": _own_files,
    "imports.itemimport": _own_files,
    "runs.run": _own_runs,
    "webhooks.endpoint": _own_endpoints,
}
_STRONGEST_FIRST = ("orders.purchaseorder", "shops.shop", "customers.customer")


def _is_scoped(model: Any) -> bool:
    return _rule(model) is not None


def _condition(model: type[Model], sight: Sight) -> Q | None:
    rule = _rule(model)
    return rule(sight) if rule else None


@cache
def _rule(model: type[Model]) -> Rule | None:
    label = model._meta.label_lower
    if label in RULES:
        return RULES[label]
    owners = _owners(model)
    for wanted in (*_STRONGEST_FIRST, ""):
        for key in owners:
            owner = key.related_model
            if owner._meta.label_lower == wanted or (not wanted and _rule(owner)):
                return _belonging(key)
    return None


def _owners(model: type[Model]) -> list[Any]:
    """The foreign keys to other models of this project."""
    return [
        field
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey)
        and isinstance(field.related_model, type)
        and field.related_model is not model
        and field.related_model.__module__.startswith("procurement.")
    ]


def _belonging(key: Any) -> Rule:
    """Seen with its owner; what may have none and has none is nobody's secret."""

    def rule(sight: Sight) -> Q | None:
        owners = _condition(key.related_model, sight)
        if owners is None:
            return None
        seen = Q(**{f"{key.name}__in": _rows(key.related_model._meta.label, owners)})
        return seen | Q(**{f"{key.name}__isnull": True}) if key.null else seen

    return rule

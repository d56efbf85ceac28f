"""Which transmissions are in trouble now.

Each part begins at the rare rows: what a transmission is about says whether it is
solved, and its state has an index. Parts are joined by UNION, since with OR the
database would read all transmissions ever refused.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.auth.models import User
from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Concat

from procurement.customers.models import CustomerLink, LinkState
from procurement.orders.models import PurchaseOrder
from procurement.orders.states import Approval, Fulfilment, Sending
from procurement.scoping import scoped
from procurement.shops.models import PushState, ShopRegistration, ShopState
from procurement.suppliers.models import SupplierHealth
from procurement.transmissions.models import Operation, State, Transmission

OF_ORDERS = (Operation.PLACE_ORDER, Operation.CANCEL_ORDER)
OF_SHOPS = (Operation.CREATE_SHOP, Operation.UPDATE_SHOP)
STOPPED = (State.REFUSED, State.FAILED)

_VIEW_ORDERS = "orders.view_purchaseorder"
_VIEW_SHOPS = "shops.view_shop"
_VIEW_CUSTOMERS = "customers.view_customer"

Rows = QuerySet[Transmission]


def needing_a_person(user: User) -> Rows:
    """What goes on only once somebody acts, of what a person may see.

    An outcome nobody knows and no look-up will tell; what was refused or given up, as
    long as what it is about still stands as that left it.
    """
    unknown = Transmission.objects.filter(state=State.UNKNOWN, next_look_up_at=None)
    parts = [_seen_by(user, unknown)]
    if user.has_perm(_VIEW_ORDERS):
        orders = PurchaseOrder.objects.visible_to(user)
        parts += [_placing(orders), _cancelling(orders)]
    if user.has_perm(_VIEW_SHOPS):
        shops = scoped(ShopRegistration.objects.all(), user)
        parts += [_creating_shops(shops), _pushing_shops(shops)]
    if user.has_perm(_VIEW_CUSTOMERS):
        links = scoped(CustomerLink.objects.all(), user)
        parts.append(_creating_customers(links))
    return Transmission.objects.filter(pk__in=_union(parts))


def of_order(order: PurchaseOrder) -> Rows:
    """What is in trouble about one order, what goes on by itself included."""
    one = PurchaseOrder.objects.filter(pk=order.pk)
    live = Transmission.objects.filter(
        ~Q(kind=""), subject=order.number, state__in=(State.QUEUED, State.UNKNOWN)
    )
    parts = [live.filter(operation__in=OF_ORDERS), _placing(one), _cancelling(one)]
    return Transmission.objects.filter(pk__in=_union(parts))


def is_unsolved(transmission: Transmission) -> bool:
    """Whether what was refused or given up still is, whoever asks."""
    subject, operation = transmission.subject, transmission.operation
    orders = PurchaseOrder.objects.filter(number=subject)
    shops = ShopRegistration.objects.filter(subject=subject.partition("#")[0])
    parts: dict[str, Callable[[], Rows]] = {
        Operation.PLACE_ORDER: lambda: _placing(orders),
        Operation.CANCEL_ORDER: lambda: _cancelling(orders),
        Operation.CREATE_SHOP: lambda: _creating_shops(shops),
        Operation.UPDATE_SHOP: lambda: _pushing_shops(shops),
        Operation.CREATE_CUSTOMER: lambda: _creating_customers(
            CustomerLink.objects.filter(subject=subject)
        ),
    }
    return parts[operation]().filter(pk=transmission.pk).exists()


def going_on(user: User) -> Rows:
    """What failed at least once and goes on by itself, what comes next first.

    What waits for the account of a supplier is not here: that needs a person.
    """
    in_trouble = SupplierHealth.objects.filter(blocked_until__isnull=False)
    tried = Transmission.objects.filter(~Q(kind=""), state=State.QUEUED)
    waiting = tried.exclude(supplier__in=in_trouble.values("supplier"))
    unknown = Transmission.objects.filter(
        state=State.UNKNOWN, next_look_up_at__isnull=False
    )
    parts = [_seen_by(user, waiting), _seen_by(user, unknown)]
    return Transmission.objects.filter(pk__in=_union(parts)).order_by(
        Coalesce("next_look_up_at", "next_attempt_at"), "pk"
    )


def held_by_the_account(user: User) -> Rows:
    """What waits at suppliers whose account is in trouble, tried or not."""
    in_trouble = SupplierHealth.objects.filter(blocked_until__isnull=False)
    waiting = Transmission.objects.filter(
        state=State.QUEUED, supplier__in=in_trouble.values("supplier")
    )
    return _seen_by(user, waiting).order_by("created_at", "pk")


def visible_transmissions(user: User) -> Rows:
    """All that a person may see, in trouble or not."""
    return _seen_by(user, Transmission.objects.all())


def _union(parts: Iterable[Rows]) -> QuerySet[Transmission, Any]:
    first, *others = (part.order_by().values("pk") for part in parts)
    return first.union(*others)


def _seen_by(user: User, rows: Rows) -> Rows:
    """Those of some rows that are within the person's reach and rights."""
    operations: list[str] = []
    if user.has_perm(_VIEW_ORDERS):
        operations += OF_ORDERS
    if user.has_perm(_VIEW_SHOPS):
        operations += OF_SHOPS
    if user.has_perm(_VIEW_CUSTOMERS):
        operations.append(Operation.CREATE_CUSTOMER)
    return scoped(rows, user).filter(operation__in=operations)


# --- what was refused or given up, and is not solved ------------------------------


def _placing(orders: QuerySet[PurchaseOrder]) -> Rows:
    """Until the order is changed, cancelled, rejected or sent again."""
    stopped = orders.filter(transmission__in=(Sending.REFUSED, Sending.FAILED))
    unsolved = stopped.exclude(approval=Approval.REJECTED).values("number")
    return _latest(Operation.PLACE_ORDER).filter(subject__in=unsolved)


def _cancelling(orders: QuerySet[PurchaseOrder]) -> Rows:
    """Until the order is cancelled, or somebody takes its flag off."""
    flagged = orders.exclude(attention="")
    unsolved = flagged.exclude(fulfilment=Fulfilment.CANCELLED).values("number")
    return _latest(Operation.CANCEL_ORDER).filter(subject__in=unsolved)


def _creating_shops(shops: QuerySet[ShopRegistration]) -> Rows:
    stopped = shops.filter(state__in=(ShopState.REFUSED, ShopState.FAILED))
    return _latest(Operation.CREATE_SHOP).filter(subject__in=stopped.values("subject"))


def _pushing_shops(shops: QuerySet[ShopRegistration]) -> Rows:
    stopped = shops.filter(push_state__in=(PushState.REFUSED, PushState.FAILED))
    # As `ShopRegistration.push_subject` has it.
    following = Cast(F("push_count") + 1, CharField())
    subjects = stopped.values_list(Concat("subject", Value("#"), following))
    return _latest(Operation.UPDATE_SHOP).filter(subject__in=subjects)


def _creating_customers(links: QuerySet[CustomerLink]) -> Rows:
    stopped = links.filter(state__in=(LinkState.REFUSED, LinkState.FAILED))
    subjects = stopped.values("subject")
    return _latest(Operation.CREATE_CUSTOMER).filter(subject__in=subjects)


def _latest(operation: Operation) -> Rows:
    """What stopped and was not asked for since."""
    newer = Transmission.objects.filter(
        operation=operation, subject=OuterRef("subject"), pk__gt=OuterRef("pk")
    )
    stopped = Transmission.objects.filter(operation=operation, state__in=STOPPED)
    return stopped.filter(~Exists(newer))

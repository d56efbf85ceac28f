"""What waits for a person's decision, the longest first."""

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from procurement.orders.models import PurchaseOrder
from procurement.orders.ready_views import to_approve

PERMISSIONS = ("orders.view_purchaseorder", "orders.approve_purchaseorder")


def may_decide(user: User) -> bool:
    """Whether there is an approval screen for this person at all."""
    return user.has_perms(PERMISSIONS)


def waiting_for(user: User) -> QuerySet[PurchaseOrder]:
    """The orders that wait for this person, the longest first."""
    orders = to_approve(PurchaseOrder.objects.visible_to(user), user)
    return orders.order_by("submitted_at", "pk")


def orders_shown_to(user: User) -> QuerySet[PurchaseOrder]:
    """Orders with the neighbours that the screen names; nobody's credentials."""
    return (
        PurchaseOrder.objects.visible_to(user)
        .select_related("supplier", "shop", "customer", "buyer", "created_by")
        .defer("supplier__credentials")
    )


def next_after(order: PurchaseOrder, user: User) -> PurchaseOrder | None:
    """What waits next, beginning again with the oldest; None if nothing else does."""
    others = waiting_for(user).exclude(pk=order.pk).only("number")
    if order.submitted_at is None:
        return others.first()
    asked = order.submitted_at
    later = others.filter(
        Q(submitted_at__gt=asked) | Q(submitted_at=asked, pk__gt=order.pk)
    )
    return later.first() or others.first()

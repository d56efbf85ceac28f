"""What a person of limited reach may enter: only what they would see afterwards."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from procurement.customers.models import Customer
from procurement.errors import InvalidInput
from procurement.orders.models import PurchaseOrder
from procurement.scoping import Sight, scoped, sight_of
from procurement.shops.models import Shop


def with_shop_of_key(data: Mapping[str, Any], actor: User) -> Mapping[str, Any]:
    """What was given, for the key's own shop where it names none."""
    sight = sight_of(actor)
    if sight is None or sight.key_shop_id is None or data.get("shop") is not None:
        return data
    return {**data, "shop": Shop.objects.get(pk=sight.key_shop_id)}


def require_within_reach(
    order: PurchaseOrder, actor: User, data: Mapping[str, Any]
) -> None:
    """Refuse what would put an order beyond the reach of who enters it.

    Args:
        data: what was given; what was not is left as it is.

    Raises:
        InvalidInput: the shop, the customer or the buyer is not theirs to choose.
    """
    sight = sight_of(actor)
    if sight is None:
        return
    is_new = order._state.adding
    errors: dict[str, str] = {}
    if (is_new or "shop" in data) and not sight.takes_shop(order.shop_id):
        errors["shop"] = _("Choose one of the shops you buy for.")
    if data.get("customer") and not _is_seen(order.customer_id, actor):
        errors["customer"] = _("Choose one of your customers.")
    if data.get("buyer") and not _stays_own(order, sight):
        errors["buyer"] = _("You see your own orders alone, so it stays with you.")
    if errors:
        raise InvalidInput(errors)


def _is_seen(customer_id: Any, actor: User) -> bool:
    customers = scoped(Customer.objects.order_by(), actor)
    return customers.filter(pk=customer_id).exists()


def _stays_own(order: PurchaseOrder, sight: Sight) -> bool:
    return not sight.is_own_only or sight.user.pk in (
        order.buyer_id,
        order.created_by_id,
    )

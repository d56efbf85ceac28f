"""What pages show of troubles."""

from datetime import datetime
from typing import Any

from django import template
from django.utils.safestring import SafeString

from procurement.adminshow import age
from procurement.orders.models import PurchaseOrder
from procurement.troubles.lists import Choice
from procurement.troubles.rows import Group
from procurement.troubles.showing import troubles_of

register = template.Library()


@register.inclusion_tag("admin/troubles/parts/cards.html", takes_context=True)
def order_troubles(context: dict[str, Any], order: PurchaseOrder) -> dict[str, Any]:
    """Cards of what is in trouble about an order, with their buttons."""
    request = context["request"]
    may_see = request.user.has_perm("transmissions.view_transmission")
    return {
        "rows": troubles_of(order, request.user) if may_see else [],
        "here": request.get_full_path(),
        "csrf_token": context.get("csrf_token"),
    }


@register.simple_tag
def age_of(moment: datetime | None) -> SafeString | str:
    return age(moment)


@register.simple_tag
def group_address(choice: Choice, group: Group) -> str:
    """The address of the list that has one group alone."""
    return choice.address(supplier=group.supplier.pk, cause=group.key)

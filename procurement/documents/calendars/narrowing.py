"""Which orders a calendar shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import User

from procurement.orders.models import PurchaseOrder, PurchaseOrderQuerySet

_KEYS = {"supplier": "supplier_id", "shop": "shop_id", "buyer": "buyer_id"}
MOST_DIGITS = 18


@dataclass(frozen=True)
class Narrowing:
    """Keys of one supplier, shop or buyer; empty for all of them."""

    supplier: str = ""
    shop: str = ""
    buyer: str = ""
    mine: bool = False

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Narrowing":
        """What an address, a form or a stored calendar says; nonsense is left out."""
        return cls(
            mine=values.get("mine") in ("1", "on", True),
            **{name: _key(values.get(name)) for name in _KEYS},
        )

    def orders(self, user: User) -> PurchaseOrderQuerySet:
        """Those of the orders the person sees."""
        wanted = {
            column: getattr(self, name)
            for name, column in _KEYS.items()
            if getattr(self, name)
        }
        if self.mine:
            wanted["buyer_id"] = user.pk
        return PurchaseOrder.objects.visible_to(user).filter(**wanted)

    def as_json(self) -> dict[str, Any]:
        chosen = {name: getattr(self, name) for name in _KEYS if getattr(self, name)}
        return {**chosen, **({"mine": True} if self.mine else {})}

    def query(self, **more: Any) -> str:
        """The same in an address, with what else belongs into it."""
        return urlencode(
            {**self.as_json(), **({"mine": 1} if self.mine else {}), **more}
        )

    def list_query(self, user: User) -> dict[str, str]:
        """The same for the list of orders, which has a filter for the buyer alone."""
        names = {name: getattr(self, name) for name in _KEYS if getattr(self, name)}
        return {**names, **({"buyer": str(user.pk)} if self.mine else {})}


def _key(value: Any) -> str:
    text = str(value or "")
    is_key = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    return text if is_key else ""

"""Where approving takes part in what happens to an order.

Who has to approve what is decided in an app above this one, which registers here.
"""

from typing import Any, Protocol

from django.contrib.auth.models import User
from django.db.models import QuerySet

from procurement.orders.models import PurchaseOrder


class ApprovalProcess(Protocol):
    """What happens to approvals as an order moves; each in the caller's transaction."""

    def asked(self, order: PurchaseOrder, actor: User) -> None:
        """Approval was asked for; the order is locked and waits, with its lines read.

        Raises:
            OperationNotAllowed: nobody could ever give it.
        """

    def voided(self, order: PurchaseOrder) -> None:
        """What was approved of a locked order, or asked for, counts no more."""

    def objection(self, order: PurchaseOrder) -> str:
        """Why what was given no longer suffices, though the content is the same."""

    def steps_json(self, order_id: int) -> list[dict[str, Any]]:
        """The levels an order has to go through now, as REST shows them."""

    def waiting_for(
        self, orders: QuerySet[PurchaseOrder], user: User
    ) -> QuerySet[PurchaseOrder]:
        """Those of the orders that this person may approve now."""


class _Nobody:
    """Without the app above, nothing stands between asking and deciding."""

    def asked(self, order: PurchaseOrder, actor: User) -> None:
        pass

    def voided(self, order: PurchaseOrder) -> None:
        pass

    def objection(self, order: PurchaseOrder) -> str:
        return ""

    def steps_json(self, order_id: int) -> list[dict[str, Any]]:
        return []

    def waiting_for(
        self, orders: QuerySet[PurchaseOrder], user: User
    ) -> QuerySet[PurchaseOrder]:
        return orders.none()


_registered: list[ApprovalProcess] = [_Nobody()]


def register(process: ApprovalProcess) -> None:
    _registered[0] = process


def process() -> ApprovalProcess:
    return _registered[0]

"""The buttons of a supplier, for every page that shows them."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _

from procurement.suppliers import operations
from procurement.suppliers.models import Breaker, Supplier
from procurement.texts import gettext_lazy


@dataclass(frozen=True)
class SupplierAction:
    """A button on the supplier's page; `run` returns what to say about it."""

    name: str
    label: str
    permission: str
    run: Callable[[Supplier, User, str], str]
    asks_why: bool = False
    applies: Callable[[Supplier], bool] = lambda supplier: True


def _check(supplier: Supplier, actor: User, reason: str) -> str:
    found = operations.check_supplier(supplier_id=supplier.pk, actor=actor)
    return f"{supplier} answers. {found}"


def _pause(supplier: Supplier, actor: User, reason: str) -> str:
    operations.pause_supplier(supplier_id=supplier.pk, actor=actor, reason=reason)
    return _("%(supplier)s is paused: its orders wait in the queue.") % {
        "supplier": supplier
    }


def _resume(supplier: Supplier, actor: User, reason: str) -> str:
    operations.resume_supplier(supplier_id=supplier.pk, actor=actor)
    return _("%(supplier)s is not paused any more; what waited is sent now.") % {
        "supplier": supplier
    }


def _try_now(supplier: Supplier, actor: User, reason: str) -> str:
    operations.try_supplier_now(supplier_id=supplier.pk, actor=actor)
    return _("%(supplier)s is tried now; this page shows how it went.") % {
        "supplier": supplier
    }


def _waits(supplier: Supplier) -> bool:
    """Whether it holds work back by itself, for a time that a person may end."""
    health = supplier.health
    is_held = health.blocked_until and health.blocked_until > timezone.now()
    return bool(health.breaker == Breaker.OPEN or is_held) and not supplier.is_paused


ACTIONS = (
    SupplierAction("check", gettext_lazy("Check connection"), "check_supplier", _check),
    SupplierAction(
        "try-now", gettext_lazy("Try now"), "pause_supplier", _try_now, applies=_waits
    ),
    SupplierAction(
        "pause",
        gettext_lazy("Pause"),
        "pause_supplier",
        _pause,
        asks_why=True,
        applies=lambda each: not each.is_paused,
    ),
    SupplierAction(
        "resume",
        gettext_lazy("Resume"),
        "pause_supplier",
        _resume,
        applies=lambda each: each.is_paused,
    ),
)


def may(action: SupplierAction, user: User) -> bool:
    return user.has_perm(f"suppliers.{action.permission}")


def actions_for(user: User, supplier: Supplier) -> list[SupplierAction]:
    """What the person may do with the supplier as it is now."""
    return [each for each in ACTIONS if may(each, user) and each.applies(supplier)]

"""Erasing a customer: asked for at once, done bit by bit, resumed anywhere."""

import logging
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from procurement.coordination.jobs import renewing
from procurement.coordination.operations import lease
from procurement.coordination.tasks import sign_of_life
from procurement.customers import ledger
from procurement.customers import operations as customers
from procurement.customers.models import Customer
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.logins.operations import forget_logins_of
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import empty_order
from procurement.persons import rules
from procurement.persons.belonging import About, models_about
from procurement.persons.cleaning import (
    clean_far,
    clean_files,
    clean_own,
    far_fields,
)
from procurement.persons.fields import Holds, all_models, fields_holding
from procurement.persons.models import Erasure
from procurement.persons.naming import Names, names_of
from procurement.queue import hint
from procurement.runs.models import Run, RunFilePart
from procurement.runs.operations import drop_file
from procurement.scoping import sight_of

logger = logging.getLogger(__name__)

WORK = "procurement.persons.tasks.work_off"
LEASE_SECONDS = 120
BY_COMMAND = "command line"
ORDERS = "orders"
RUN_FILES = "files of runs"


@transaction.atomic
def erase_customer(*, customer_id: int, actor: User | None, reason: str) -> Erasure:
    """Take who a customer is from everything that is kept; it can't be undone.

    The customer itself is emptied at once, a worker goes through all the rest. What was
    bought, for how much, when and by which order stays. One that was erased before may
    be erased again: something may have come back by a backup or a late answer.

    Args:
        actor: the person; None for whoever has the command line.

    Raises:
        InvalidInput: no reason is given.
        OperationNotAllowed: orders are open, something of it is on its way, it has to
            be kept for the books yet, or the person may not.
    """
    _require_may(actor, "persons.erase_person")
    if not reason.strip():
        raise InvalidInput(
            {"reason": _("Say why it is erased, such as who asked for it and when.")}
        )
    customer = customers.lock(customer_id, actor, even_erased=True)
    if text := rules.why_not_erase(customer):
        raise OperationNotAllowed(text, code="not_erasable")
    names = names_of(customer)
    try:
        with transaction.atomic():
            erasure = Erasure.objects.create(
                customer=customer,
                reason=reason.strip(),
                asked_by=actor,
                asked_by_name=actor.get_username() if actor else BY_COMMAND,
                sought=names.json(),  # type: ignore[misc]
            )
    except IntegrityError:
        # The lock makes this impossible; the constraint stands behind the lock.
        raise OperationNotAllowed(
            _("It is being erased already; the list of erasures shows how far."),
            code="not_erasable",
        ) from None
    forget_logins_of(customer_id=customer.pk, actor=actor)
    customers.empty_customer(customer_id=customer.pk, actor=actor)
    hint(WORK, erasure.pk)
    return erasure


def _require_may(actor: User | None, permission: str) -> None:
    """What is kept about a person may lie anywhere, so nobody may who sees a part."""
    if actor is None:
        return
    if not actor.has_perm(permission):
        raise OperationNotAllowed(_("You may not do this."), code="permission_missing")
    if sight_of(actor) is not None:
        raise OperationNotAllowed(
            _("This takes somebody who sees all orders, of all shops."),
            code="permission_missing",
        )


@transaction.atomic
def note_export(*, customer_id: int, actor: User | None) -> Customer:
    """Record that what is kept about a customer is handed out.

    Raises:
        OperationNotAllowed: the person may not, or there is no such customer.
    """
    _require_may(actor, "persons.export_person")
    customer = customers.lock(customer_id, actor, even_erased=True)
    ledger.note(customer, "exported", actor=actor)
    return customer


# --- the work ---------------------------------------------------------------------

Part = Callable[[Erasure, About, Names, int], tuple[int, int | None]]
"""From where it goes on to how many rows it changed, and where to go on then."""


def work_off(*, erasure_id: int) -> bool:
    """Go on with an erasure to its end; False if it can't be ended now."""
    with lease(f"erasure {erasure_id}", seconds=LEASE_SECONDS) as held:
        if held is None:
            return False
        with renewing(held):
            return _work_off(Erasure.objects.get(pk=erasure_id))


def work_off_all() -> None:
    """Go on with all that were asked for and have not ended."""
    waiting = Erasure.objects.filter(ended_at=None).order_by("pk")
    for pk in list(waiting.values_list("pk", flat=True)):
        work_off(erasure_id=pk)


def _work_off(erasure: Erasure) -> bool:
    if erasure.ended_at:
        return True
    about, names = About(erasure.customer_id), Names.of_json(erasure.sought)
    parts = _parts()
    for number, (name, part) in enumerate(parts):
        after: int | None = 0
        if number < erasure.cursor.get("part", 0):
            continue
        if number == erasure.cursor.get("part"):
            after = erasure.cursor.get("after", 0)
        while after is not None:
            if _waits_for_orders(erasure):
                return False
            changed, after = part(erasure, about, names, after)
            _note(erasure, name, changed, number, after)
    _end(erasure)
    return True


def _waits_for_orders(erasure: Erasure) -> bool:
    """One that was being entered while the customer was erased goes its way first."""
    numbers = rules.open_orders_of(erasure.customer_id)
    remark = f"Waits for the end of {', '.join(numbers)}." if numbers else ""
    if remark != erasure.remark:
        erasure.remark = remark
        erasure.save(update_fields=["remark"])
    return bool(numbers)


def _note(
    erasure: Erasure, name: str, changed: int, number: int, after: int | None
) -> None:
    if changed:
        erasure.changed[name] = erasure.changed.get(name, 0) + changed
    erasure.cursor = {"part": number, "after": after}
    if after is None:
        erasure.cursor = {"part": number + 1, "after": 0}
    erasure.save(update_fields=["changed", "cursor"])
    sign_of_life()


def _end(erasure: Erasure) -> None:
    erasure.ended_at = timezone.now()
    ended = Erasure.objects.filter(pk=erasure.pk)
    ended.update(sought="", ended_at=erasure.ended_at)
    logger.info("Customer %s was erased: %s", erasure.customer_id, erasure.changed)


def _parts() -> list[tuple[str, Part]]:
    """In this order, which a broken-off erasure goes on in."""
    own = sorted(models_about(), key=_table)
    far = sorted((model for model in all_models() if far_fields(model)), key=_table)
    files = sorted(
        (
            model
            for model in all_models()
            if fields_holding(model, Holds.FILE) and model is not RunFilePart
        ),
        key=_table,
    )
    return [
        (ORDERS, _orders),
        *((_table(model), _own(model)) for model in own),
        *((_table(model), _far(model)) for model in far),
        *((_table(model), _files(model)) for model in files),
        (RUN_FILES, _run_files),
    ]


def _table(model: Any) -> str:
    return str(model._meta.db_table)


def _orders(
    erasure: Erasure, about: About, names: Names, after: int
) -> tuple[int, int | None]:
    rows = PurchaseOrder.objects.filter(customer=erasure.customer_id, pk__gt=after)
    keys = list(rows.order_by("pk").values_list("pk", flat=True)[:100])
    for key in keys:
        empty_order(order_id=key, actor=erasure.asked_by)
    return len(keys), keys[-1] if keys else None


def _own(model: Any) -> Part:
    return lambda erasure, about, names, after: (
        clean_own(model, about, names),
        None,
    )


def _far(model: Any) -> Part:
    return lambda erasure, about, names, after: clean_far(model, names.far, after=after)


def _files(model: Any) -> Part:
    return lambda erasure, about, names, after: (
        clean_files(model, about, names.far),
        None,
    )


def _run_files(
    erasure: Erasure, about: About, names: Names, after: int
) -> tuple[int, int | None]:
    """Files that were made from what was there: whoever needs one makes it anew."""
    ended = Run.objects.filter(ended_at__isnull=False, parts__isnull=False)
    keys = list(ended.order_by("pk").values_list("pk", flat=True).distinct())
    for key in keys:
        drop_file(key)
    return len(keys), None

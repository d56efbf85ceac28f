"""Steps from a CSV file: looked at first, then recorded all together or not at all.

A file goes through the same operations as the screens and REST. What it would do is
found out by doing it and taking it back, so the look before and the deed can't differ.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import PurePath
from typing import Any, Literal

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.fulfilment.import_steps import (
    ACTIONS,
    Asked,
    cell_of,
    found_before,
    read_asked,
)
from procurement.fulfilment.models import ImportedStep, StepImport
from procurement.fulfilment.sheets import (
    MAX_BYTES,
    Row,
    Sheet,
    Step,
    read_sheet,
)
from procurement.orders.actions import get_action
from procurement.orders.models import PurchaseOrder
from procurement.sheets.faults import Fault

KEPT_UNUSED = timedelta(days=7)
NOT_ALONE = "Nothing of the file was recorded, since other rows failed."


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became, or would become, of one row."""

    line: int
    how: Literal["done", "skipped", "failed"]
    step: str = ""
    order: str = ""
    column: str = ""
    text: str = ""


@dataclass
class Group:
    """The rows that make up one step of one order, in the order of the file."""

    step: Step
    order: PurchaseOrder
    rows: list[Row] = field(default_factory=list)


# --- bringing a file ----------------------------------------------------------------


@transaction.atomic
def store_import(*, actor: User, name: str, content: bytes) -> StepImport:
    """Keep a file that can be read, to be looked at and then recorded.

    Raises:
        InvalidInput: it can't be read as a whole.
        OperationNotAllowed: the same file was recorded before.
    """
    if not content or len(content) > MAX_BYTES:
        raise InvalidInput(
            {
                "file": gettext(
                    "Give a file of 1 to %(max_bytes)s bytes, not %(content)s."
                )
                % {"max_bytes": f"{MAX_BYTES:,}", "content": f"{len(content):,}"}
            }
        )
    sha256 = hashlib.sha256(content).hexdigest()
    _refuse_again(sha256)
    read_sheet(content)
    StepImport.objects.filter(
        applied_at=None, uploaded_at__lt=timezone.now() - KEPT_UNUSED
    ).delete()
    stored, _ = StepImport.objects.get_or_create(
        sha256=sha256,
        uploaded_by=actor,
        defaults={"name": PurePath(name).name[:120] or "file.csv", "content": content},
    )
    return stored


def _refuse_again(sha256: str) -> None:
    before = StepImport.objects.filter(sha256=sha256, applied_at__isnull=False)
    if known := before.select_related("uploaded_by").defer("content").first():
        raise OperationNotAllowed(
            gettext(
                "This very file was recorded on %(applied_at)s by "
                "%(uploaded_by)s, as %(known)s."
            )
            % {
                "applied_at": f"{known.applied_at:%Y-%m-%d}",
                "uploaded_by": known.uploaded_by,
                "known": known,
            },
            code="already_recorded",
        )


# --- looking and recording ----------------------------------------------------------


def preview_import(stored: StepImport, *, actor: User) -> list[Outcome]:
    """What recording the file now would do; nothing is written."""
    sheet = read_sheet(bytes(stored.content))
    with transaction.atomic():
        outcomes = _record(sheet, stored, actor)
        transaction.set_rollback(True)
    return outcomes


@transaction.atomic
def apply_import(*, import_id: int, sha256: str, actor: User) -> StepImport:
    """Record every step of a file, or none of them if one can't be.

    Args:
        sha256: of the file the person looked at.

    Raises:
        OperationNotAllowed: somebody else's file, another file than was looked at, or
            recorded before.
    """
    stored = StepImport.objects.select_for_update().get(pk=import_id)
    if stored.uploaded_by_id != actor.pk:
        raise OperationNotAllowed(
            gettext(
                "%(stored)s is recorded by the person who brought it: %(uploaded_by)s."
            )
            % {"stored": stored, "uploaded_by": stored.uploaded_by}
        )
    if stored.sha256 != sha256:
        raise OperationNotAllowed(
            gettext("That is not the file you looked at. Look again.")
        )
    _refuse_again(sha256)
    sheet = read_sheet(bytes(stored.content))
    with transaction.atomic():
        outcomes = _record(sheet, stored, actor)
        has_failed = any(outcome.how == "failed" for outcome in outcomes)
        if has_failed:
            transaction.set_rollback(True)
    if has_failed:
        outcomes = [_taken_back(outcome) for outcome in outcomes]
    else:
        stored.applied_at = timezone.now()
    stored.result = [asdict(outcome) for outcome in outcomes]
    try:
        with transaction.atomic():
            stored.save(update_fields=["applied_at", "result"])
    except IntegrityError:
        # Somebody else recorded the same file at the same moment.
        _refuse_again(sha256)
        raise
    return stored


def _taken_back(outcome: Outcome) -> Outcome:
    if outcome.how != "done":
        return outcome
    return Outcome(**{**asdict(outcome), "how": "skipped", "text": NOT_ALONE})


def _record(sheet: Sheet, stored: StepImport, actor: User) -> list[Outcome]:
    outcomes = [_failed(fault) for fault in sheet.faults]
    orders, faults = _find_orders(sheet.rows, actor)
    outcomes += [_failed(fault) for fault in faults]
    bad = {outcome.line for outcome in outcomes}
    for group in _groups(sheet.rows, orders):
        if any(row.line in bad for row in group.rows):
            outcomes += _left_out(group, bad)
        else:
            outcomes += _record_group(group, stored, actor)
    return sorted(outcomes, key=lambda outcome: outcome.line)


def _failed(fault: Fault, step: str = "", order: str = "") -> Outcome:
    return Outcome(
        line=fault.line,
        how="failed",
        step=step,
        order=order,
        column=fault.column,
        text=fault.text,
    )


def _with_the_rest(group: Group, failed: list[Outcome]) -> list[Outcome]:
    return failed + _left_out(group, {outcome.line for outcome in failed})


def _left_out(group: Group, bad: set[int]) -> list[Outcome]:
    text = "Left out, since another row of the same step is wrong."
    return [
        _outcome(row, group.order, "skipped", text)
        for row in group.rows
        if row.line not in bad
    ]


def _outcome(
    row: Row,
    order: PurchaseOrder,
    how: Literal["done", "skipped", "failed"],
    text: str,
    column: str = "",
) -> Outcome:
    return Outcome(
        line=row.line,
        how=how,
        step=row.step.value,
        order=order.number,
        column=column,
        text=text,
    )


def _find_orders(
    rows: list[Row], actor: User
) -> tuple[dict[str, PurchaseOrder], list[Fault]]:
    """The orders behind what the rows call them, each locked, in one fixed sequence."""
    named = {row.order for row in rows}
    seen = PurchaseOrder.objects.visible_to(actor).order_by()
    ours = seen.filter(number__in={name.upper() for name in named})
    theirs = seen.filter(supplier_order_number__in=named)
    keys = {*ours.values_list("pk", flat=True), *theirs.values_list("pk", flat=True)}
    locked = list(
        PurchaseOrder.objects.select_for_update(of=("self",))
        .select_related("supplier")
        .filter(pk__in=keys)
        .order_by("pk")
    )
    found: dict[str, PurchaseOrder] = {}
    faults = []
    for name in named:
        own = [order for order in locked if order.number == name.upper()]
        fitting = own or [o for o in locked if o.supplier_order_number == name]
        if len(fitting) == 1:
            found[name] = fitting[0]
            continue
        text = "There is no order of this number, ours or a supplier's."
        if fitting:
            which = ", ".join(f"{order} of {order.supplier}" for order in fitting)
            text = f"It may be {which}. Write our number."
        faults += [Fault(row.line, "order", text) for row in rows if row.order == name]
    return found, faults


def _groups(rows: Iterable[Row], orders: dict[str, PurchaseOrder]) -> Iterable[Group]:
    groups: dict[tuple[Any, ...], Group] = {}
    for row in rows:
        if order := orders.get(row.order):
            key = (row.step, order.pk, row.number.casefold(), row.document.casefold())
            group = groups.setdefault(key, Group(row.step, order))
            group.rows.append(row)
    return groups.values()


def _record_group(group: Group, stored: StepImport, actor: User) -> list[Outcome]:
    order, rows = group.order, group.rows
    action = get_action(ACTIONS[group.step])
    if not action.may(actor):
        return [
            _outcome(row, order, "failed", f"You may not: {action.label}.", "step")
            for row in rows
        ]
    asked, faults = read_asked(group.step, order, rows, stored.name)
    if faults or asked is None:
        return _with_the_rest(
            group, [_failed(fault, group.step, order.number) for fault in faults]
        )
    try:
        if text := _known(group, asked) or found_before(group.step, order, asked):
            return [_outcome(row, order, "skipped", text) for row in rows]
        with transaction.atomic():
            action.run(order_id=order.pk, actor=actor, **asked.arguments)
            ImportedStep.objects.create(
                step_import=stored, order=order, fingerprint=fingerprint(asked)
            )
    except InvalidInput as refusal:
        failed = []
        for name, text in refusal.errors.items():
            row, column = cell_of(group.step, rows, asked, name)
            failed.append(_outcome(row, order, "failed", text, column))
        return _with_the_rest(group, failed)
    except OperationNotAllowed as refusal:
        failed = [_outcome(rows[0], order, "failed", refusal.text)]
        return _with_the_rest(group, failed)
    return [_outcome(row, order, "done", str(action.label)) for row in rows]


def _known(group: Group, asked: Asked) -> str:
    """Whether a file brought the same step before, in words."""
    known = ImportedStep.objects.filter(
        order=group.order, fingerprint=fingerprint(asked)
    )
    name = known.values_list("step_import__name", flat=True).first()
    return f"Recorded before, from {name}." if name else ""


def fingerprint(asked: Asked) -> str:
    """The same for the same step, whatever was written as its evidence."""
    content = {
        name: value
        for name, value in asked.arguments.items()
        if name not in ("evidence", "note")
    }
    text = json.dumps([asked.step, content], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()

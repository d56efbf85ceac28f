"""What the page of a file shows; the number of queries is always the same."""

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import ngettext

from procurement.adminshow import amount, badge
from procurement.imports import queries
from procurement.imports.findings import MOST_THINGS, Findings, Thing
from procurement.imports.kinds import ORDERS, Kind
from procurement.imports.models import FileImport, ImportedItem, ImportState
from procurement.runs.models import RunState

TONES = {"created": "green", "changed": "amber", "unchanged": "grey"}


def context_of(kind: Kind, stored: FileImport, user: Any) -> dict[str, Any]:
    findings = Findings.from_json(stored.findings)
    is_done = stored.state == ImportState.DONE
    numbers = _numbers(stored, user) if is_done and kind is ORDERS else {}
    run = stored.run
    return {
        "stored": stored,
        "findings": findings,
        "is_done": is_done,
        "is_ready": stored.state == ImportState.READY,
        "is_faulty": stored.state == ImportState.FAULTY,
        "is_new": stored.state == ImportState.NEW,
        "sums": [(each, _amount(each.total, each.currency)) for each in findings.sums],
        "button": _button(kind, findings),
        "things": [_shown(thing, numbers) for thing in findings.things],
        "more_things": max(findings.count - len(findings.things), 0),
        "more_faults": findings.fault_count - len(findings.faults),
        "more_warnings": findings.warning_count - len(findings.warnings),
        "run_failed": run if run and run.state in _BROKEN and not is_done else None,
        "progress_url": reverse("admin:runs_run_progress", args=[run.pk])
        if run and run.is_in_work
        else "",
    }


_BROKEN = (RunState.FAILED, RunState.STOPPED)


def _button(kind: Kind, findings: Findings) -> str:
    if kind is ORDERS:
        text = ngettext(
            "Enter %(count)d order as a draft",
            "Enter %(count)d orders as drafts",
            findings.count,
        )
    else:
        text = ngettext(
            "Import %(count)d item", "Import %(count)d items", findings.count
        )
    return text % {"count": findings.count}


def _numbers(stored: FileImport, user: Any) -> dict[int, tuple[str, str]]:
    """By row of the file: the order that was made, and where it is."""
    return {
        made.line: (
            made.order.number,
            reverse("admin:orders_purchaseorder_change", args=[made.order_id]),
        )
        for made in queries.orders_made(stored, user)[:MOST_THINGS]
    }


def _shown(thing: Thing, numbers: dict[int, tuple[str, str]]) -> dict[str, Any]:
    how = ""
    if thing.how:
        how = badge(ImportedItem.How(thing.how).label, TONES[thing.how])
    number, address = numbers.get(thing.line, ("", ""))
    return {
        "row": thing,
        "how": how,
        "number": number,
        "address": address,
        "amount": _amount(thing.total, thing.currency),
    }


def _amount(total: str, currency: str) -> str:
    return amount(Decimal(total), currency) if total else "–"

"""What a run prints and keeps."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.chaos.desk import Story
from tests.chaos.ours import Order
from tests.chaos.theirs import Booked, Theirs
from tests.chaos.verdicts import FATAL, Findings

COLUMNS = ("orders", "sent", "cancelled", "refused", "failed", "attempts")
UNKNOWNS = ("was unknown", "unknown settled", "unknown")
MOST_SHOWN = 25


def table(by_vendor: dict[str, Counter[str]]) -> str:
    """One row for each vendor, and one for all."""
    names = ("", *COLUMNS, *UNKNOWNS, *FATAL)
    heads = {"was unknown": "unknown", "unknown settled": "settled", "unknown": "shown"}
    total: Counter[str] = sum(by_vendor.values(), Counter())
    rows = [[heads.get(name, name) for name in names]]
    for vendor, counts in [*sorted(by_vendor.items()), ("all", total)]:
        rows.append([vendor, *(str(counts[name]) for name in names[1:])])
    widths = [max(len(row[at]) for row in rows) for at in range(len(names))]
    lines = [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    return "\n".join(lines)


def reasons(ours: Mapping[str, Order]) -> Counter[str]:
    """Why orders were left to people, as the last try of each says it."""
    found: Counter[str] = Counter()
    for order in ours.values():
        for carrier in (*order.placing, *order.cancelling):
            if carrier.state in ("unknown", "failed", "refused"):
                text = str(carrier.row["text"]).replace(f"{order.row['slug']}: ", "")
                found[f"{carrier.row['operation']} {carrier.state}: {text}"] += 1
    return found


def counted(counts: Counter[str] | dict[str, int]) -> str:
    return ", ".join(f"{name} {n}" for name, n in sorted(counts.items()) if n) or "none"


def show_findings(findings: Findings) -> None:
    for finding in findings.found[:MOST_SHOWN]:
        print(f"  {finding.kind.upper():10} {finding.order}: {finding.text}")
    if len(findings.found) > MOST_SHOWN:
        print(f"  ... and {len(findings.found) - MOST_SHOWN} more")


def keep_evidence(
    folder: Path,
    findings: Findings,
    stories: Sequence[Story],
    ours: dict[str, Order],
    theirs: Sequence[Booked],
    sandbox: Theirs,
) -> Path:
    """Write down all there is about the orders something is wrong with."""
    by_number = {story.number: story for story in stories}
    told: dict[str, Any] = {}
    for number in dict.fromkeys(finding.order for finding in findings.found):
        order, story = ours.get(number), by_number.get(number)
        told[number] = {
            "findings": [
                f"{each.kind}: {each.text}"
                for each in findings.found
                if each.order == number
            ],
            "plan": story and {"index": story.plan.index, "kind": story.plan.kind},
            "surprises": story.surprises if story else [],
            "asked_to_send": len(story.asked_to_send) if story else 0,
            "order": order.row if order else None,
            "events": order.events if order else [],
            "transmissions": [
                {"row": each.row, "attempts": each.attempts}
                for each in (*order.placing, *order.cancelling)
            ]
            if order
            else [],
            "books": [vars(entry) for entry in theirs if entry.reference == number],
            "calls": sandbox.calls(number),
        }
        if len(told) == MOST_SHOWN:
            break
    path = folder / "findings.json"
    path.write_text(json.dumps(told, indent=1, default=str, ensure_ascii=False))
    return path

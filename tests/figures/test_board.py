"""The board and the rules ask for what `/metrics` has, and are well formed."""

import json
import re
import runpy
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from procurement.alarms.models import Kind
from procurement.figures.families import COUNTER, FAMILIES, HISTOGRAM, samples, table

OBSERVE = Path(settings.BASE_DIR) / "deploy" / "observe"
DOCS = Path(settings.BASE_DIR) / "docs"
BOARD = json.loads((OBSERVE / "board.json").read_text())
RULES = [
    rule
    for group in yaml.safe_load((OBSERVE / "alerts.yaml").read_text())["groups"]
    for rule in group["rules"]
]
OF_PROMETHEUS = {"up": ("job", "instance")}
ADDED = {"job", "instance"}
"""Labels that Prometheus itself gives every sample."""
FUNCTIONS = {
    *("sum", "min", "max", "by", "rate", "increase", "absent", "abs", "or", "and"),
    *("histogram_quantile", "offset", "unless"),
}
DURATION = re.compile(r"\[(?:\d+[smhd]|\$__rate_interval)\]")


def expressions() -> list[str]:
    targets = [each for panel in BOARD["panels"] for each in panel.get("targets", [])]
    return [each["expr"] for each in targets] + [each["expr"] for each in RULES]


def check(expr: str) -> None:
    """A small reader of PromQL: brackets, words, names with their labels."""
    known = {**samples(), **OF_PROMETHEUS}
    stack: list[str] = []
    bare = re.sub(r'"[^"]*"', '""', expr)
    for char in bare:
        if char in "([{":
            stack.append(char)
        elif char in ")]}":
            assert stack, expr
            assert stack.pop() + char in ("()", "[]", "{}"), expr
    assert not stack, expr
    asked: set[str] = set()
    for name, _, labels in re.findall(r"\b([a-z_]+)(\{([^}]*)\})?(?=[^\w(]|$)", bare):
        if name in known:
            asked |= set(known[name])
            told = set(re.findall(r"(\w+)\s*(?:=~|!=|!~|=)", labels))
            assert told <= set(known[name]) | ADDED, f"{expr}: {name} has no {told}"
    rest = DURATION.sub("", re.sub(r"\{[^}]*\}", "", bare))
    for grouped in re.findall(r"\bby \(([^)]*)\)", rest):
        labels_of = {label.strip() for label in grouped.split(",")}
        assert labels_of <= asked | ADDED, f"{expr}: nothing is labelled {labels_of}"
    rest = re.sub(r"\bby \([^)]*\)", "", rest)
    words = set(re.findall(r"(?<![\d.])\b[A-Za-z_]\w*", rest))
    assert words - FUNCTIONS <= set(known), f"{expr}: {words - FUNCTIONS - set(known)}"
    assert words & set(known), expr


@pytest.mark.parametrize("expr", expressions())
def test_every_expression_asks_for_what_there_is(expr: str) -> None:
    check(expr)


@pytest.mark.parametrize(
    "wrong",
    [
        "procurement_orderz",
        'procurement_orders{state="x"}',
        "sum by (vendor) (procurement_orders)",
        "sum(procurement_orders",
        "rate(procurement_attempts_total[5])) > 0",
        "1 > 0",
    ],
)
def test_the_reader_finds_what_is_wrong(wrong: str) -> None:
    with pytest.raises(AssertionError):
        check(wrong)


def test_only_what_grows_is_asked_for_its_rate() -> None:
    grows = {f.name for f in FAMILIES if f.kind == COUNTER}
    grows |= {name for f in FAMILIES if f.kind == HISTOGRAM for name in f.samples}
    for expr in expressions():
        for name in re.findall(r"(?:rate|increase)\(\s*(\w+)", expr):
            assert name in grows, expr


def test_files_are_as_they_are_made() -> None:
    made: Any = runpy.run_path(str(OBSERVE / "make.py"))["files"]()

    for name, text in made.items():
        assert (OBSERVE / name).read_text() == text, f"{name}: run make.py"


def test_board_can_be_imported_with_any_source() -> None:
    (variable,) = BOARD["templating"]["list"]
    assert (variable["name"], variable["type"]) == ("source", "datasource")
    panels = BOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    for panel in panels:
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
        if panel["type"] != "row":
            assert panel["datasource"]["uid"] == "${source}"


def test_no_two_panels_lie_on_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in BOARD["panels"]:
        place = panel["gridPos"]
        cells = {
            (place["x"] + x, place["y"] + y)
            for x in range(place["w"])
            for y in range(place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells


def test_every_rule_leads_to_a_heading_of_the_runbook() -> None:
    text = (DOCS / "runbook.md").read_text()
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    anchors = {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in headings
    }

    for rule in RULES:
        page, _, anchor = rule["annotations"]["runbook_url"].partition("#")
        assert page == "docs/runbook.md"
        assert anchor in anchors, rule["alert"]


def test_every_kind_of_alarm_has_a_rule_with_its_page_of_the_runbook() -> None:
    for kind in Kind:
        (rule,) = [
            rule for rule in RULES if f'kind="{kind.value}"}}) > 0' in rule["expr"]
        ]
        assert rule["annotations"]["runbook_url"] == f"docs/runbook.md#{kind.value}"


def test_rules_say_what_is_wrong_and_where_to_read_on() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule["labels"]["severity"] in ("critical", "warning", "info")
        assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
        used = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        had = {
            label
            for name in re.findall(r"procurement_\w+", rule["expr"])
            for label in samples()[name]
        }
        grouped = re.match(r"(?:sum|histogram_quantile).*?by \(([^)]*)\)", rule["expr"])
        if grouped:
            had &= {label.strip() for label in grouped[1].split(",")}
        assert used <= had | ADDED, rule["alert"]


# --- names ------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.short)
def test_names_follow_the_conventions(family: Any) -> None:
    assert re.fullmatch(r"procurement_[a-z][a-z0-9_]*", family.name)
    assert family.told.endswith(".")
    assert (family.kind == COUNTER) == family.name.endswith("_total")
    assert not re.search(
        r"_(ms|millis|minutes|hours|kb|mb|percent|count)\b", family.name
    )
    # Prometheus has a `job` of its own and would rename ours.
    assert not {"le", "job", "instance"} & set(family.labels)
    if re.search(r"_(?:age|late|overdue|duration|offset)", family.short):
        assert family.name.endswith("_seconds")


def test_page_of_the_docs_has_the_figures_there_are() -> None:
    assert table() in (DOCS / "observe.md").read_text()

"""The pages that lead people: what they must have, and words as on the screens."""

import re
from functools import cache
from pathlib import Path

import django
import pytest
from django.apps import apps

from procurement.alarms.models import Kind
from tests.docs_run.reading import ROOT, section
from tests.test_architecture import LAYERS
from tests.test_docs import messages, prose, table_with, tables

DOCS = ROOT / "docs"
RUNBOOK, DAY = DOCS / "runbook.md", DOCS / "daily-work.md"
ARCHITECTURE, ADDING = DOCS / "architecture.md", DOCS / "adding-a-vendor.md"

# --- the runbook ------------------------------------------------------------------

PARTS = ["Means", "Shows", "Safe", "Look", "Mend", "Vendor", "Over"]


def titles(page: Path) -> list[str]:
    return re.findall(r"^## (.+)$", prose(page.read_text()), re.M)


SECTIONS = [title for title in titles(RUNBOOK) if not title.startswith("First")]


@pytest.mark.parametrize("kind", Kind.values)
def test_every_alarm_has_its_section_with_its_name_on_the_screen(kind: str) -> None:
    assert SECTIONS.count(kind) == 1
    assert f"alarm *{Kind(kind).label}*" in section(RUNBOOK, kind)


@pytest.mark.parametrize("title", SECTIONS)
def test_every_section_has_the_same_parts(title: str) -> None:
    text = section(RUNBOOK, title)
    told = re.findall(r"^- \*\*(\w+):\*\* ?(.*(?:\n  .*)*)", text, re.M)
    assert [name for name, _ in told] == PARTS
    assert all(len(words.strip()) >= len("no.") for _, words in told)


def test_the_runbook_has_the_troubles_that_are_no_alarms() -> None:
    assert set(SECTIONS) - set(Kind.values) == {
        "Database away",
        "Redis away",
        "Disk full",
        "Worker frozen or replaced",
        "Web server answers 5xx",
        "Pages are slow",
        "Migrations lacking",
        "Recurring job fails",
        "Supplier answers with errors",
        "Figures missing or old",
        "Credentials unreadable",
        "TLS to a vendor fails",
        "Clock wrong",
        "A vendor changed its API",
        "Mails don't go out",
        "Webhooks backlog",
        "Feed reader behind",
        "Restore needed",
        "API key lost or leaked",
        "CREDENTIAL_KEYS lost or leaked",
        "SECRET_KEY leaked or changed",
        "Webhook secret lost or leaked",
        "Order suspected twice",
        "Order suspected lost",
    }


def test_lines_of_the_log_are_written_so_somewhere() -> None:
    """Spans of the runbook that are no name, number or address are lines of the log."""
    said = " ".join(messages())
    for quoted in ("is replaced", "does not answer", "outcomes wait to be recorded"):
        assert f"`{quoted}" in RUNBOOK.read_text()
        assert quoted in said
    for quoted in re.findall(r"in the log\s+\*([^*]+)\*", RUNBOOK.read_text()):
        assert " ".join(quoted.split()) in said, quoted


# --- words as on the screens --------------------------------------------------------


def catalogue(path: Path) -> set[str]:
    """The English texts of a catalogue."""
    found = re.findall(
        r'^msgid(?:_plural)? ((?:".*"\n)+)', path.read_text(), re.MULTILINE
    )
    return {"".join(re.findall(r'"(.*)"', each)).replace('\\"', '"') for each in found}


@cache
def words_of_screens() -> frozenset[str]:
    admin = (
        Path(django.__file__).parent / "contrib/admin/locale/sv/LC_MESSAGES/django.po"
    )
    ours = ROOT / "procurement/locale/sv/LC_MESSAGES/django.po"
    texts = catalogue(ours) | catalogue(admin)
    assert len(texts) > 1000
    return frozenset(text.strip().rstrip("….").lower() for text in texts)


def is_on_a_screen(word: str) -> bool:
    return " ".join(word.split()).rstrip("….").lower() in words_of_screens()


@pytest.mark.parametrize("page", [DAY, RUNBOOK], ids=lambda page: page.name)
def test_bold_words_are_buttons_and_links_there_are(page: Path) -> None:
    """Bold that ends as a sentence or a heading does is emphasis, and no button."""
    bold = re.findall(r"\*\*([^*]+)\*\*", page.read_text())
    buttons = [word for word in bold if word[-1] not in ".:"]
    assert len(buttons) > 20
    assert not [word for word in buttons if not is_on_a_screen(word)]


@pytest.mark.parametrize("title", ["Tile", "It says", "Warning", "Group", "Status"])
def test_what_the_tables_say_people_see_is_on_the_screens(title: str) -> None:
    cells = [
        re.sub(r" \(.*\)", "", row[title])
        for rows in tables(DAY.read_text())
        for row in rows
        if title in row
    ]
    assert len(cells) > 3
    words = [
        word
        for cell in cells
        for word in ([cell] if is_on_a_screen(cell) else cell.split(", "))
    ]
    assert not [word for word in words if not is_on_a_screen(word)]


# --- the architecture -----------------------------------------------------------------


def test_the_table_of_layers_is_that_of_the_test() -> None:
    rows = table_with(ARCHITECTURE.read_text(), "Layer", "Is about")
    assert [row["Layer"].strip("`") for row in rows] == list(LAYERS)
    assert all(row["Is about"] for row in rows)


def test_the_tables_that_carry_the_promise_are_there_with_their_rules() -> None:
    rules = {
        model._meta.db_table: {rule.name for rule in model._meta.constraints}
        for model in apps.get_models()
    }
    rows = table_with(ARCHITECTURE.read_text(), "Promise", "Table")
    for row in rows:
        named = re.findall(r"`([^`]+)`", row["Table"])
        assert named
        assert set(named) <= set(rules), named
        told = re.findall(r"`(\w+_\w+_\w+)`", row["What holds it there"])
        assert set(told) <= {rule for name in named for rule in rules[name]}, told


def test_functions_of_the_orders_way_stand_where_it_says() -> None:
    way = section(ARCHITECTURE, "One order's way")
    for name, path in (
        ("create_order", "orders/operations.py"),
        ("submit_order", "orders/operations.py"),
        ("approve_order", "approvals/operations.py"),
        ("send_order", "orders/operations.py"),
        ("ask_for", "transmissions/operations.py"),
    ):
        assert f"`{name}`" in way
        assert f"def {name}(" in (ROOT / "procurement" / path).read_text()


def test_the_picture_can_be_read_in_the_dark_and_calls_nobody() -> None:
    picture = (DOCS / "architecture.svg").read_text()
    assert "prefers-color-scheme: dark" in picture
    assert "<title" in picture
    assert "href" not in picture
    for name in ("gunicorn procurement.wsgi", "manage.py worker", "carriers"):
        assert f">{name}<" in picture


# --- adding a vendor ----------------------------------------------------------------


def test_the_day_goes_through_every_step_and_file_of_the_readme() -> None:
    day = ADDING.read_text()
    steps = (
        (ROOT / "vendors" / "README.md").read_text().partition("## Adding a vendor")[2]
    )
    named = set()
    for first, last in re.findall(r"\bsteps? (\d+)(?: (?:to|and) (\d+))?", day):
        named |= set(range(int(first), int(last or first) + 1))
    numbered = {int(number) for number in re.findall(r"^(\d+)\. \*\*", steps, re.M)}
    # The first is what one has before the day begins, the last goes along with it.
    assert numbered - named == {1, max(numbered)}
    for name in re.findall(r"`vendors/tinker/(\w+\.py)`", steps):
        assert f"`{name}`" in day, name

"""What the documentation says is so: of vendors, of messages, and its links.

Commands, settings, addresses and files of all pages: `tests/docs_run`.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import load_command_class
from django.core.management.base import CommandParser

import vendors
from procurement.access import scopes
from procurement.orders.actions import all_actions
from vendors.contracts import Account, Capability, FieldKind, Grade, SettingField
from vendors.sandbox import Sandbox
from vendors.tokens import MemoryTokenStore

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
OVERVIEW = DOCS / "vendors" / "README.md"
PAGES = sorted({ROOT / "README.md", ROOT / "vendors/README.md", *DOCS.rglob("*.md")})
CODES = sorted(vendors.CODES)
COLUMNS = {
    "EET": "eet",
    "Kvik": "kvik",
    "DI": "di",
    "Simutek": "simutek",
    "Extend": "extend",
}

Row = dict[str, str]


def page_of(code: str) -> str:
    return (DOCS / "vendors" / f"{code}.md").read_text()


def prose(text: str) -> str:
    """A page without its blocks of code, whose lines may look like anything."""
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def blocks(text: str, language: str) -> list[str]:
    found = re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [str(block) for block in found]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def tables(text: str) -> Iterator[list[Row]]:
    """Yield every table of a page as rows by the titles of its columns."""
    for found in re.findall(r"(?:^\|.*\n)+", prose(text), re.MULTILINE):
        titles, _, *rows = found.splitlines()
        yield [dict(zip(cells(titles), cells(row), strict=True)) for row in rows]


def table_with(text: str, *titles: str) -> list[Row]:
    """Return the rows of all tables that begin with these columns."""
    fitting = [
        row
        for rows in tables(text)
        for row in rows
        if tuple(row)[: len(titles)] == titles
    ]
    assert fitting, f"there is no table {' | '.join(titles)}"
    return fitting


def bare(cell: str) -> str:
    return cell.strip("`")


def section(text: str, title: str) -> str:
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    assert found, f"there is no section {title!r}"
    return found[1]


# --- commands and steps -----------------------------------------------------------


def test_the_overview_describes_every_argument_of_first_contact() -> None:
    parser = CommandParser(add_help=False)
    load_command_class("procurement", "first_contact").add_arguments(parser)
    own = set(parser._option_string_actions)
    rows = table_with(OVERVIEW.read_text(), "Argument", "Meaning")
    assert {bare(row["Argument"]) for row in rows} == own


@pytest.mark.parametrize("row", table_with(OVERVIEW.read_text(), "Step", "REST"))
def test_steps_by_hand_have_the_label_and_the_name_of_an_action(row: Row) -> None:
    by_label = {action.label: action.name for action in all_actions()}
    assert by_label.get(row["Step"].strip("*")) == bare(row["REST"])


def practice_rows() -> list[Row]:
    return table_with(OVERVIEW.read_text(), "Vendor", "Address", "Login address")


@pytest.mark.parametrize("row", practice_rows(), ids=lambda row: row["Vendor"])
def test_the_sandbox_takes_what_the_overview_says(row: Row) -> None:
    code = COLUMNS[row["Vendor"]]
    api = vendors.get(code)
    told = re.findall(r"`([^`]+)`", row[list(row)[3]])
    names = [field.name for field in api.credentials if field.is_required]
    wanted = {
        "di": ("owner_party_key", "transport_solution_ids"),
        "simutek": ("customer_number",),
        "extend": ("client", "customer_number", "warehouse", "unit"),
    }.get(code, ())
    assert len(told) == len(names) + len(wanted)
    with Sandbox(port=0) as sandbox:
        port = f":{urlsplit(sandbox.url).port}/"
        account = Account(
            supplier=code,
            base_url=bare(row["Address"]).replace(":8100/", port),
            auth_url=bare(row["Login address"]).replace(":8100/", port),
            credentials=dict(zip(names, told, strict=False)),
            options=dict(zip(wanted, told[len(names) :], strict=True)),
            is_test=True,
            allow_insecure_loopback=True,
        )
        client = api.open_client(account, MemoryTokenStore(), lambda exchange: None)
        check: Any = api.check_connection
        assert check(client)
        client.close()


# --- what vendors can do ----------------------------------------------------------


def capability_rows() -> list[Row]:
    return table_with(OVERVIEW.read_text(), "What", "Capability")


def test_the_overview_names_every_vendor_and_every_capability_once() -> None:
    rows = capability_rows()
    assert sorted(bare(row["Capability"]) for row in rows) == sorted(Capability)
    assert sorted(COLUMNS.values()) == CODES
    assert set(rows[0]) == {"What", "Capability", *COLUMNS}


@pytest.mark.parametrize("row", capability_rows(), ids=lambda row: row["Capability"])
def test_the_table_of_capabilities_is_true(row: Row) -> None:
    capability = Capability(bare(row["Capability"]))
    for title, code in COLUMNS.items():
        can = vendors.get(code).offers(capability)
        assert row[title] == ("yes" if can else "–"), title


def test_only_eet_marks_orders_as_tests() -> None:
    assert "Only EET has a flag that marks an order as a test." in OVERVIEW.read_text()
    assert [code for code in CODES if vendors.get(code).has_test_flag] == ["eet"]


# --- the pages of vendors ---------------------------------------------------------

SECTIONS = (
    "What you need",
    "Create the supplier",
    "First contact",
    "Documented and inferred",
    "Go live",
    "What is done by hand",
    "When an outcome is unknown",
    "Limits and habits",
    "Troubles",
)


@pytest.mark.parametrize("code", CODES)
def test_every_page_goes_through_the_same_steps_in_the_same_order(code: str) -> None:
    titles = re.findall(r"^## (.+)$", prose(page_of(code)), re.MULTILINE)
    assert [title for title in titles if title in SECTIONS] == list(SECTIONS)


@pytest.mark.parametrize("code", CODES)
def test_there_is_a_mail_to_send_with_numbered_questions(code: str) -> None:
    mail, *others = blocks(section(page_of(code), "What you need"), "text")
    assert not others
    assert mail.startswith("Subject: ")
    numbers = [int(number) for number in re.findall(r"^(\d+)\. ", mail, re.MULTILINE)]
    assert len(numbers) > 5
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("code", CODES)
def test_every_credential_is_on_the_page_with_its_label(code: str) -> None:
    rows = table_with(page_of(code), "Credential", "Name", "What to enter")
    assert [(row["Credential"], bare(row["Name"])) for row in rows] == [
        (field.label, field.name) for field in vendors.get(code).credentials
    ]


@pytest.mark.parametrize("code", CODES)
def test_every_option_is_on_the_page_with_label_and_default(code: str) -> None:
    rows = table_with(page_of(code), "Option", "Name", "Default")
    assert [(row["Option"], bare(row["Name"]), row["Default"]) for row in rows] == [
        (field.label, field.name, default_text(field))
        for field in vendors.get(code).options
    ]
    assert all(row["When to change it"] for row in rows if row["Default"] != "–")


def default_text(field: SettingField) -> str:
    if field.kind is FieldKind.BOOLEAN:
        return "on" if field.default else "off"
    return "–" if field.default is None else str(field.default)


@pytest.mark.parametrize("code", CODES)
def test_known_addresses_are_on_the_page(code: str) -> None:
    text = page_of(code)
    for known in vendors.get(code).known_addresses:
        for address in filter(None, (known.base_url, known.auth_url)):
            assert f"`{address}`" in text


@pytest.mark.parametrize("code", CODES)
def test_every_step_of_the_checklist_is_explained(code: str) -> None:
    rows = table_with(page_of(code), "Step", "What to do with it")
    explained = re.findall(r"`(\w+)`", " ".join(row["Step"] for row in rows))
    listed = {check.name for check in vendors.get(code).checklist}
    assert set(explained) <= listed
    told = " ".join(f"{row['Step']} {row['What to do with it']}" for row in rows)
    assert not [name for name in listed if f"`{name}`" not in told]


@pytest.mark.parametrize("code", CODES)
def test_printed_findings_are_of_steps_that_exist(code: str) -> None:
    printed = "".join(blocks(section(page_of(code), "First contact"), "text"))
    asked = {check.name: check.question for check in vendors.get(code).checklist}
    steps = re.findall(r"^(\w+): (.+)$", printed, re.MULTILINE)
    assert steps
    for name, question in steps:
        assert asked.get(name) == question


@pytest.mark.parametrize("code", CODES)
def test_names_are_told_with_value_and_grade_as_in_the_table(code: str) -> None:
    mapping = vendors.get(code).mapping
    for row in table_with(page_of(code), "Key", "In use", "How sure"):
        name = mapping[bare(row["Key"])]
        assert bare(row["In use"]) == name.value, row["Key"]
        assert Grade(row["How sure"]) is name.grade, row["Key"]


# --- messages ---------------------------------------------------------------------

SHORTEST_QUOTE = 12
"""Shorter than this is a name or a number, and no message."""


@cache
def messages() -> frozenset[str]:
    """Every text of the program that may be shown, without what is put into it."""
    files = [*(ROOT / "procurement").rglob("*.py"), *(ROOT / "vendors").rglob("*.py")]
    texts = {
        node.value
        for path in files
        if "sandbox" not in path.parts and "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    pages = {
        " ".join(path.read_text().split())
        for path in (ROOT / "templates").rglob("*")
        if path.suffix == ".html"
    }
    return frozenset(text for text in texts | pages if len(text) >= SHORTEST_QUOTE)


def quotes(page: Path) -> Iterator[str]:
    for rows in tables(page.read_text()):
        for row in rows:
            seen = row.get("What you see") or row.get("Answer") or ""
            for quote in re.findall(r"`([^`]+)`", seen):
                parts = (part.strip() for part in quote.split("…"))
                yield from (part for part in parts if len(part) >= SHORTEST_QUOTE)


@pytest.mark.parametrize("name", ["README", *CODES])
def test_what_people_see_is_what_the_program_says(name: str) -> None:
    said = messages()
    quoted = list(quotes(DOCS / "vendors" / f"{name}.md"))
    assert quoted
    assert not [
        quote
        for quote in quoted
        if not any(quote in text or text.strip() in quote for text in said)
    ]


# --- links ------------------------------------------------------------------------


def links() -> list[tuple[Path, str]]:
    return [
        (page, target)
        for page in PAGES
        for target in re.findall(r"\]\(([^)\s]+)\)", prose(page.read_text()))
        if not urlsplit(target).scheme
    ]


@pytest.mark.parametrize(
    ("page", "target"),
    links(),
    ids=[f"{page.relative_to(ROOT)}-{target}" for page, target in links()],
)
def test_links_lead_to_a_file_and_a_heading(page: Path, target: str) -> None:
    path, _, anchor = target.partition("#")
    wanted = (page.parent / path).resolve() if path else page
    assert wanted.exists()
    if anchor:
        headings = re.findall(r"^#+ (.+)$", prose(wanted.read_text()), re.MULTILINE)
        assert anchor in [slug(heading) for heading in headings]


def slug(heading: str) -> str:
    """The anchor of a heading, as the usual hosts make it."""
    kept = re.sub(r"[^\w\- ]", "", heading.lower())
    return kept.replace(" ", "-")


def test_the_page_of_keys_has_the_scopes_there_are() -> None:
    assert scopes.reference() in (DOCS / "api" / "keys.md").read_text()


def test_decisions_are_numbered_without_gaps_and_carry_their_number() -> None:
    pages = sorted((DOCS / "decisions").glob("*.md"))
    for number, page in enumerate(pages, start=1):
        assert page.name.startswith(f"{number:04}-")
        assert page.read_text().startswith(f"# {number}. ")

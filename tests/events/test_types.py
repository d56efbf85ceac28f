"""Every kind of event that anything writes has a type with a meaning."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from procurement.approvals.models import Decision
from procurement.events.streams import STREAMS
from procurement.events.types import CHOICES, TYPES, WILDCARDS
from procurement.orders.states import Fulfilment

ROOT = Path(__file__).resolve().parent.parent.parent
WRITERS = {
    "orders": "order",
    "approvals": "order",
    "fulfilment": "order",
    "shops": "shop",
    "customers": "customer",
    "suppliers": "supplier",
    "catalogue": "supplier",
    "logins": "login",
    "persons": "customer",
}
"""Whose events the functions of an app write, unless they name the table."""
TABLES = {
    "OrderEvent": "order",
    "ShopEvent": "shop",
    "CustomerEvent": "customer",
    "SupplierEvent": "supplier",
    "LoginEvent": "login",
}
CALLS = {"write", "note", "_note", "_tell", "_note_all", "create", "get_or_create"}
TOLD_OTHERWISE = {
    # Decisions by their own words, the supplier's news by the state they lead to.
    "order": {Decision(each).value for each in Decision}
    | {Fulfilment(each).value for each in Fulfilment if each != Fulfilment.NONE}
    | {"supplier_update", "attention_by_hand", "received", "closed_short"},
    "login": {"connected", "not_connected"},
}
SENT = {"order": ("", "cancelling_"), "shop": ("creating_", "push_")}
SENT |= {"customer": ("creating_",)}
SAID_OTHERWISE = {
    "cancelling_sent": "cancelled",
    "push_sent": "pushed",
    "creating_late_answer": "late_answer",
}
NEVER_OF_SHOPS = {"look_up_asked", "looked_up", "duplicate"}
"""No supplier can be asked for a shop."""
NOBODYS_BUSINESS = {"login.renewed"}


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    """Each call in the back-office: its app, the name it ends with, itself."""
    for path in sorted((ROOT / "procurement").rglob("*.py")):
        app = path.relative_to(ROOT / "procurement").parts[0]
        if app in ("demo", "management") or "migrations" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                yield app, name, node


def words_of(node: ast.expr) -> set[str]:
    """The texts an argument may be: a word, or either of two."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return words_of(node.body) | words_of(node.orelse)
    return set()


def is_kind(word: str) -> bool:
    return word.replace("_", "").isalpha() and word.islower()


def written_kinds() -> set[str]:
    """`order.approved`, of every call that writes an event with a kind it names."""
    found = set()
    for app, name, call in calls():
        source = ast.unparse(call.func)
        table = next((TABLES[part] for part in TABLES if part in source), None)
        of_ledger = name in CALLS and (
            source.endswith(("ledger.write", "ledger.note"))
            or source in ("note", "_note", "_tell", "_note_all")
        )
        if table is None and not of_ledger:
            continue
        of_order = app not in ("shops", "customers", "persons") and source.startswith(
            "ledger."
        )
        subject = table or ("order" if of_order else WRITERS.get(app))
        named = [k.value for k in call.keywords if k.arg == "kind"]
        for argument in named or (call.args if of_ledger else []):
            words = {word for word in words_of(argument) if is_kind(word)}
            found |= {f"{subject}.{word}" for word in words}
            if words:
                break
    return found


def news() -> set[str]:
    """What is told of one thing that is sent to a supplier."""
    return {
        word
        for app, name, call in calls()
        if name == "News" and app in ("transmissions", "troubles") and call.args
        for word in words_of(call.args[0])
    }


def test_kinds_that_are_named_where_they_are_written_have_a_type() -> None:
    written = written_kinds()

    assert len(written) > 50
    assert {"order.created", "shop.push_asked", "customer.unlinked"} <= written
    assert {"supplier.item_changed", "login.ended", "order.imported"} <= written
    assert written - TYPES.keys() - NOBODYS_BUSINESS == set()


@pytest.mark.parametrize("subject", SENT)
def test_whatever_becomes_of_what_is_sent_has_a_type(subject: str) -> None:
    told = news()
    assert {"sent", "unknown", "late_answer", "handed_over"} <= told
    if subject == "shop":
        told -= NEVER_OF_SHOPS

    for prefix in SENT[subject]:
        for kind in told:
            name = SAID_OTHERWISE.get(f"{prefix}{kind}", f"{prefix}{kind}")
            assert f"{subject}.{name}" in TYPES, name


@pytest.mark.parametrize("subject", TOLD_OTHERWISE)
def test_kinds_that_come_from_somewhere_else_have_a_type(subject: str) -> None:
    names = {f"{subject}.{kind}" for kind in TOLD_OTHERWISE[subject]}

    assert names - TYPES.keys() == set()


def test_no_type_is_made_up() -> None:
    """Each stands for something that is written somewhere."""
    known = {*written_kinds()}
    for subject, prefixes in SENT.items():
        for prefix in prefixes:
            names = {SAID_OTHERWISE.get(f"{prefix}{k}", f"{prefix}{k}") for k in news()}
            known |= {f"{subject}.{name}" for name in names}
    for subject, kinds in TOLD_OTHERWISE.items():
        known |= {f"{subject}.{kind}" for kind in kinds}

    assert TYPES.keys() - known == set()


def test_types_are_of_the_streams_and_say_what_they_mean() -> None:
    assert {name.partition(".")[0] for name in TYPES} == {
        stream.name for stream in STREAMS.values()
    }
    assert WILDCARDS == ("order.*", "shop.*", "customer.*", "supplier.*", "login.*")
    for name, meaning in CHOICES:
        assert meaning.endswith("."), name
        assert len(name.partition(".")[2]) <= 30, name

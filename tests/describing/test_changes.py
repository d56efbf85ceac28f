"""Whether a change of the description breaks programs is found out, by rule."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procurement.describing.changes import SAYS_ONLY, Rule, compare
from procurement.describing.views import description

COMMITTED = Path(__file__).resolve().parent.parent.parent / "docs/api/openapi.json"
OLD: dict[str, Any] = json.loads(COMMITTED.read_text())
ORDERS = "/api/v1/orders/"
ONE = "/api/v1/orders/{number}/"


def schemas(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"]
    return found


def test_the_committed_description_is_the_present_one() -> None:
    new = description()
    for document in (copied := copy.deepcopy(OLD)), new:
        document["info"].pop("version")

    changes = compare(copied, new)

    assert not changes.breaking, (
        "This breaks programs that were written for v1:\n- "
        + "\n- ".join(changes.breaking)
        + "\nUndo it, or do it beside what is there: docs/api/versions.md."
    )
    assert copied == new, (
        "The description has changed, and breaks nothing. `make schema` writes it "
        "anew; look at the difference and commit it:\n- "
        + "\n- ".join(changes.harmless or ["texts and examples"])
    )


def gone_call(new: dict[str, Any]) -> None:
    del new["paths"][ORDERS]["post"]


def renamed_call(new: dict[str, Any]) -> None:
    new["paths"][ORDERS]["post"]["operationId"] = "orders_enter"


def other_scope(new: dict[str, Any]) -> None:
    new["paths"][ORDERS]["get"]["x-scope"] = "orders:write"


def gone_parameter(new: dict[str, Any]) -> None:
    call = new["paths"][ORDERS]["get"]
    call["parameters"] = [p for p in call["parameters"] if p["name"] != "search"]


def required_parameter(new: dict[str, Any]) -> None:
    wanted = {"name": "year", "in": "query", "required": True, "schema": {}}
    new["paths"][ORDERS]["get"]["parameters"].append(wanted)


def gone_input(new: dict[str, Any]) -> None:
    del schemas(new)["OrderInput"]["properties"]["note"]


def required_input(new: dict[str, Any]) -> None:
    schemas(new)["OrderInput"]["required"].append("currency")


def shorter_input(new: dict[str, Any]) -> None:
    schemas(new)["OrderInput"]["properties"]["note"]["maxLength"] = 10


def input_of_another_type(new: dict[str, Any]) -> None:
    schemas(new)["OrderInput"]["properties"]["note"] = {"type": "integer"}


def fewer_words_taken(new: dict[str, Any]) -> None:
    schemas(new)["Mode"]["enum"].remove("live")


def gone_member(new: dict[str, Any]) -> None:
    del schemas(new)["Order"]["properties"]["total"]


def member_that_may_be_missing(new: dict[str, Any]) -> None:
    schemas(new)["Line"]["required"].remove("quantity")


def member_that_may_be_null(new: dict[str, Any]) -> None:
    schemas(new)["Order"]["properties"]["number"]["type"] = ["string", "null"]


def other_status(new: dict[str, Any]) -> None:
    responses = new["paths"][f"{ONE}send/"]["post"]["responses"]
    responses["200"] = responses.pop("202")


def gone_header(new: dict[str, Any]) -> None:
    del new["paths"][ORDERS]["post"]["responses"]["201"]["headers"]["Location"]


def renamed_schema(new: dict[str, Any]) -> None:
    schemas(new)["Purchase"] = schemas(new).pop("Charge")
    text = json.dumps(new).replace("schemas/Charge", "schemas/Purchase")
    new.update(json.loads(text))


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (gone_call, Rule.CALLS_STAY),
        (renamed_call, Rule.NAMES_STAY),
        (renamed_schema, Rule.NAMES_STAY),
        (other_scope, Rule.RIGHTS_STAY),
        (gone_parameter, Rule.INPUT_WIDENS),
        (gone_input, Rule.INPUT_WIDENS),
        (shorter_input, Rule.INPUT_WIDENS),
        (input_of_another_type, Rule.INPUT_WIDENS),
        (fewer_words_taken, Rule.INPUT_WIDENS),
        (required_parameter, Rule.NOTHING_NEW_DEMANDED),
        (required_input, Rule.NOTHING_NEW_DEMANDED),
        (gone_member, Rule.ANSWERS_STAY),
        (member_that_may_be_missing, Rule.ANSWERS_STAY),
        (member_that_may_be_null, Rule.ANSWERS_STAY),
        (other_status, Rule.ANSWERS_STAY),
        (gone_header, Rule.ANSWERS_STAY),
    ],
)
def test_what_breaks_programs_is_named_with_its_rule(
    change: Callable[[dict[str, Any]], None], rule: str
) -> None:
    new = copy.deepcopy(OLD)
    change(new)

    breaking = compare(OLD, new).breaking

    assert breaking
    assert any(finding.endswith(rule) for finding in breaking), breaking


def new_call(new: dict[str, Any]) -> None:
    new["paths"]["/api/v1/orders/years/"] = copy.deepcopy(new["paths"][ORDERS])


def new_parameter(new: dict[str, Any]) -> None:
    more = {"name": "year", "in": "query", "schema": {"type": "integer"}}
    new["paths"][ORDERS]["get"]["parameters"].append(more)


def new_member(new: dict[str, Any]) -> None:
    schemas(new)["Order"]["properties"]["colour"] = {"type": "string"}
    schemas(new)["Order"]["required"].append("colour")


def new_word(new: dict[str, Any]) -> None:
    schemas(new)["OrderStatus"]["enum"].append("lost")


def longer_input(new: dict[str, Any]) -> None:
    schemas(new)["OrderInput"]["properties"]["note"]["maxLength"] = 9999


def optional_input(new: dict[str, Any]) -> None:
    schemas(new)["OrderInput"]["properties"]["colour"] = {"type": "string"}
    schemas(new)["OrderInput"]["required"].remove("supplier")


@pytest.mark.parametrize(
    "change",
    [new_call, new_parameter, new_member, new_word, longer_input, optional_input],
)
def test_what_adds_breaks_nothing(change: Callable[[dict[str, Any]], None]) -> None:
    new = copy.deepcopy(OLD)
    change(new)

    changes = compare(OLD, new)

    assert not changes.breaking
    assert changes.harmless or change is longer_input


def test_the_same_description_has_not_changed() -> None:
    changes = compare(OLD, copy.deepcopy(OLD))

    assert (changes.breaking, changes.harmless) == ([], [])


def places(
    node: Any, fits: Callable[[dict[str, Any]], bool], path: tuple[Any, ...] = ()
) -> list[tuple[Any, ...]]:
    """The paths to all objects of the document that fit."""
    found: list[tuple[Any, ...]] = []
    if isinstance(node, dict):
        if fits(node):
            found.append(path)
        for name, inner in node.items():
            if name not in ("example", "examples", "links"):
                found += places(inner, fits, (*path, name))
    elif isinstance(node, list):
        for index, inner in enumerate(node):
            found += places(inner, fits, (*path, index))
    return found


def at(document: Any, path: tuple[Any, ...]) -> Any:
    for step in path:
        document = document[step]
    return document


def is_strict_input(node: dict[str, Any]) -> bool:
    return node.get("additionalProperties") is False and bool(node.get("properties"))


def is_answer(node: dict[str, Any]) -> bool:
    return isinstance(node.get("required"), list) and not is_strict_input(node)


INPUTS = places(OLD["components"]["schemas"], is_strict_input)
ANSWERS = [
    path
    for path in places(OLD["components"]["schemas"], is_answer)
    if path[0] != "Problem"
]
TEXTS = places(OLD, lambda node: isinstance(node.get("description"), str))


@given(st.data())
def test_no_member_of_a_body_can_go_unseen(data: st.DataObject) -> None:
    new = copy.deepcopy(OLD)
    path = data.draw(st.sampled_from(INPUTS))
    node = at(schemas(new), path)
    name = data.draw(st.sampled_from(sorted(node["properties"])))
    del node["properties"][name]

    breaking = compare(OLD, new).breaking

    assert any(f".{name}: it is gone" in finding for finding in breaking)


@given(st.data())
def test_no_member_of_a_body_can_become_required_unseen(data: st.DataObject) -> None:
    new = copy.deepcopy(OLD)
    path = data.draw(st.sampled_from(INPUTS))
    node = at(schemas(new), path)
    free = sorted(set(node["properties"]) - set(node.get("required", [])))
    if not free:
        return
    name = data.draw(st.sampled_from(free))
    node["required"] = [*node.get("required", []), name]

    breaking = compare(OLD, new).breaking

    assert any(f".{name}: it is required now" in finding for finding in breaking)


@given(st.data())
def test_no_member_of_an_answer_can_go_or_change_unseen(data: st.DataObject) -> None:
    new = copy.deepcopy(OLD)
    path = data.draw(st.sampled_from(ANSWERS))
    node = at(schemas(new), path)
    name = data.draw(st.sampled_from(sorted(node["properties"])))
    if data.draw(st.booleans()):
        del node["properties"][name]
    elif node["properties"][name].keys() - {"description"}:
        node["properties"][name] = {"type": ["boolean", "integer", "array", "null"]}
    else:
        return

    assert compare(OLD, new).breaking


@given(st.sampled_from(TEXTS), st.text(max_size=20))
def test_texts_change_nothing(path: tuple[Any, ...], text: str) -> None:
    new = copy.deepcopy(OLD)
    at(new, path)["description"] = text

    changes = compare(OLD, new)

    assert "description" in SAYS_ONLY
    assert (changes.breaking, changes.harmless) == ([], [])

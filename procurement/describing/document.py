"""What the description says as a whole: put in after every call has described itself.

Named in `SPECTACULAR_SETTINGS`; each step takes the document and changes it in place.
"""

import inspect
import json
import re
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from drf_spectacular.settings import spectacular_settings

from procurement import VERSION
from procurement.access.answers import (
    NAMES,
    REFUSAL_HEADERS,
    VERSION_HEADER,
    codes_of,
    response_name,
)
from procurement.access.answers import VERSION as VERSION_SAYS
from procurement.access.fields import ReadSerializer, StrictSerializer
from procurement.access.openapi import ApiSchema
from procurement.access.problems import CONTENT_TYPE, problem
from procurement.describing import links
from procurement.describing.examples import answer_examples, request_examples
from procurement.describing.meanings import MEANINGS
from procurement.describing.overview import OVERVIEW, TAGS

Document = dict[str, Any]
REFERENCE = "#/components/schemas/"
METHODS = ("get", "post", "put", "patch", "delete")


def complete(result: Document, generator: Any, **kwargs: Any) -> Document:
    """The hook: a whole document from what the calls said."""
    for step in STEPS:
        step(result)
    return result


def calls_of(document: Document) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every call as path, method and what is said of it."""
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method in methods:
                yield path, method, methods[method]


INHERITED = {inspect.getdoc(kind) for kind in (StrictSerializer, ReadSerializer)}
"""What is said of a base is a note to whoever writes a serializer, not to callers."""


def drop_inherited_notes(document: Document) -> None:
    for schema in document["components"]["schemas"].values():
        if schema.get("description") in INHERITED:
            del schema["description"]


# --- names ------------------------------------------------------------------------


def name_schemas(document: Document) -> None:
    """Names that read well in generated code: `OrderInput`, `OrderChange`, `OrderPage`.

    A change of one is a change for every program that was generated from them.
    """
    schemas = document["components"]["schemas"]
    names = {name: _pretty(name) for name in schemas}
    for name in list(names):
        if name.endswith("Enum"):
            short = name.removesuffix("Enum")
            names[name] = f"{short}Word" if short in names.values() else short
    if len(set(names.values())) != len(names):
        raise ValueError("Two schemas would be of one name.")
    document["components"]["schemas"] = {
        names[name]: schema for name, schema in schemas.items()
    }

    def rename(node: dict[str, Any]) -> None:
        target = node.get("$ref", "")
        if isinstance(target, str) and target.startswith(REFERENCE):
            node["$ref"] = REFERENCE + names[target.removeprefix(REFERENCE)]

    _walk(document, rename)


def _pretty(name: str) -> str:
    if page := re.fullmatch(r"Paginated(.+)List", name):
        return f"{page[1]}Page"
    if change := re.fullmatch(r"Patched(.+)InputRequest", name):
        return f"{change[1]}Change"
    return name.removesuffix("Request")


# --- words ------------------------------------------------------------------------


def explain_words(document: Document) -> None:
    """Every word of an enumeration with what it means, and each named only once."""
    schemas = document["components"]["schemas"]
    _join_empty_words(document)
    for name, schema in schemas.items():
        if "enum" not in schema:
            continue
        schema.setdefault("type", "string")
        meanings = MEANINGS.get(name) or labels_of(name)
        said = {word: meanings.get(word, "") for word in schema["enum"]}
        if name in OPEN:
            # An enumeration would make generated programs fail at a new word.
            schema["examples"] = schema.pop("enum")[:1]
        schema["x-enum-descriptions"] = said
        rows = [f"| `{word}` | {meaning} |" for word, meaning in said.items()]
        schema["description"] = "\n".join(["| Word | Meaning |", "|---|---|", *rows])
    by_words = {
        frozenset(schema["enum"]): name
        for name, schema in schemas.items()
        if "enum" in schema
    }

    def refer(node: dict[str, Any]) -> None:
        words = node.get("enum")
        if not isinstance(words, list) or "x-enum-descriptions" in node:
            return
        if name := by_words.get(frozenset(words)):
            node.clear()
            node["$ref"] = REFERENCE + name

    for _, _, call in calls_of(document):
        for parameter in call.get("parameters", []):
            _walk(parameter["schema"], refer)


OPEN = frozenset({"EventType"})
"""Words that are added to often: described, and not closed."""


def labels_of(name: str) -> dict[str, str]:
    """What choices that explain themselves say, by the setting that names them."""
    path = spectacular_settings.ENUM_NAME_OVERRIDES.get(name, "")
    module, _, attribute = path.rpartition(".")
    choices = getattr(import_module(module), attribute, ()) if module else ()
    if not isinstance(choices, tuple | list):
        return {}
    return {str(word): str(text) for word, text in choices if word != text}


def _join_empty_words(document: Document) -> None:
    """One enumeration with the empty word, in the place of a choice of two."""
    schemas = document["components"]["schemas"]

    def join(node: dict[str, Any]) -> None:
        forms = node.get("oneOf")
        if not isinstance(forms, list) or {"$ref": f"{REFERENCE}Blank"} not in forms:
            return
        words = [one["$ref"].removeprefix(REFERENCE) for one in forms if "$ref" in one]
        (name,) = [word for word in words if word != "Blank"]
        schemas[f"{name}OrEmpty"] = {
            "type": "string",
            "enum": [*schemas[name]["enum"], ""],
        }
        if name in MEANINGS:
            MEANINGS.setdefault(
                f"{name}OrEmpty", {**MEANINGS[name], "": "There is none."}
            )
        del node["oneOf"]
        node["$ref"] = f"{REFERENCE}{name}OrEmpty"

    _walk(dict(document["components"]), join)
    used: set[str] = set()
    _walk(document, lambda node: used.add(str(node.get("$ref", ""))))
    for name in ("Blank", "Null"):
        if name in schemas and REFERENCE + name not in used:
            del schemas[name]
    for name in [name for name, schema in schemas.items() if "enum" in schema]:
        if REFERENCE + name not in used:
            del schemas[name]


def join_empty_texts(document: Document) -> None:
    """A text that may be empty is one text, not a choice of two that both fit."""

    def join(node: dict[str, Any]) -> None:
        forms = node.get("oneOf")
        if isinstance(forms, list) and EMPTY in forms and len(forms) == 2:
            (text,) = [form for form in forms if form != EMPTY]
            del node["oneOf"]
            node |= {name: text[name] for name in text if name != "format"}
        elif isinstance(forms, list) and {} in forms:
            # Anything at all, null among it.
            del node["oneOf"]

    _walk(document, join)


EMPTY = {"type": "string", "maxLength": 0}


# --- answers ----------------------------------------------------------------------


def add_refusals(document: Document) -> None:
    """The refusals that calls refer to, each with its codes and an example of each."""
    responses = document["components"].setdefault("responses", {})
    for status in NAMES:
        responses[response_name(status)] = refusal(status)


def refusal(status: int) -> dict[str, Any]:
    _, says = NAMES[status]
    codes = codes_of(status)
    named = ", ".join(f"`{code}`" for code in codes)
    return {
        "description": f"{says} Codes: {named}." if codes else says,
        "headers": {
            VERSION_HEADER: VERSION_SAYS,
            **REFUSAL_HEADERS.get(status, {}),
        },
        "content": {
            CONTENT_TYPE: {
                "schema": {"$ref": f"{REFERENCE}Problem"},
                "examples": {
                    str(code): {
                        "summary": code.meaning,
                        "value": problem_example(status, code),
                    }
                    for code in codes
                },
            }
        },
    }


MEMBERS: dict[str, dict[str, Any]] = {
    "invalid": {"errors": {"lines.0.quantity": "Give a quantity above 0."}},
    "scope_missing": {"scope": "orders:write"},
    "permission_missing": {"permission": "orders.send_purchaseorder"},
    "vendor_error": {"kind": "timeout"},
}
"""What some problems have besides."""


def problem_example(status: int, code: Any) -> Any:
    members = MEMBERS.get(str(code), {})
    return json.loads(problem(status, str(code), code.meaning, **members).content)


# --- the whole --------------------------------------------------------------------


def add_problem(document: Document) -> None:
    """The schema of a problem, which no call refers to by a serializer."""
    document["components"]["schemas"]["Problem"] = PROBLEM


def _codes_said() -> str:
    return "Stable, and never renamed; there may be new ones. docs/api/problems.md."


PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "A problem detail (RFC 9457). `code` is for programs, `detail` for "
    "people; the wording of `detail` may change.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {
            "type": "string",
            "format": "uri-reference",
            "description": "An address that says what the problem is.",
        },
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "What is wrong, for a person."},
        "code": {"type": "string", "description": _codes_said()},
        "errors": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": "Field path, such as `lines.0.quantity`, to what is wrong "
            "with it.",
        },
        "scope": {"type": "string", "description": "The scope the key lacks."},
        "permission": {
            "type": "string",
            "description": "The permission its user lacks.",
        },
        "kind": {
            "type": "string",
            "description": "How the call to the supplier failed.",
        },
        "request_id": {
            "type": "string",
            "description": "Of a fault of ours: tell it to an administrator, who finds "
            "in the log by it what went wrong. Every answer has it as `X-Request-ID`.",
        },
    },
}


def introduce(document: Document) -> None:
    """Title, version, overview, tags."""
    document["info"] |= {"version": VERSION, "description": OVERVIEW}
    document["servers"] = [{"url": "/", "description": "This installation."}]
    used = {tag for _, _, call in calls_of(document) for tag in call["tags"]}
    document["tags"] = [
        {"name": name, "description": text}
        for name, text in TAGS.items()
        if name in used
    ]


def add_examples(document: Document) -> None:
    """Bodies that work, and what was answered to them."""
    for _, _, call in calls_of(document):
        name = call["operationId"]
        for content in call.get("requestBody", {}).get("content", {}).values():
            if "examples" not in content and (found := request_examples(name)):
                content["examples"] = found
        for status, response in call["responses"].items():
            for media_type, content in response.get("content", {}).items():
                if media_type == "application/json" and (
                    example := answer_examples(name, status)
                ):
                    content["examples"] = example


def describe_parameters(document: Document) -> None:
    """What an address names, and an example of it."""
    for path, _, call in calls_of(document):
        for parameter in call.get("parameters", []):
            if parameter["in"] != "path":
                continue
            parameter |= _named_in(path, parameter["name"])


def _named_in(path: str, name: str) -> dict[str, Any]:
    match name:
        case "number":
            return {
                "description": "The order's number.",
                "schema": {"type": "string", "pattern": "^[A-Z0-9-]{1,20}$"},
                "example": "PO-2031-000042",
            }
        case "slug":
            return {
                "description": "The supplier's slug.",
                "schema": {"type": "string", "pattern": "^[-a-zA-Z0-9_]{1,60}$"},
                "example": "extend-nord",
            }
    resource = path.split("/")[3].removesuffix("s").replace("-", " ")
    what = resource if name in ("id", "pk") else name.removesuffix("_id")
    return {
        "description": f"The id of the {what}.",
        "schema": {"type": "integer", "minimum": 1, "maximum": 2**53 - 1},
        "example": 17,
    }


def _walk(node: Any, visit: Callable[[dict[str, Any]], None]) -> None:
    """Visit every object below, the inner ones after the outer ones."""
    if isinstance(node, dict):
        visit(node)
        for inner in list(node.values()):
            _walk(inner, visit)
    elif isinstance(node, list):
        for inner in node:
            _walk(inner, visit)


STEPS: tuple[Callable[[Document], None], ...] = (
    drop_inherited_notes,
    name_schemas,
    explain_words,
    join_empty_texts,
    add_problem,
    add_refusals,
    describe_parameters,
    add_examples,
    links.add_links,
    introduce,
)
__all__ = ["ApiSchema", "complete"]

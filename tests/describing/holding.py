"""Holding an answer against what the description says of it."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

REFERENCE = "description.json"


class Description:
    """The document, and validators of its parts."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        resource = Resource.from_contents(document, DRAFT202012)
        self.registry = Registry().with_resource(REFERENCE, resource)
        self._validators: dict[int, Draft202012Validator] = {}

    def calls(self) -> list[tuple[str, str, dict[str, Any]]]:
        return [
            (path, method, call)
            for path, methods in self.document["paths"].items()
            for method, call in methods.items()
        ]

    def response(self, call: Mapping[str, Any], status: int) -> dict[str, Any] | None:
        """What is said of an answer; None if it is not among those there are."""
        found = call["responses"].get(str(status))
        if found and "$ref" in found:
            name = found["$ref"].rpartition("/")[2]
            found = self.document["components"]["responses"][name]
        return found

    def faults(self, schema: Mapping[str, Any], value: Any) -> list[str]:
        """What of a value is not as its schema says."""
        validator = Draft202012Validator(
            _absolute(json.dumps(schema)),
            registry=self.registry,
            format_checker=FormatChecker(),
        )
        return [
            f"{error.json_path}: {error.message}"
            for error in validator.iter_errors(value)
        ]

    def faults_of_answer(self, call: Mapping[str, Any], answer: Any) -> list[str]:
        """What of an answer is not as the description of its call says."""
        said = self.response(call, answer.status_code)
        if said is None:
            return [f"the status {answer.status_code} is not described"]
        missing = [
            f"the header {name} is missing"
            for name, header in said.get("headers", {}).items()
            if header.get("required") and name not in answer.headers
        ]
        media_type = answer.headers.get("Content-Type", "").partition(";")[0]
        content = said.get("content", {})
        if not content:
            return missing + (["there is a body"] if answer.content else [])
        if media_type not in content:
            return [*missing, f"the content type {media_type!r} is not described"]
        if not media_type.endswith("json"):
            return missing
        schema = content[media_type]["schema"]
        return missing + self.faults(schema, json.loads(answer.content))


@cache
def _absolute(text: str) -> Any:
    return json.loads(text.replace('"#/', f'"{REFERENCE}#/'))

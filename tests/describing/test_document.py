"""What the description says as a whole."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from rest_framework.response import Response

from procurement.access.codes import Code
from procurement.access.deprecation import Deprecated
from procurement.access.permissions import Needs
from procurement.access.views import ApiView
from procurement.describing.overview import TAGS
from tests.describing.holding import Description


@pytest.fixture(scope="module")
def description(document: dict[str, Any]) -> Description:
    return Description(document)


def test_every_word_is_explained(document: dict[str, Any]) -> None:
    unexplained = {
        name: [word for word, text in schema["x-enum-descriptions"].items() if not text]
        for name, schema in document["components"]["schemas"].items()
        if "enum" in schema
    }

    missing = {name: words for name, words in unexplained.items() if words}
    assert not missing, f"Say in procurement/describing/meanings.py: {missing}"


def test_every_group_of_calls_is_introduced(description: Description) -> None:
    used = {tag for _, _, call in description.calls() for tag in call["tags"]}

    assert used <= set(TAGS), "Say in procurement/describing/overview.py"


def test_every_call_has_a_summary_an_example_and_its_scope(
    description: Description,
) -> None:
    for path, method, call in description.calls():
        where = f"{method} {path}"
        assert call["summary"], where
        assert call["x-scope"] in call["description"], where
        for content in call.get("requestBody", {}).get("content", {}).values():
            assert content.get("examples"), f"{where}: write one in bodies.json"
        for parameter in call.get("parameters", []):
            if parameter["in"] == "path":
                assert "example" in parameter, where


def test_examples_are_as_their_schemas_say(description: Description) -> None:
    faults = []
    for path, method, call in description.calls():
        contents = list(call.get("requestBody", {}).get("content", {}).values())
        for status in call["responses"]:
            said = description.response(call, int(status)) or {}
            contents += said.get("content", {}).values()
        for content in contents:
            for example in content.get("examples", {}).values():
                faults += [
                    f"{method} {path}: {fault}"
                    for fault in description.faults(content["schema"], example["value"])
                ]
    assert not faults, "\n".join(faults)


def test_every_json_answer_has_an_example(description: Description) -> None:
    missing = [
        f"{method} {path} {status}"
        for path, method, call in description.calls()
        for status in call["responses"]
        if status < "300"
        for content in [description.response(call, int(status)).get("content", {})]  # type: ignore[union-attr]
        if "application/json" in content
        and "examples" not in content["application/json"]
        and (call["operationId"], status) != ("orders_create", "200")
    ]

    assert not missing, f"`make schema` records them: {missing}"


def test_every_code_stands_with_a_status(document: dict[str, Any]) -> None:
    named = {
        code
        for response in document["components"]["responses"].values()
        for code in response["content"]["application/problem+json"]["examples"]
    }

    # What is answered where no call is described, or before one can be told.
    assert set(Code) - named == {
        Code.METHOD_NOT_ALLOWED,
        Code.ADDRESS_TOO_LONG,
        Code.HEADERS_TOO_LARGE,
    }


def test_what_was_made_is_linked_to_what_can_be_done_with_it(
    document: dict[str, Any],
) -> None:
    links = document["paths"]["/api/v1/orders/"]["post"]["responses"]["201"]["links"]

    assert links["orders_send"] == {
        "operationId": "orders_send",
        "parameters": {"number": "$response.body#/number"},
    }
    assert {"orders_read", "orders_change", "orders_approve"} <= set(links)


def test_no_secret_of_the_examples_is_in_it(document: dict[str, Any]) -> None:
    assert "a-password-for-tests" not in json.dumps(document)


def test_a_call_that_will_go_says_so(rf: Any) -> None:
    class Going(ApiView):
        authentication_classes = []
        permission_classes = []
        needs = {"get": Needs("orders:read", ())}
        deprecated = {
            "get": Deprecated(
                since=datetime(2031, 1, 1, tzinfo=UTC),
                sunset=datetime(2032, 1, 1, tzinfo=UTC),
                instead="/api/docs/versions.md",
            )
        }

        def get(self, request: Any) -> Response:
            return Response({})

    answer = Going.as_view()(rf.get("/"))

    assert answer.headers["Deprecation"] == "@1924992000"
    assert answer.headers["Sunset"] == "Thu, 01 Jan 2032 00:00:00 GMT"
    assert answer.headers["Link"] == '</api/docs/versions.md>; rel="deprecation"'
    assert answer.headers["Procurement-Version"]

"""A vendor's published file against our names; the document is made up."""

from typing import Any

import pytest

import vendors
from vendors import openapi
from vendors.contracts import Verdict

DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.1",
    "paths": {
        "/login": {"post": {}},
        "/product": {"post": {}},
        "/orders": {
            "post": {"parameters": [{"in": "query", "name": "isTest", "schema": {}}]}
        },
    },
    "components": {
        "schemas": {
            "Login": {"properties": {"userName": {"type": "string"}}},
            "Order": {
                "properties": {
                    "CustomerOrderNumber": {"type": "string"},
                    "Items": {"type": "array"},
                }
            },
        }
    },
}


def findings(mapping: dict[str, str], code: str = "eet") -> dict[str, Any]:
    found = openapi.compare(vendors.get(code), mapping, DOCUMENT)
    return {finding.text.partition(":")[0]: finding for finding in found}


def test_path_that_is_there_is_as_assumed() -> None:
    [finding] = findings({"product.path": "/product"}).values()

    assert finding.verdict is Verdict.AS_ASSUMED
    assert "(POST)" in finding.text


def test_path_that_is_not_there_differs_and_names_its_like() -> None:
    [finding] = findings({"order.path": "/order"}).values()

    assert finding.verdict is Verdict.DIFFERS
    assert finding.mapping_keys == ("order.path",)
    assert "/orders" in finding.text


@pytest.mark.parametrize(
    "path", ["/v1_0/{client}/Orders/{number}", "/v1_0/{company}/Orders/{orderNumber}"]
)
def test_places_in_a_path_may_be_called_anything(path: str) -> None:
    document = {"basePath": "/api", "paths": {path: {"get": {}}}}

    [finding] = openapi.compare(
        vendors.get("extend"), {"path.order": "/v1_0/{c}/Orders/{n}"}, document
    )

    assert finding.verdict is Verdict.AS_ASSUMED


def test_inferred_name_that_is_not_there_differs_and_names_its_like() -> None:
    [finding] = findings({"order.reference": "CustomerOrderNo"}).values()

    assert finding.verdict is Verdict.DIFFERS
    assert "Similar names: CustomerOrderNumber" in finding.text
    assert finding.mapping_keys == ("order.reference",)


def test_documented_name_that_is_not_there_is_unclear() -> None:
    [finding] = findings({"product.item_number": "ItemId"}).values()

    assert finding.verdict is Verdict.UNCLEAR


def test_other_letter_case_is_told_and_may_be_harmless() -> None:
    [finding] = findings({"login.username": "UserName"}).values()

    assert finding.verdict is Verdict.UNCLEAR
    assert "userName" in finding.text


def test_parameter_counts_as_a_name() -> None:
    [finding] = findings({"order.test_in_address": "isTest"}).values()

    assert finding.verdict is Verdict.AS_ASSUMED


def test_name_that_lies_deeper_is_there_if_each_part_of_it_is() -> None:
    assert findings({"x.y": "Items.CustomerOrderNumber"})["x.y"].verdict is (
        Verdict.AS_ASSUMED
    )
    assert findings({"x.y": "Items.Nothing"})["x.y"].verdict is Verdict.DIFFERS


def test_what_is_no_name_of_the_api_is_not_looked_for() -> None:
    assert findings({"file.item_number": "Varenr.", "stock.sold": "Local"}) == {}


def test_status_words_of_the_file_that_nobody_explained_differ() -> None:
    vendor = vendors.get("extend")
    mapping = {"order_status.Incoming": "confirmed", "order_status.Reserved": "picking"}
    words = ["Incoming", "Reserved", "Resting"]
    document = {
        "paths": {},
        "definitions": {
            "Header": {"properties": {"orderStatus": {"enum": words}}},
            "Other": {"enum": ["A", "B"]},
        },
    }

    [finding] = openapi.compare(vendor, mapping, document)

    assert finding.verdict is Verdict.DIFFERS
    assert finding.mapping_keys == ("order_status.Resting",)


def test_differences_come_first() -> None:
    found = openapi.compare(
        vendors.get("eet"),
        {"a.path": "/product", "b.path": "/nowhere"},
        DOCUMENT,
    )

    assert [each.verdict for each in found] == [Verdict.DIFFERS, Verdict.AS_ASSUMED]


@pytest.mark.parametrize("document", [None, [], {}, {"paths": []}, "text"])
def test_something_else_is_no_openapi_file(document: Any) -> None:
    with pytest.raises(ValueError, match="no OpenAPI file"):
        openapi.compare(vendors.get("eet"), {}, document)


def test_deep_file_is_read() -> None:
    deep: Any = {"properties": {"Deep": {}}}
    for _ in range(5000):
        deep = {"inner": [deep]}

    [finding] = openapi.compare(
        vendors.get("eet"), {"x.deep": "Deep"}, {"paths": {}, "deep": deep}
    )

    assert finding.verdict is Verdict.AS_ASSUMED

"""Making the calls of the description on the stage."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from rest_framework.test import APIClient

from procurement.describing.examples import body_of
from tests.describing.stage import Stage, taken_back

QUERY = {
    "shops_push_preview": {"supplier": "di-norge"},
    "suppliers_availability": {"item": "SKU-4410"},
}
"""Parameters without which a call can't succeed."""


def client_of(key: str) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    return client


def body(call: Mapping[str, Any]) -> Any:
    """The example of its description, the first if there are several."""
    content = call.get("requestBody", {}).get("content", {})
    examples = content.get("application/json", {}).get("examples", {})
    for example in examples.values():
        return example["value"]
    return body_of(call["operationId"])


def make(
    client: APIClient,
    path: str,
    method: str,
    call: Mapping[str, Any],
    names: Mapping[str, Any],
) -> Any:
    address = path
    for name, value in names.items():
        address = address.replace("{" + name + "}", str(value))
    if query := QUERY.get(call["operationId"]):
        address += "?" + urlencode(query)
    if method == "get":
        return client.get(address)
    return getattr(client, method)(address, data=body(call), format="json")


def tries(
    stage: Stage, key: str, path: str, method: str, call: Mapping[str, Any]
) -> Iterator[Any]:
    """The answers of a call to everything of its kind on the stage."""
    client = client_of(key)
    for names in stage.names_for(path):
        with taken_back():
            yield make(client, path, method, call, names)

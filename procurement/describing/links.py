"""Where to go from an answer: what was made can be read, changed and acted on.

Found by the addresses: an answer of one resource that carries the name which the
addresses below it ask for is linked to each of them.
"""

from typing import Any

NAMED_BY = {"number": "number", "slug": "slug", "id": "id", "pk": "id"}
"""The parameter in an address, and the member of the answer that stands for it."""


def add_links(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        if "{" in path:
            continue
        made = methods.get("post", {}).get("responses", {}).get("201")
        if made is None:
            continue
        found = {}
        for other, calls in document["paths"].items():
            rest = other.removeprefix(path)
            if other == path or rest == other or rest.count("{") != 1:
                continue
            name = rest[rest.index("{") + 1 : rest.index("}")]
            if not rest.startswith("{") or name not in NAMED_BY:
                continue
            for method in ("get", "post", "patch", "put", "delete"):
                if call := calls.get(method):
                    found[call["operationId"]] = {
                        "operationId": call["operationId"],
                        "parameters": {name: f"$response.body#/{NAMED_BY[name]}"},
                    }
        if found:
            made["links"] = found

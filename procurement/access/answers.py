"""What a call may answer besides what it is there for: refusals, and headers.

Derived from the method, from the parameters the call takes and from what its view says
of itself, so that no call has to be remembered here.
"""

from collections.abc import Collection, Mapping
from typing import Any

from procurement.access.codes import Code
from procurement.access.deprecation import deprecation_of

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
ALWAYS = (400, 401, 403, 406, 429, 500, 503)

NAMES: Mapping[int, tuple[str, str]] = {
    400: ("Invalid", "What was sent won't do; `errors` names each value."),
    401: ("NotAuthenticated", "There is no key, or it is not good any more."),
    403: ("Forbidden", "The key lacks the scope, or its user the permission."),
    404: ("NotFound", "It is not there, or not yours to see."),
    406: ("NotAcceptable", "`Accept` rules out what this call answers with."),
    409: ("Conflict", "It can't be done as things stand. Read, decide, call again."),
    412: ("VersionConflict", "It was changed since the version in `If-Match`."),
    413: ("TooLarge", "The body is larger than 1 MB."),
    415: ("UnsupportedMediaType", "The body is not `application/json`."),
    429: ("TooManyCalls", "Too many calls; wait for `Retry-After`."),
    500: ("InternalError", "The fault is ours. The call may be repeated as it was."),
    502: ("SupplierFailed", "The supplier was asked, and gave no usable answer."),
    503: ("TryAgain", "Away for a moment. Repeat the call after `Retry-After`."),
}
"""Status: the name of the answer in the description, and what it says."""


def codes_of(status: int) -> list[Code]:
    return [code for code in Code if status in code.statuses]


def response_name(status: int) -> str:
    return NAMES[status][0]


def refusals_of(
    view: Any, method: str, headers: Collection[str], *, has_name: bool
) -> list[int]:
    """The statuses of all refusals a call may end in.

    Args:
        headers: the names of the header parameters it takes.
        has_name: whether its address names something that may not be there.
    """
    found = list(ALWAYS)
    if has_name:
        found.append(404)
    if method in WRITES:
        found += [409, 413, 415]
    if "If-Match" in headers:
        found.append(412)
    if getattr(view, "asks_supplier", False):
        found.append(502)
    return sorted(found)


RETRY_AFTER = {
    "description": "Seconds to wait before the call is made again.",
    "schema": {"type": "integer", "minimum": 0, "examples": [5]},
}
VERSION = {
    "description": "The version of the program that answered.",
    "schema": {"type": "string", "examples": ["1.0.0"]},
}
REFUSAL_HEADERS: Mapping[int, Mapping[str, Any]] = {
    401: {
        "WWW-Authenticate": {
            "description": "How to say who calls.",
            "required": True,
            "schema": {"type": "string", "examples": ['Bearer realm="api"']},
        }
    },
    409: {"Retry-After": RETRY_AFTER},
    429: {"Retry-After": RETRY_AFTER},
    502: {"Retry-After": RETRY_AFTER},
    503: {"Retry-After": RETRY_AFTER},
}
REPLAYED = {
    "description": "`true` where the answer is of an earlier call with the same "
    "Idempotency-Key.",
    "schema": {"type": "string", "enum": ["true"]},
}
ETAG = {
    "description": "The version, for `If-Match` of the next change.",
    "schema": {"type": "string", "examples": ['"7"']},
}
LOCATION = {
    "description": "The address of what was made.",
    "required": True,
    "schema": {
        "type": "string",
        "format": "uri-reference",
        "examples": ["/api/v1/orders/PO-2031-000042/"],
    },
}
DEPRECATION = {
    "description": "Since when the call is deprecated, as `@` and Unix time "
    "(RFC 9745).",
    "required": True,
    "schema": {"type": "string", "examples": ["@1924992000"]},
}
SUNSET = {
    "description": "When the call will be gone (RFC 8594).",
    "schema": {"type": "string", "examples": ["Mon, 01 Dec 2031 00:00:00 GMT"]},
}
VERSION_HEADER = "Procurement-Version"
OF_THE_KEY: Mapping[str, Any] = {
    "RateLimit-Policy": {
        "description": "How many calls the key may make a minute.",
        "schema": {"type": "string", "examples": ['"calls";q=600;w=60']},
    },
    "RateLimit": {
        "description": "How many are left, and in how many seconds the minute ends.",
        "schema": {"type": "string", "examples": ['"calls";r=599;t=42']},
    },
    "Key-Expires": {
        "description": "When the key ends, if that is within 14 days (ISO 8601).",
        "schema": {"type": "string", "examples": ["2031-04-09T22:00:00Z"]},
    },
}


def headers_of(
    view: Any, method: str, status: int, taken: Collection[str]
) -> dict[str, Any]:
    """The headers of a good answer.

    Args:
        taken: the names of the header parameters the call takes.
    """
    found: dict[str, Any] = {VERSION_HEADER: VERSION, **OF_THE_KEY}
    if status == 201:
        found["Location"] = LOCATION
    if "Idempotency-Key" in taken:
        found["Idempotent-Replayed"] = REPLAYED
    if "If-Match" in taken or "If-None-Match" in taken:
        found["ETag"] = ETAG
    if deprecation := deprecation_of(view, method):
        found["Deprecation"] = DEPRECATION
        if deprecation.sunset:
            found["Sunset"] = SUNSET
    return found

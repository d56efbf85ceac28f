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

CODES: Mapping[int, tuple[str, ...]] = {
    400: (Code.INVALID, Code.MALFORMED_JSON, Code.BAD_REQUEST),
    401: (Code.NOT_AUTHENTICATED, Code.KEY_REFUSED),
    403: (Code.SCOPE_MISSING, Code.PERMISSION_MISSING, Code.FORBIDDEN),
    404: (Code.NOT_FOUND,),
    406: (Code.NOT_ACCEPTABLE,),
    412: (Code.VERSION_CONFLICT,),
    413: (Code.PAYLOAD_TOO_LARGE,),
    415: (Code.UNSUPPORTED_MEDIA_TYPE,),
    500: (Code.INTERNAL_ERROR,),
    502: (Code.SUPPLIER_UNAVAILABLE, Code.VENDOR_ERROR),
    503: (Code.TRY_AGAIN,),
}
"""The codes of a status; whatever stands nowhere here is a 409."""
NOT_OF_A_CALL = frozenset({Code.METHOD_NOT_ALLOWED})
"""What is answered at addresses and methods that are not described."""


def codes_of(status: int) -> list[Code]:
    if status != 409:
        return [code for code in Code if code in CODES.get(status, ())]
    elsewhere = {code for codes in CODES.values() for code in codes} | NOT_OF_A_CALL
    shared = {Code.VERSION_CONFLICT}
    return [code for code in Code if code not in elsewhere - shared]


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
    "schema": {"type": "string", "examples": ["0.1.0"]},
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


def headers_of(
    view: Any, method: str, status: int, taken: Collection[str]
) -> dict[str, Any]:
    """The headers of a good answer.

    Args:
        taken: the names of the header parameters the call takes.
    """
    found: dict[str, Any] = {VERSION_HEADER: VERSION}
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

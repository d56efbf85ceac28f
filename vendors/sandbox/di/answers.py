"""DI's error body: `statusCode`, `errorKey`, `errorMap` (documented).

Of the keys only `authentication.missing` is documented for the Shop API.
"""

from collections.abc import Mapping

from vendors.sandbox.messages import Answer

AUTHENTICATION_MISSING = "authentication.missing"
# Documented for sister APIs.
NO_ACCESS_API = "no.access.api"
NO_ACCESS_SHOP = "no.access.shop.id"
UNREADABLE = "failed.to.parse.request"
BAD_PATCH = "JsonPatch.format.invalid"
NO_CHANGES = "no.changes.in.patch"
# Made up.
NO_ACCESS_OWNER_PARTY = "no.access.owner.party"
WRONG_LOGIN = "authentication.failed"
WRONG_MINUTES = "invalid.minutesValid"
VALIDATION = "validation.failed"
NO_SUCH_SHOP = "cannot.find.shop"


def error(status: int, key: str, details: Mapping[str, str] | None = None) -> Answer:
    return Answer.json(
        status, {"statusCode": status, "errorKey": key, "errorMap": details or {}}
    )

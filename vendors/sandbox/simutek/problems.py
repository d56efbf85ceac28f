"""Refusals of GKS: ASP.NET Core's problem details.

No error body is documented; that it is this one is the project's own assumption, as
are all statuses but the 200 of a created customer.
"""

import secrets
from collections.abc import Mapping

from vendors.sandbox.messages import Answer

PROBLEM_JSON = "application/problem+json; charset=utf-8"


def problem(
    status: int, title: str, errors: Mapping[str, list[str]] | None = None
) -> Answer:
    document = {
        "type": f"https://tools.ietf.org/html/rfc9110#section-15.5.{status - 399}",
        "title": title,
        "status": status,
        "traceId": f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00",
    }
    if errors:
        document["errors"] = errors
    return Answer.json(status, document, PROBLEM_JSON)


def invalid(errors: Mapping[str, list[str]]) -> Answer:
    """Answer 400 with what is wrong with each field."""
    return problem(400, "One or more validation errors occurred.", errors)


def not_found() -> Answer:
    return problem(404, "Not Found")


def unauthorized(had_token: bool) -> Answer:
    """Answer 401 with an empty body; the reason is in the header (assumed)."""
    reason = (
        'Bearer error="invalid_token", error_description="The token is not valid"'
        if had_token
        else "Bearer"
    )
    return Answer(401, headers=(("WWW-Authenticate", reason),))

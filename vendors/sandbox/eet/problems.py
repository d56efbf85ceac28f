"""EET's refusals: ASP.NET Core's problem details.

That the service answers this way is inferred; its error bodies are not documented.
"""

import secrets
from collections.abc import Mapping

from vendors.sandbox.messages import Answer

PROBLEM_JSON = "application/problem+json; charset=utf-8"


def invalid(errors: Mapping[str, list[str]]) -> Answer:
    """Answer 400 with what is wrong with each field."""
    return problem(400, "One or more validation errors occurred.", errors)


def problem(
    status: int, title: str, errors: Mapping[str, list[str]] | None = None
) -> Answer:
    document = {
        "type": f"https://httpstatuses.io/{status}",
        "title": title,
        "status": status,
        "traceId": f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00",
    }
    if errors:
        document["errors"] = errors
    return Answer.json(status, document, PROBLEM_JSON)

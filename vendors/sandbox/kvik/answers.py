"""Kvik's answers: three documented error bodies with three sets of keys, and gzip.

Documented are `invalid_client`, `access_denied` and `invalid_token` with their
statuses. All other errors follow the same pattern by assumption.
"""

import gzip
from collections.abc import Mapping
from dataclasses import replace

from vendors.sandbox.messages import JSON, Answer

ENCODED = (("Content-Encoding", "gzip"),)


def invalid_client() -> Answer:
    """Answer to a wrong client id or secret (documented)."""
    return token_error(401, "invalid_client", "Client authentication failed")


def access_denied() -> Answer:
    """Answer to a token nobody knows: a 400 (documented)."""
    text = "The resource owner or authorization server denied the request."
    return Answer.json(
        400, {"error": "access_denied", "error_description": text, "status": 400}
    )


def token_expired() -> Answer:
    """Answer to a token past its end: a 401 without `status` (documented)."""
    return Answer.json(
        401, {"error": "invalid_token", "error_description": "The access token expired"}
    )


def token_error(status: int, error: str, text: str) -> Answer:
    return Answer.json(
        status,
        {
            "error": error,
            "error_description": text,
            "message": text,
            "status": status,
        },
    )


def failure(
    status: int, error: str, text: str, fields: Mapping[str, str] | None = None
) -> Answer:
    """Answer that a business call won't do (assumed)."""
    document = {"error": error, "error_description": text, "status": status}
    return Answer.json(status, document | ({"fields": fields} if fields else {}))


def invalid(text: str, fields: Mapping[str, str] | None = None) -> Answer:
    return failure(400, "validation_failed", text, fields)


def packed(answer: Answer) -> Answer:
    """Compress a JSON answer; what a web server in front says stays plain."""
    if answer.content_type != JSON or ENCODED[0] in answer.headers:
        return answer
    body = gzip.compress(answer.body, mtime=0)
    return replace(answer, body=body).with_headers(*ENCODED)


def unpacked(answer: Answer) -> Answer:
    if ENCODED[0] not in answer.headers:
        return answer
    headers = tuple(header for header in answer.headers if header not in ENCODED)
    return replace(answer, body=gzip.decompress(answer.body), headers=headers)

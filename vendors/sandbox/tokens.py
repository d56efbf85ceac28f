"""Bearer tokens, and the forms in which they are asked for."""

import base64
import hmac
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from vendors.sandbox import jsontext
from vendors.sandbox.messages import Request

FORM = "application/x-www-form-urlencoded"


def bearer_token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def new_jwt(algorithm: str, claims: Mapping[str, Any]) -> str:
    """Return a token that reads as a JWT; its signature is made of chance."""
    parts = ({"typ": "JWT", "alg": algorithm}, claims)
    head, body = (_packed(jsontext.dumps(part).encode()) for part in parts)
    return f"{head}.{body}.{secrets.token_urlsafe(64)}"


def _packed(text: bytes) -> str:
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def form_fields(request: Request) -> dict[str, str] | None:
    """Return the fields of a form in the body, or None where there is no form."""
    if request.media_type != FORM:
        return None
    try:
        sent = parse_qs(request.body.decode(), max_num_fields=100)
    except ValueError:
        return None
    return {name: values[0] for name, values in sent.items()}


def is_secret(known: str, sent: str) -> bool:
    """Compare in a time that tells nothing; an empty secret is never right."""
    return bool(known) and hmac.compare_digest(
        known.encode(), sent.encode("utf-8", "surrogatepass")
    )

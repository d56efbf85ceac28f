"""Tokens: for the buyer's own account, and for customers who log in elsewhere.

Documented are the client credentials grant, its answer and its one error, and that an
authorization-code flow exists. The rest of that flow follows RFC 6749 and RFC 7636 by
assumption: a code that works once and for a minute, the exact redirect address, the
verifier where a challenge was sent, and a refresh token spent by its use.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from vendors.sandbox.kvik.answers import invalid_client, token_error
from vendors.sandbox.messages import Refusal
from vendors.sandbox.tokens import is_secret, new_jwt
from vendors.sandbox.world import Clock

# Client id -> secret.
CLIENTS = {"sandbox-kvik": "sandbox-kvik-secret"}
SCOPE = "all"
SHOP_USER = "sandbox-shop-user"
TOKEN_LIFE = timedelta(seconds=3600)
CODE_LIFE = timedelta(seconds=60)
REFRESH_LIFE = timedelta(days=30)

Form = dict[str, str]


@dataclass(frozen=True, slots=True)
class Grant:
    """What a shop user agreed to; `challenge` is empty where none was sent."""

    client_id: str
    redirect_uri: str
    challenge: str
    ends_at: datetime


class Logins:
    """The tokens and codes given out."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._token_ends: dict[str, datetime] = {}
        self._codes: dict[str, Grant] = {}
        self._refresh: dict[str, tuple[str, datetime]] = {}

    def ends_at(self, token: str) -> datetime | None:
        """Return when a token ends or ended; None for one nobody knows."""
        return self._token_ends.get(token)

    def forget(self, token: str) -> None:
        self._token_ends.pop(token, None)

    def new_code(self, client_id: str, redirect_uri: str, challenge: str) -> str:
        code = secrets.token_urlsafe(32)
        ends_at = self._clock.now() + CODE_LIFE
        self._codes[code] = Grant(client_id, redirect_uri, challenge, ends_at)
        return code

    def grant(self, form: Form) -> dict[str, Any]:
        """Answer a token request.

        Raises:
            Refusal: 401 for a wrong client, 400 for anything else.
        """
        grants = {
            "client_credentials": self._by_credentials,
            "authorization_code": self._by_code,
            "refresh_token": self._by_refresh_token,
        }
        act = grants.get(form.get("grant_type", ""))
        if act is None:
            text = "The authorization grant type is not supported."
            raise Refusal(token_error(400, "unsupported_grant_type", text))
        client_id = form.get("client_id", "")
        if not is_secret(CLIENTS.get(client_id, ""), form.get("client_secret", "")):
            raise Refusal(invalid_client())
        return act(client_id, form)

    def _by_credentials(self, client_id: str, form: Form) -> dict[str, Any]:
        if form.get("scope") != SCOPE:
            text = "The requested scope is invalid, unknown, or malformed"
            raise Refusal(token_error(400, "invalid_scope", text))
        return self._new_token(subject=client_id)

    def _by_code(self, client_id: str, form: Form) -> dict[str, Any]:
        # Whatever comes of it, the code is spent.
        grant = self._codes.pop(form.get("code", ""), None)
        if (
            grant is None
            or grant.ends_at <= self._clock.now()
            or grant.client_id != client_id
            or grant.redirect_uri != form.get("redirect_uri")
            or grant.challenge != _challenge_of(form.get("code_verifier", ""))
        ):
            raise _invalid_grant()
        return self._new_token(SHOP_USER) | self._new_refresh_token(client_id)

    def _by_refresh_token(self, client_id: str, form: Form) -> dict[str, Any]:
        owner, ends_at = self._refresh.get(form.get("refresh_token", ""), ("", None))
        if owner != client_id or ends_at is None or ends_at <= self._clock.now():
            raise _invalid_grant()
        del self._refresh[form["refresh_token"]]
        return self._new_token(SHOP_USER) | self._new_refresh_token(client_id)

    def _new_token(self, subject: str) -> dict[str, Any]:
        now = self._clock.now()
        ends = now + TOKEN_LIFE
        begun = int(now.timestamp())
        life_seconds = int(TOKEN_LIFE.total_seconds())
        claims = {
            "aud": "",
            "jti": secrets.token_hex(40),
            "iat": begun,
            "nbf": begun,
            "exp": begun + life_seconds,
            "sub": subject,
            "scopes": ["email"],  # as the vendor's sample, though `all` was asked for
        }
        token = new_jwt("RS256", claims)
        self._token_ends[token] = ends
        return {
            "_type": "AccessToken",
            "token_type": "Bearer",
            "expires_in": life_seconds,
            "access_token": token,
        }

    def _new_refresh_token(self, client_id: str) -> dict[str, Any]:
        token = secrets.token_urlsafe(48)
        self._refresh[token] = client_id, self._clock.now() + REFRESH_LIFE
        return {"refresh_token": token}


def _challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier; none for none."""
    if not verifier:
        return ""
    digest = hashlib.sha256(verifier.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def _invalid_grant() -> Refusal:
    text = "The provided authorization grant or refresh token is not valid."
    return Refusal(token_error(400, "invalid_grant", text))

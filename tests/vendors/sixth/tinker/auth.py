"""Tinker access: a session for a key, good for some minutes, in a header of its own.

Source: the leaflet prints the call; that an unknown session is answered with 401 it
says in words.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from vendors.tinker.mapping import MAPPING
from vendors.tinker.settings import CREDENTIALS, OPTIONS

from vendors import reading
from vendors.contracts import Account, Recorder, Token, TokenStore
from vendors.errors import Kind, NotSent
from vendors.http import Authorization, VendorClient

MARGIN = timedelta(seconds=60)
UNTOLD_SECONDS = 300
MOST_SECONDS = 24 * 3600


class TinkerClient(VendorClient):
    """Calls Tinker with a session that is kept until a minute before its end."""

    vendor_mapping = MAPPING
    credential_fields = CREDENTIALS
    option_fields = OPTIONS

    def authorize(
        self, *, purpose: str, is_write: bool, rejected: str | None = None
    ) -> Authorization:
        token = obtain_token(self, rejected=rejected)
        self.keep_secret(token.value)
        return Authorization({self.mapping["header.session"]: token.value}, token.value)


def open_client(
    account: Account, tokens: TokenStore, recorder: Recorder
) -> TinkerClient:
    """Return a client for one account; nothing is sent yet."""
    return TinkerClient(account, tokens, recorder)


def check_connection(client: VendorClient) -> str:
    """Open a session afresh, so that a good old one can't hide a changed key.

    Raises:
        NotSent: there is none; CREDENTIALS if Tinker said no to the key.
    """
    started_at = datetime.now(UTC)
    token = obtain_token(client)
    if token.obtained_at < started_at:
        token = obtain_token(client, rejected=token.value)
    return f"A session is open until {token.expires_at:%H:%M} UTC."


def obtain_token(client: VendorClient, *, rejected: str | None = None) -> Token:
    """Return the account's session, opening one if there is no good one.

    Raises:
        NotSent: there is none.
    """
    key = f"tinker:{client.account.supplier}"
    return client.tokens.obtain(key, lambda: _log_in(client), rejected=rejected)


def _log_in(client: VendorClient) -> Token:
    names = client.mapping

    def token_in(answer: Any) -> str:
        token = reading.text(reading.member(answer, names["session.token"]))
        return token if token.isascii() and token.isprintable() else ""

    opened_at = datetime.now(UTC)
    answer = client.log_in(
        "POST",
        client.path("path.session"),
        json={names["session.key"]: client.credential("key")},
        token_in=token_in,
    )
    if not (value := token_in(answer)):
        raise NotSent(
            f"{client.account.supplier}: the answer holds no session.",
            kind=Kind.CREDENTIALS,
        )
    told = reading.whole(reading.member(answer, names["session.seconds"]))
    seconds = told if told is not None and told > 0 else UNTOLD_SECONDS
    life = timedelta(seconds=min(seconds, MOST_SECONDS))
    return Token(
        value=value,
        obtained_at=opened_at,
        expires_at=opened_at + max(life - MARGIN, life / 2),
    )

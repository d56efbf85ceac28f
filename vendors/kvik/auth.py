"""Kvik access: a bearer token for an hour, by client credentials.

Source: the page on the "Customer API" documents the token call and its failures: an
expired token is 401, an unusable one is **400**, and wrong credentials are 401 at
the token path. That one may ask again after both, and what lies behind a refusal
that repeats itself, is inferred.
"""

import hashlib
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vendors import reading
from vendors.contracts import Account, Recorder, Token, TokenStore
from vendors.errors import Kind, NotSent
from vendors.http import Authorization, VendorClient
from vendors.kvik import failures, names
from vendors.kvik.mapping import MAPPING
from vendors.kvik.settings import CREDENTIALS, OPTIONS
from vendors.outcomes import Outcome
from vendors.transport import Answer

_MARGIN = timedelta(seconds=60)
_UNTOLD_LIFE = timedelta(minutes=5)
_LONGEST_LIFE = timedelta(hours=24)


class KvikClient(VendorClient):
    """Calls one shop as its customer."""

    vendor_mapping = MAPPING
    credential_fields = CREDENTIALS
    option_fields = OPTIONS
    outcomes = failures.BY_STATUS

    def authorize(
        self, *, purpose: str, is_write: bool, rejected: str | None = None
    ) -> Authorization:
        token = obtain_token(self, rejected=rejected)
        self.keep_secret(token.value)
        return Authorization({"Authorization": f"Bearer {token.value}"}, token.value)

    def is_token_refused(self, answer: Answer) -> bool:
        return failures.is_token_refused(answer, self.mapping)

    def outcome_of(
        self, answer: Answer, vendor_text: str, *, is_write: bool
    ) -> Outcome:
        found = failures.told_by_body(
            answer, vendor_text, self.mapping, is_write=is_write
        )
        return found or super().outcome_of(answer, vendor_text, is_write=is_write)


def open_client(account: Account, tokens: TokenStore, recorder: Recorder) -> KvikClient:
    """Return a client for one account; nothing is sent yet."""
    return KvikClient(account, tokens, recorder)


def check_connection(client: VendorClient) -> str:
    """Ask for a token afresh, so that a good old one can't hide a changed secret.

    Raises:
        NotSent: there is none; CREDENTIALS if the shop said no.
    """
    started_at = datetime.now(UTC)
    token = obtain_token(client)
    if token.obtained_at < started_at:
        token = obtain_token(client, rejected=token.value)
    return f"Logged in; the token is used until {token.expires_at:%Y-%m-%d %H:%M} UTC."


def obtain_token(client: VendorClient, *, rejected: str | None = None) -> Token:
    """Return the account's token, asking for one if there is no good one.

    Raises:
        NotSent: the shop gave none.
    """
    client_id = client.credential("client_id")
    # Hashed, for an address may be longer than a key.
    whose = f"{client.account.auth_url or client.account.base_url} {client_id}"
    digest = hashlib.sha256(whose.encode()).hexdigest()[:24]
    return client.tokens.obtain(
        f"kvik:{client.account.supplier}:{digest}",
        lambda: log_in(client),
        rejected=rejected,
    )


def log_in(client: VendorClient) -> Token:
    """Ask for a token once.

    Raises:
        NotSent: there is none; CREDENTIALS if the shop said no.
    """
    asked_at = datetime.now(UTC)
    answer = request_token(client)
    return Token(
        value=bearer(answer, client.mapping["token.value"]),
        obtained_at=asked_at,
        expires_at=usable_until(asked_at, answer, client.mapping["token.lifetime"]),
    )


def request_token(client: VendorClient) -> Any:
    """Return the whole answer of the token call; a token is surely in it.

    Raises:
        NotSent: there is none; CREDENTIALS if the shop said no.
    """
    value = client.mapping["token.value"]
    answer = client.log_in(
        "POST",
        client.path("path.token"),
        form={
            "grant_type": "client_credentials",
            "client_id": client.credential("client_id"),
            "client_secret": client.credential("client_secret"),
            "scope": client.mapping["token.scope"],
        },
        token_in=lambda answer: bearer(answer, value),
    )
    if not bearer(answer, value):
        raise NotSent(
            f"{client.account.supplier}: the login brought no token.",
            kind=Kind.CREDENTIALS,
        )
    return answer


def bearer(answer: Any, name: str) -> str:
    """Return the token of an answer; empty if there is none fit for a header."""
    token = reading.text(names.found(answer, name))
    is_sendable = token.isascii() and token.isprintable() and " " not in token
    return token if is_sendable else ""


def usable_until(asked_at: datetime, answer: Any, lifetime: str) -> datetime:
    """Return the moment to ask for a new token: a minute before the old one ends.

    Args:
        lifetime: the name of the member with the seconds; without it, five minutes
            are believed in.
    """
    seconds = reading.whole(names.found(answer, lifetime))
    life = _UNTOLD_LIFE
    if seconds is not None and seconds > 0:
        longest = int(_LONGEST_LIFE.total_seconds())
        life = timedelta(seconds=min(seconds, longest))
    return asked_at + max(life - _MARGIN, life / 2)


def zone(client: VendorClient) -> tzinfo:
    """Return the zone of times that name none.

    Raises:
        NotSent: the option names no zone.
    """
    name = client.option("time_zone")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise NotSent(
            f"There is no time zone {name[:40]!r}.", kind=Kind.CONFIGURATION
        ) from None

"""EET logins: a token for 24 hours, shared by everybody who uses the account.

Source: EET Customer API, `/login`; the token and its 24 hours are documented, the
names in the body are what two independent clients send.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from vendors import reading
from vendors.contracts import Account, Recorder, Token, TokenStore
from vendors.eet.mapping import MAPPING
from vendors.eet.settings import CREDENTIALS, OPTIONS
from vendors.errors import Kind, NotSent
from vendors.http import Authorization, VendorClient

TOKEN_LIFE = timedelta(hours=24)
_USED_PART = 23 / 24
"""A token is renewed after this part of its life: after 23 hours, as a rule."""


class EetClient(VendorClient):
    """Calls EET with a token that is kept until shortly before its end."""

    vendor_mapping = MAPPING
    credential_fields = CREDENTIALS
    option_fields = OPTIONS

    def authorize(
        self, *, purpose: str, is_write: bool, rejected: str | None = None
    ) -> Authorization:
        token = obtain_token(self, rejected=rejected)
        self.keep_secret(token.value)
        return Authorization({"Authorization": f"Bearer {token.value}"}, token.value)


def open_client(account: Account, tokens: TokenStore, recorder: Recorder) -> EetClient:
    """Return a client for one account; nothing is sent yet."""
    return EetClient(account, tokens, recorder)


def check_connection(client: VendorClient) -> str:
    """Log in afresh, so that a good old token can't hide a changed password.

    Raises:
        NotSent: the login failed; CREDENTIALS if EET said no to it.
    """
    token, _ = renew_token(client)
    return f"Logged in; the token is good until {token.expires_at:%Y-%m-%d %H:%M} UTC."


def renew_token(client: VendorClient) -> tuple[Token, Any]:
    """Log in afresh; return the token and what EET answered.

    It goes through the store, for the newest token may have killed the older ones.

    Raises:
        NotSent: the login failed; CREDENTIALS if EET said no to it.
    """
    answers: list[Any] = []
    started_at = datetime.now(UTC)
    token = obtain_token(client, answers=answers)
    if token.obtained_at < started_at:
        token = obtain_token(client, rejected=token.value, answers=answers)
    return token, answers[-1] if answers else None


def obtain_token(
    client: VendorClient,
    *,
    rejected: str | None = None,
    answers: list[Any] | None = None,
) -> Token:
    """Return the account's token, logging in if there is no good one.

    Args:
        answers: takes what EET answered, if there was a login.

    Raises:
        NotSent: the login failed.
    """
    # The user is in the key, so that another user means another login.
    user = client.credential("username")
    key = f"eet:{client.account.supplier}:{user}"
    return client.tokens.obtain(key, lambda: log_in(client, answers), rejected=rejected)


def log_in(client: VendorClient, answers: list[Any] | None = None) -> Token:
    """Log in once.

    Raises:
        NotSent: the login failed; CREDENTIALS if EET said no to it.
    """
    names = client.mapping
    credentials = {
        names["login.username"]: client.credential("username"),
        names["login.password"]: client.credential("password"),
    }

    def token_in(answer: Any) -> str:
        return bearer(reading.member(answer, *names["login.token"].split()))

    logged_in_at = datetime.now(UTC)
    answer = client.log_in(
        "POST", names["login.path"], json=credentials, token_in=token_in
    )
    if answers is not None:
        answers.append(answer)
    value = token_in(answer)
    if not value:
        raise NotSent(
            f"{client.account.supplier}: the login brought no token.",
            kind=Kind.CREDENTIALS,
        )
    expiration = reading.moment(reading.member(answer, names["login.expiration"]), UTC)
    return Token(
        value=value,
        obtained_at=logged_in_at,
        expires_at=usable_until(logged_in_at, expiration),
    )


def bearer(value: Any) -> str:
    """Return a token without the word before it; empty if it can't be one."""
    token = reading.text(value)
    if token[:7].lower() == "bearer ":
        token = token[7:].strip()
    is_sendable = token.isascii() and token.isprintable() and " " not in token
    return token if is_sendable else ""


def usable_until(logged_in_at: datetime, expiration: datetime | None) -> datetime:
    """Return the moment to log in again, an hour before a token of 24 hours ends.

    An `Expiration` that lies in the past or beyond the documented 24 hours, as it
    would if it were local time, is not believed.
    """
    latest = logged_in_at + TOKEN_LIFE
    if expiration is None or not logged_in_at < expiration <= latest:
        expiration = latest
    return logged_in_at + (expiration - logged_in_at) * _USED_PART

"""DI logins: a token for as many minutes as we ask for, shared by all who need it.

Source: DI's pages "LoginV2" and "LoginV3". They ask not to log in for every call;
there is no other way to renew a token. The answer names no end of the token.
"""

import base64
import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from vendors import decimals, outcomes, reading
from vendors.contracts import Account, Recorder, Token, TokenStore
from vendors.di import environments
from vendors.di.mapping import MAPPING
from vendors.di.settings import CREDENTIALS, OPTIONS, V2
from vendors.errors import Kind, NotSent, Refused
from vendors.http import Authorization, VendorClient
from vendors.outcomes import Outcome
from vendors.transport import Answer

LIFE_V2 = timedelta(minutes=30)
LONGEST_MINUTES = 1440

WITHOUT_TOKEN = "without_token"  # noqa: S105 - the purpose of a call
"""Purpose of a call that is to be turned away, which shows that a host is DI's."""

_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")


class KeyedRefusal(Refused):
    """A refusal with DI's `errorKey`, exactly as sent; empty if there was none."""

    error_key = ""


class DiClient(VendorClient):
    """Calls DI with a token of the same environment."""

    vendor_mapping = MAPPING
    credential_fields = CREDENTIALS
    option_fields = OPTIONS
    outcomes = {
        **outcomes.BY_STATUS,
        # A known user without the role, or without access to this owner party or
        # shop: no trouble of the password, which would stop the whole supplier.
        403: Outcome(Refused, Kind.NOT_ALLOWED, "the user has no right to do this"),
        405: Outcome(Refused, Kind.CONFIGURATION, "the vendor takes no such call"),
        # "Any code that starts with 4 indicates that the client needs to change
        # something."
        409: Outcome(Refused, Kind.DATA),
    }

    def authorize(
        self, *, purpose: str, is_write: bool, rejected: str | None = None
    ) -> Authorization:
        if purpose == WITHOUT_TOKEN:
            return Authorization({})
        token = obtain_token(self, rejected=rejected)
        self.keep_secret(token.value)
        return Authorization({"Authorization": f"Bearer {token.value}"}, token.value)

    def readable(self, answer: Answer, purpose: str) -> Answer:
        """Put a token that came as a bare text into JSON; the oldest login sends it."""
        with suppress(ValueError):
            answer.json()
            return answer
        text = answer.text().strip()
        if purpose == "login" and _TOKEN.fullmatch(text):
            return replace(answer, body=decimals.dumps(text))
        return answer

    def refused(self, refusal: Refused, answer: Answer) -> Refused:
        keyed = KeyedRefusal(
            refusal.text,
            kind=refusal.kind,
            status=refusal.status,
            vendor_text=refusal.vendor_text,
        )
        keyed.error_key = _error_key(answer, self.mapping["error.key"])
        return keyed


def _error_key(answer: Answer, name: str) -> str:
    with suppress(ValueError):
        key = reading.member(answer.json(), name)
        return key if isinstance(key, str) else ""
    return ""


def open_client(account: Account, tokens: TokenStore, recorder: Recorder) -> DiClient:
    """Return a client for one account; nothing is sent yet."""
    return DiClient(account, tokens, recorder)


def check_connection(client: VendorClient) -> str:
    """Log in afresh, so that a good old token can't hide a changed password.

    Raises:
        NotSent: the login failed; CREDENTIALS if DI said no to it.
    """
    started_at = datetime.now(UTC)
    token = obtain_token(client)
    if token.obtained_at < started_at:
        token = obtain_token(client, rejected=token.value)
    account = client.account
    minutes = whole_minutes((token.expires_at - token.obtained_at) * 10 / 9)
    return (
        f"Logged in at {_named(environments.login_url(account))}; the token lives "
        f"{minutes} minutes and is renewed after nine tenths of them. Shops go to "
        f"{_named(account.base_url)}."
    )


def _named(url: str) -> str:
    environment = environments.environment_of(url)
    host = environments.host_of(url)
    return f"{host} ({environment})" if environment else host


def whole_minutes(life: timedelta) -> int:
    return (life + timedelta(seconds=30)) // timedelta(minutes=1)


def obtain_token(client: VendorClient, *, rejected: str | None = None) -> Token:
    """Return the account's token, logging in if there is no good one.

    Raises:
        NotSent: the login failed, or would go to the wrong environment.
    """
    for objection in environments.pair_objections(client.account):
        raise NotSent(objection, kind=Kind.CONFIGURATION)
    # User and host are in the key, so that another of them means another login.
    user = client.credential("username")
    host = environments.host_of(environments.login_url(client.account))
    key = f"di:{client.account.supplier}:{host}:{user}"
    return client.tokens.obtain(key, lambda: log_in(client), rejected=rejected)


def log_in(client: VendorClient) -> Token:
    """Log in once, for as long as the options say.

    Raises:
        NotSent: the login failed; CREDENTIALS if DI said no to it.
    """
    if client.option("login_version") == V2:
        return _log_in(client, client.path("path.login_v2"), LIFE_V2)
    return log_in_for(client, client.option("token_minutes"))


def log_in_for(client: VendorClient, minutes: int) -> Token:
    """Log in once with v-3, for so many minutes.

    Raises:
        NotSent: the login failed, or no token lives as long as that.
    """
    if not 1 <= minutes <= LONGEST_MINUTES:
        raise NotSent(wrong_minutes(minutes), kind=Kind.CONFIGURATION)
    path = client.path("path.login_v3", minutes=str(minutes))
    return _log_in(client, path, timedelta(minutes=minutes))


def wrong_minutes(minutes: int) -> str:
    return (
        f"The life of a token must be 1 to {LONGEST_MINUTES} minutes, not {minutes}; "
        "correct the option."
    )


def _log_in(client: VendorClient, path: str, life: timedelta) -> Token:
    names = client.mapping
    credentials = {
        names["login.username"]: client.credential("username"),
        names["login.password"]: client.credential("password"),
    }

    def token_in(answer: Any) -> str:
        found = answer
        if isinstance(answer, dict):
            found = reading.member(answer, names["login.token"])
        token = found.strip() if isinstance(found, str) else ""
        return token if _TOKEN.fullmatch(token) else ""

    logged_in_at = datetime.now(UTC)
    answer = client.log_in("POST", path, json=credentials, token_in=token_in)
    if not (value := token_in(answer)):
        raise client.unreadable("the login brought no token that can be used.")
    return Token(
        value=value,
        obtained_at=logged_in_at,
        expires_at=usable_until(logged_in_at, life, claimed_end(value)),
    )


def claimed_end(token: str) -> datetime | None:
    """Return the `exp` of a token that is a JWT; None if there is none to be read."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims = decimals.loads(base64.urlsafe_b64decode(padded).decode())
        seconds = reading.whole(reading.member(claims, "exp"))
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def usable_until(
    logged_in_at: datetime, life: timedelta, claimed: datetime | None
) -> datetime:
    """Return the moment to log in again, after nine tenths of the token's life.

    What the token claims may shorten its life and never lengthen it. A claim that
    it was over before it began speaks of a wrong clock, and would mean a login for
    every call.
    """
    if claimed is not None and claimed > logged_in_at:
        life = min(life, claimed - logged_in_at)
    return logged_in_at + life * 9 / 10

"""Simutek access: a token for client id and secret, with every call.

Source: Simutek's page "API", which prints the request for a token and that the answer
holds `access_token`. How long one lives, and how a refusal looks, it does not say;
those follow RFC 6749 and RFC 6750.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from vendors import outcomes, reading
from vendors.contracts import Account, Recorder, Token, TokenStore
from vendors.errors import Kind, NotSent
from vendors.http import JSON, STANDARD_HEADERS, Authorization, VendorClient
from vendors.outcomes import Outcome
from vendors.simutek import customers
from vendors.simutek.mapping import MAPPING
from vendors.simutek.settings import CREDENTIALS, OPTIONS

MARGIN = timedelta(seconds=60)
UNTOLD_LIFE = timedelta(minutes=5)
_MOST_SECONDS = 24 * 60 * 60

_WRONG_SETTINGS = {
    "invalid_request",
    "invalid_scope",
    "unauthorized_client",
    "unsupported_grant_type",
}


class SimutekClient(VendorClient):
    """Calls one supplier's GKS with a token kept until shortly before its end."""

    vendor_mapping = MAPPING
    credential_fields = CREDENTIALS
    option_fields = OPTIONS
    # "Every call" needs the content type, says the page; it goes with GET as well.
    standard_headers = {**STANDARD_HEADERS, "Content-Type": JSON}
    outcomes = {**outcomes.BY_STATUS, 403: Outcome(NotSent, Kind.CREDENTIALS)}

    def authorize(
        self, *, purpose: str, is_write: bool, rejected: str | None = None
    ) -> Authorization:
        token = obtain_token(self, rejected=rejected)
        self.keep_secret(token.value)
        return Authorization({"Authorization": f"Bearer {token.value}"}, token.value)


def open_client(
    account: Account, tokens: TokenStore, recorder: Recorder
) -> SimutekClient:
    """Return a client for one account; nothing is sent yet."""
    return SimutekClient(account, tokens, recorder)


def check_connection(client: VendorClient) -> str:
    """Log in afresh and read our own customer: proves host, token and number at once.

    Raises:
        Refused: the supplier has no customer of our number.
        NotSent: no connection, the login failed, or no GKS there.
    """
    number = client.option("customer_number")
    log_in_afresh(client)
    found = customers.read(client, number)
    named = found.name or "a customer without a name"
    return f"Logged in; our customer number {found.number} is {named}."


def log_in_afresh(client: VendorClient) -> Any:
    """Log in whatever tokens there are, and return the answer to it.

    A good old token would hide a changed secret. None where somebody else logged in
    at the same moment.

    Raises:
        NotSent: the login failed.
    """
    answers: list[Any] = []
    token = obtain_token(client, answers=answers)
    if not answers:
        obtain_token(client, rejected=token.value, answers=answers)
    return answers[-1] if answers else None


def obtain_token(
    client: VendorClient,
    *,
    rejected: str | None = None,
    answers: list[Any] | None = None,
) -> Token:
    """Return the account's token, logging in if there is no good one.

    Args:
        answers: takes the answer to the login, if there was one.

    Raises:
        NotSent: the login failed.
    """
    # The client id is in the key, so that another client means another login.
    key = f"simutek:{client.account.supplier}:{client.credential('client_id')}"

    def login() -> Token:
        token, answer = log_in(client)
        if answers is not None:
            answers.append(answer)
        return token

    return client.tokens.obtain(key, login, rejected=rejected)


def log_in(client: VendorClient) -> tuple[Token, Any]:
    """Log in once; return the token, and the answer it came in.

    Raises:
        NotSent: the login failed; CREDENTIALS if Simutek said no to id or secret.
    """
    names = client.mapping
    # No scope: none of the printed requests has one, and then all scopes are meant.
    form = {
        names["login.grant_type"]: "client_credentials",
        names["login.client_id"]: client.credential("client_id"),
        names["login.client_secret"]: client.credential("client_secret"),
    }

    def token_in(answer: Any) -> str:
        return _sendable(reading.member(answer, names["login.token"]))

    logged_in_at = datetime.now(UTC)
    try:
        answer = client.log_in(
            "POST", names["login.path"], form=form, token_in=token_in
        )
    except NotSent as error:
        # RFC 6749 allows 400 and 401 for the same refusal; the word decides.
        raise _refusal(client, error.vendor_text, error.status) or error from None
    value = token_in(answer)
    if not value:
        said = reading.text(reading.member(answer, names["login.error"]))
        raise _refusal(client, said) or NotSent(
            f"{client.account.supplier}: the login brought no token.",
            kind=Kind.CREDENTIALS,
        )
    expires_in = reading.member(answer, names["login.expires_in"])
    token = Token(
        value=value,
        obtained_at=logged_in_at,
        expires_at=logged_in_at + usable_for(expires_in),
    )
    return token, answer


def _refusal(
    client: VendorClient, said: str, status: int | None = None
) -> NotSent | None:
    """Return the error for a login refused with one of RFC 6749's words, if it was."""
    words = set(re.findall(r"[a-z_]+", said))
    supplier = client.account.supplier
    if "invalid_client" in words:
        return NotSent(
            f"{supplier}: the login was refused; client id or secret is wrong.",
            kind=Kind.CREDENTIALS,
            status=status,
            vendor_text=said,
        )
    if found := sorted(words & _WRONG_SETTINGS):
        return NotSent(
            f"{supplier}: the login was refused ({', '.join(found)}); the supplier "
            "has to ask Simutek how our client is registered.",
            kind=Kind.CONFIGURATION,
            status=status,
            vendor_text=said,
        )
    return None


def _sendable(value: Any) -> str:
    """Return a token that can stand in a header; empty if it is none."""
    token = reading.text(value)
    is_sendable = token.isascii() and token.isprintable() and " " not in token
    return token if is_sendable else ""


def usable_for(expires_in: Any) -> timedelta:
    """Return how long to use a token whose answer says this of its life.

    One that is to live less than the margin serves the very call it was got for.
    """
    seconds = reading.whole(expires_in)
    if seconds is None or seconds <= 0:
        return UNTOLD_LIFE
    life = timedelta(seconds=min(seconds, _MOST_SECONDS))
    return max(life - MARGIN, timedelta())

"""A customer's own login at the shop, by the authorization-code flow.

Source: that the flow exists is documented, and nothing else of it: addresses, scope
and renewal are what OAuth 2.0 and the library behind such servers suggest.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from vendors.addresses import checked_base
from vendors.contracts import CustomerLogin, LoginTokens
from vendors.errors import Kind, NotSent, Refused
from vendors.http import VendorClient
from vendors.kvik import names
from vendors.kvik.auth import bearer, usable_until
from vendors.kvik.mapping import NOT_THERE

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)


def address(client: VendorClient, redirect_uri: str, state: str, verifier: str) -> str:
    """Return where to send the customer's browser.

    Raises:
        NotSent: the supplier is not set up for it.
        Refused: a login without state or verifier could be taken over.
    """
    base = checked_base(
        client.account, client.account.auth_url or client.account.base_url
    )
    if not state or not redirect_uri:
        raise Refused("A login needs a state and an address to return to.")
    asked = {
        "response_type": "code",
        "client_id": _client_id(client),
        "redirect_uri": redirect_uri,
        "state": state,
    }
    if (scope := client.mapping["login.scope"]) != NOT_THERE:
        asked["scope"] = scope
    if client.option("login_pkce"):
        asked["code_challenge"] = challenge(verifier)
        asked["code_challenge_method"] = "S256"
    path = client.path("path.authorize").lstrip("/")
    return f"{base}/{path}?{urlencode(asked)}"


def challenge(verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636).

    Raises:
        Refused: the verifier is too short to be one, or too long.
    """
    if not _VERIFIER.fullmatch(verifier):
        raise Refused("A code verifier has 43 to 128 letters, digits and -._~.")
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")


def exchange(
    client: VendorClient, code: str, redirect_uri: str, verifier: str
) -> LoginTokens:
    """Change the code the browser brought back for tokens; a code works once.

    Args:
        redirect_uri: to the letter the one the browser was sent with.

    Raises:
        NotSent: there are none; CREDENTIALS if the shop said no, and then the
            customer has to log in once more.
    """
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
    }
    if client.option("login_pkce"):
        form["code_verifier"] = verifier
    client.keep_secret(code, verifier)
    return _tokens(client, form)


def renew(client: VendorClient, refresh_token: str) -> LoginTokens:
    """Return new tokens for a refresh token, which is spent by it as a rule.

    The new one takes its place; where the shop gives none, the old one stays.

    Raises:
        NotSent: there are none; CREDENTIALS if the shop said no, and then the
            customer has to log in once more.
    """
    client.keep_secret(refresh_token)
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return _tokens(client, form, refresh_token)


def _tokens(
    client: VendorClient, form: Mapping[str, str], refresh_token: str = ""
) -> LoginTokens:
    mapping = client.mapping

    def token_in(answer: Any) -> str:
        # Told to the masker here, before the exchange is recorded.
        client.keep_secret(names.text(answer, mapping["token.refresh"]))
        return bearer(answer, mapping["token.value"])

    asked_at = datetime.now(UTC)
    answer = client.log_in(
        "POST",
        client.path("path.login_token"),
        form={
            **form,
            "client_id": _client_id(client),
            "client_secret": client.account.credentials.get("login_client_secret")
            or client.credential("client_secret"),
        },
        token_in=token_in,
    )
    value = token_in(answer)
    if not value:
        raise NotSent(
            f"{client.account.supplier}: the login brought no token.",
            kind=Kind.CREDENTIALS,
        )
    return LoginTokens(
        access_token=value,
        refresh_token=names.text(answer, mapping["token.refresh"]) or refresh_token,
        expires_at=usable_until(asked_at, answer, mapping["token.lifetime"]),
        scope=names.text(answer, mapping["token.granted"]),
    )


def _client_id(client: VendorClient) -> str:
    own = client.account.credentials.get("login_client_id")
    return own or client.credential("client_id")


CUSTOMER_LOGIN = CustomerLogin(address=address, exchange=exchange, renew=renew)

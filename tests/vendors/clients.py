"""Clients of no real vendor, to test what all vendors share."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from vendors import reading
from vendors.contracts import (
    Account,
    Exchange,
    FieldKind,
    SettingField,
    Token,
    documented,
)
from vendors.http import Authorization, VendorClient
from vendors.tokens import MemoryTokenStore
from vendors.transport import TimeLimits

FAST = TimeLimits(connect=1, read=0.3, total=1)


class PlainClient(VendorClient):
    """Sends a user and a password with every call."""

    vendor_mapping = {"path.thing": documented("/things/{number}")}
    credential_fields = (SettingField(name="password", label="Password"),)
    option_fields = (
        SettingField(
            name="read_timeout", label="Wait", kind=FieldKind.INTEGER, default=60
        ),
    )

    def authorize(
        self, *, purpose: str, is_write: bool, rejected: str | None = None
    ) -> Authorization:
        return Authorization({"X-Password": self.credential("password")})


class TokenClient(PlainClient):
    """Logs in for a token."""

    def authorize(
        self, *, purpose: str, is_write: bool, rejected: str | None = None
    ) -> Authorization:
        token = self.tokens.obtain("key", self._log_in, rejected=rejected)
        self.keep_secret(token.value)
        return Authorization({"Authorization": f"Bearer {token.value}"}, token.value)

    def _log_in(self) -> Token:
        def token_in(answer: Any) -> str:
            return reading.text(reading.member(answer, "Token"))

        answer = self.log_in(
            "POST",
            "/login",
            json={"password": self.credential("password")},
            token_in=token_in,
        )
        now = datetime.now(UTC)
        return Token(
            value=token_in(answer), obtained_at=now, expires_at=now + timedelta(hours=1)
        )


def open_at(
    url: str,
    exchanges: list[Exchange] | None = None,
    kind: type[PlainClient] = PlainClient,
    **members: Any,
) -> PlainClient:
    """Open a client on this machine, with short limits."""
    account = Account(
        supplier="Nord",
        base_url=url,
        credentials={"username": "acme-api", "password": "pässword/4711+x"},
        allow_insecure_loopback=True,
    )
    recorder = (exchanges if exchanges is not None else []).append
    client = kind(replace(account, **members), MemoryTokenStore(), recorder)
    client.time_limits = FAST
    return client

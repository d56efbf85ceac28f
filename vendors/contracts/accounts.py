"""An account at a vendor, its tokens, and what was said."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from vendors.destinations import Network


@dataclass(frozen=True, kw_only=True)
class Account:
    """One supplier's account at a vendor: where, as whom, and with what settings."""

    supplier: str
    base_url: str
    auth_url: str = ""
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)
    options: Mapping[str, Any] = field(default_factory=dict)
    mapping: Mapping[str, str] = field(default_factory=dict)
    """Overrides of the vendor's mapping table, by key."""
    is_test: bool = True
    allow_insecure_loopback: bool = False
    allowed_networks: tuple[Network, ...] = ()
    """Networks of our own that its hosts may be in; others have to be public."""


@dataclass(frozen=True, kw_only=True)
class Token:
    """An access token and the moment from which it is not to be used any more."""

    value: str = field(repr=False)
    obtained_at: datetime
    expires_at: datetime


class TokenStore(Protocol):
    """Keeps tokens so that one login serves every thread, process and machine."""

    def obtain(
        self,
        key: str,
        login: Callable[[], Token],
        *,
        rejected: str | None = None,
    ) -> Token:
        """Return a usable token, logging in only if nobody else has just done so.

        Args:
            key: names the account and the kind of token.
            login: called at most once, by one caller at a time.
            rejected: a token the vendor just refused; it is never returned again.
        """
        ...


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One HTTP request with its answer; secrets are masked before it is made."""

    purpose: str
    method: str
    url: str
    request_headers: Mapping[str, str]
    request_body: str
    started_at: datetime
    duration_ms: int
    status: int | None = None
    response_headers: Mapping[str, str] = field(default_factory=dict)
    response_body: str = ""
    error: str = ""


Recorder: TypeAlias = Callable[[Exchange], None]

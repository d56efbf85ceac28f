"""What vendors and their users send to us: webhooks, and logins of customers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from vendors.contracts.accounts import Account

if TYPE_CHECKING:
    from vendors.http import VendorClient


class Topic(StrEnum):
    """What a notification is about."""

    ORDER = "order"
    PRODUCT = "product"
    STOCK = "stock"
    CUSTOMER = "customer"
    OTHER = "other"
    """Known, and of no use to us."""
    UNKNOWN = "unknown"
    """A word the module does not know; kept, and shown to a person."""


@dataclass(frozen=True, kw_only=True)
class Notification:
    """One thing a webhook tells. `number` is empty where none could be found."""

    action: str
    topic: Topic
    number: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class WebhookDelivery:
    """One webhook call, its signature checked. `id` is the same over its repeats."""

    id: str
    attempt: int
    notifications: tuple[Notification, ...]


@dataclass(frozen=True, kw_only=True)
class Webhooks:
    """How a vendor's webhooks are taken in.

    Attributes:
        read: (account, headers, raw body). Raises BadSignature or UnreadableHook.
        echo: what to answer to a GET with these query values; None if nothing.
    """

    read: Callable[[Account, Mapping[str, str], bytes], WebhookDelivery]
    echo: Callable[[Mapping[str, str]], str | None]


class BadSignature(Exception):
    """The call can't be shown to come from the vendor; nothing in it counts."""


class UnreadableHook(Exception):
    """Signed by the vendor, and not to be understood; kept for a person."""


@dataclass(frozen=True, kw_only=True)
class LoginTokens:
    """What a customer's login brought. `refresh_token` may be empty."""

    access_token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    expires_at: datetime
    scope: str = ""


@dataclass(frozen=True, kw_only=True)
class CustomerLogin:
    """The authorization-code flow, by which a customer connects their own login.

    Attributes:
        address: (client, redirect URI, state, code verifier): where to send the
            browser.
        exchange: (client, code, redirect URI, code verifier).
        renew: (client, refresh token); the old one is usually spent by it.
        Both raise NotSent with CREDENTIALS where the vendor said no.
    """

    address: Callable[["VendorClient", str, str, str], str]
    exchange: Callable[["VendorClient", str, str, str], LoginTokens]
    renew: Callable[["VendorClient", str], LoginTokens]

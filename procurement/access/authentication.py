"""Who calls: `Authorization: Bearer KEY`. A login session is not accepted."""

from datetime import UTC, datetime
from typing import Any, cast

from django.contrib.auth.models import User
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from procurement.access.callers import Address, client_address, comes_from
from procurement.access.codes import Code
from procurement.access.limits import TooManyCalls, count_call, limits
from procurement.access.middleware import set_headers
from procurement.access.models import ApiKey, Vain
from procurement.access.problems import Refusal

KEY_EXPIRES = "Key-Expires"
"""The header by which a key that ends within two weeks says when, in UTC."""


class AddressRefused(Refusal):
    def __init__(self, address: str) -> None:
        super().__init__(
            f"This key is not taken from {address}.",
            code=Code.ADDRESS_REFUSED,
            status=403,
        )


class ApiKeyAuthentication(BaseAuthentication):
    """Sets `request.user` to the key's user and `request.auth` to the key."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        text = text.strip()
        caller = client_address(request)
        wrong_keys = limits().wrong_keys
        wrong_keys.refuse_if_too_many(caller, text)
        key = _usable_key(text, caller)
        if key is None:
            wrong_keys.note_wrong(caller)
            raise AuthenticationFailed(
                "This key is not known, has expired, or was revoked."
            )
        wrong_keys.note_good(key)
        _check_address(key, caller)
        _count(key, request, caller)
        # What the user sees through this key ends at its shop.
        key.user.key_shop_id = key.shop_id  # type: ignore[attr-defined]
        key.note_use(caller)
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def _usable_key(text: str, caller: Address | None) -> ApiKey | None:
    """The key, if it opens anything; a stranger is not told why another does not."""
    is_plain = text.isascii() and text.isprintable()
    key = ApiKey.known(text) if is_plain else None
    if key is None:
        return None
    why = key.why_unusable
    if why is None:
        return key
    key.note_refusal(why, caller)
    return None


def _check_address(key: ApiKey, caller: Address | None) -> None:
    if not comes_from(caller, key.networks):
        key.note_refusal(Vain.ADDRESS, caller)
        raise AddressRefused(str(caller or "an address that can't be told"))


def _count(key: ApiKey, request: Request, caller: Address | None) -> None:
    """Count the call, and have its answer say what is left, and when the key ends."""
    headers: dict[str, str] = {}
    if key.expires_at is not None and key.ends_soon:
        headers[KEY_EXPIRES] = _utc_text(key.expires_at)
    allowance = count_call(key)
    if allowance is not None:
        headers |= allowance.headers()
    if headers:
        set_headers(request._request, headers)
    if allowance is not None and allowance.is_over:
        key.note_refusal(Vain.TOO_MANY, caller)
        raise TooManyCalls(allowance)


def _utc_text(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def user_of(request: Request) -> User:
    """The user of the key, once `HasScope` has let the call pass."""
    return cast(User, request.user)


def key_of(request: Request) -> ApiKey:
    return cast(ApiKey, request.auth)


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = ApiKeyAuthentication
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A key made with `create_api_key` or in the admin.",
        }

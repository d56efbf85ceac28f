"""Who calls: `Authorization: Bearer KEY`. A login session is not accepted."""

from typing import Any, cast

from django.contrib.auth.models import User
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from procurement.access.models import ApiKey


class ApiKeyAuthentication(BaseAuthentication):
    """Sets `request.user` to the key's user and `request.auth` to the key."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        text = text.strip()
        is_plain = text.isascii() and text.isprintable()
        key = ApiKey.find(text) if is_plain else None
        if key is None:
            raise AuthenticationFailed(
                "This key is not known, has expired, or was revoked."
            )
        # What the user sees through this key ends at its shop.
        key.user.key_shop_id = key.shop_id  # type: ignore[attr-defined]
        key.note_use()
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


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

"""OpenID Connect as it is done here. allauth finds this module by its name.

What the library leaves to the trust in TLS is checked: the signature of the identity
token, that it was made for this login (`nonce`), and that the configuration is of the
issuer it was asked of. What it lets the browser choose (`process`, `scope`,
`auth_params`) is fixed.
"""

import secrets
from typing import Any

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import (
    OpenIDConnectProvider,
)
from allauth.socialaccount.providers.openid_connect.views import (
    OpenIDConnectOAuth2Adapter,
)
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from procurement.accounts.issuer import checked_discovery
from procurement.accounts.matching import kept_claims

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384")
LEEWAY_SECONDS = 60
OVERVIEW = "/.well-known/openid-configuration"


class IssuerAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    nonce: str = ""

    @property
    def openid_config(self) -> dict[str, Any]:
        if not hasattr(self, "_openid_config"):
            address = settings.OIDC_ISSUER.rstrip("/") + OVERVIEW
            with get_adapter().get_requests_session() as session:
                answer = session.get(address)
                answer.raise_for_status()
                self._openid_config = checked_discovery(answer.json())
        return self._openid_config

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        path = reverse("sso_callback")
        if settings.PUBLIC_URL:
            return str(settings.PUBLIC_URL.strip().rstrip("/") + path)
        return request.build_absolute_uri(path)

    def complete_login(
        self, request: HttpRequest, app: Any, token: Any, **kwargs: Any
    ) -> Any:
        id_token = kwargs["response"].get("id_token")
        if not isinstance(id_token, str):
            raise OAuth2Error("There is no identity token.")
        claims = self._decode_id_token(app, id_token)
        claims = {**self._user_info(claims, token.token), **claims}
        login = self.get_provider().sociallogin_from_response(
            request, {"id_token": claims}
        )
        login.claims = claims
        return login

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(id_token)
            if header.get("alg") not in ALGORITHMS:
                raise OAuth2Error("The identity token has an algorithm not taken.")
            claims: dict[str, Any] = jwt.decode(
                id_token,
                key=self._key(header),
                algorithms=[header["alg"]],
                issuer=self.openid_config["issuer"],
                audience=app.client_id,
                leeway=LEEWAY_SECONDS,
                options={"require": ["iss", "aud", "exp", "iat", "sub"]},
            )
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as fault:
            raise OAuth2Error(f"Identity token: {type(fault).__name__}") from fault
        if claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("The identity token was made for another client.")
        nonce = claims.get("nonce")
        if not isinstance(nonce, str) or not secrets.compare_digest(
            nonce.encode(), self.nonce.encode()
        ):
            raise OAuth2Error("The identity token was made for another login.")
        return claims

    def _key(self, header: dict[str, Any]) -> Any:
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
            keys = jwt.PyJWKSet.from_dict(answer.json()).keys
        named = [key for key in keys if key.key_id == header.get("kid")]
        if not named and "kid" not in header and len(keys) == 1:
            named = keys
        if not named:
            raise OAuth2Error("The identity token is signed with an unknown key.")
        return named[0].key

    def _user_info(self, claims: dict[str, Any], token: str) -> dict[str, Any]:
        """What the token lacks and is needed, if the issuer tells it elsewhere."""
        needed = {settings.OIDC_USERNAME_CLAIM or "email", settings.OIDC_ROLES_CLAIM}
        needed = {name.partition(".")[0] for name in needed if name}
        address = self.openid_config.get("userinfo_endpoint")
        if needed <= set(claims) or not isinstance(address, str):
            return {}
        told = self._fetch_user_info(token)
        if not isinstance(told, dict) or told.get("sub") != claims["sub"]:
            raise OAuth2Error("The issuer's facts are about somebody else.")
        return told


class SingleSignOnProvider(OpenIDConnectProvider):  # type: ignore[misc]
    id = "sso"
    name = "Single sign-on"
    oauth2_adapter_class = IssuerAdapter
    pkce_enabled_default = True

    def get_login_url(self, request: HttpRequest, **kwargs: Any) -> str:
        return reverse("sso_login")

    def get_callback_url(self) -> str:
        return reverse("sso_callback")

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """What is kept of the claims: enough to see whose link it is."""
        return kept_claims(data["id_token"])

    def get_scope(self) -> list[str]:
        # Without it there is no identity token.
        return ["openid", *(each for each in settings.OIDC_SCOPES if each != "openid")]

    def get_scope_from_request(self, request: HttpRequest) -> list[str]:
        return self.get_scope()

    def get_auth_params_from_request(
        self, request: HttpRequest, action: Any
    ) -> dict[str, Any]:
        return dict(self.get_auth_params())

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_redirect_from_request_kwargs(request)
        return {**kwargs, "process": "login"}

    def redirect(
        self, request: HttpRequest, process: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        nonce = secrets.token_urlsafe(24)
        kwargs["auth_params"] = {
            **(kwargs.get("auth_params") or {}),
            "nonce": nonce,
        }
        answer: HttpResponse = super().redirect(
            request, process, *args, nonce=nonce, **kwargs
        )
        return answer


provider_classes = [SingleSignOnProvider]

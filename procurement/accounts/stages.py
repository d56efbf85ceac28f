"""What comes between the password and the session."""

from allauth.mfa.stages import AuthenticateStage
from django.conf import settings
from django.http import HttpRequest


class FactorStage(AuthenticateStage):  # type: ignore[misc]
    """Asks for the second factor, if the issuer has not done so."""

    def _should_handle(self, request: HttpRequest) -> bool:
        if settings.OIDC_SECOND_FACTOR and came_by_sso(request):
            return False
        return bool(super()._should_handle(request))


def came_by_sso(request: HttpRequest) -> bool:
    records = request.session.get("account_authentication_methods") or []
    return any(each.get("method") == "socialaccount" for each in records)

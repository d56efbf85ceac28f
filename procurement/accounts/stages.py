"""What comes between the password and the session."""

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.stages import AuthenticateStage
from django.conf import settings
from django.http import HttpRequest


class FactorStage(AuthenticateStage):  # type: ignore[misc]
    """Asks for the second factor, if the issuer has not done so."""

    def _should_handle(self, request: HttpRequest) -> bool:
        if settings.OIDC_SECOND_FACTOR and self._came_by_sso(request):
            return False
        return bool(super()._should_handle(request))

    def _came_by_sso(self, request: HttpRequest) -> bool:
        records = get_authentication_records(request, self.login.user)
        return bool(records) and records[-1]["method"] == "socialaccount"

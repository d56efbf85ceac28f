"""Access tokens kept in the database, so that one login serves every worker."""

import time
from collections.abc import Callable

from django.utils import timezone

from procurement.coordination.operations import lease
from procurement.secrets import SecretUnreadable
from procurement.suppliers.models import SupplierToken
from vendors.contracts import Token
from vendors.errors import Kind, NotSent

LOGIN_SECONDS = 60
"""The longest a login may take before somebody else may try."""
LOOK_AGAIN_SECONDS = 0.1
TRUST_SECONDS = 30
"""A token that was read is used for so long without another look."""


class _Seen:
    """Tokens read a moment ago in this process, so that not each call reads one.

    One that another process has replaced meanwhile is refused by the vendor at worst,
    and then read anew.
    """

    def __init__(self) -> None:
        self._tokens: dict[str, tuple[float, Token]] = {}

    def get(self, key: str) -> Token | None:
        read_at, token = self._tokens.get(key, (0.0, None))
        is_fresh = time.monotonic() - read_at < TRUST_SECONDS
        if token is None or not is_fresh or token.expires_at <= timezone.now():
            return None
        return token

    def put(self, key: str, token: Token) -> None:
        self._tokens[key] = (time.monotonic(), token)

    def forget(self) -> None:
        self._tokens.clear()


seen = _Seen()


class DatabaseTokenStore:
    """Implements `vendors.contracts.TokenStore` over `SupplierToken`.

    The login is guarded by a lease and not by a row lock: no transaction is open
    while the vendor thinks.
    """

    def obtain(
        self,
        key: str,
        login: Callable[[], Token],
        *,
        rejected: str | None = None,
    ) -> Token:
        give_up_at = time.monotonic() + LOGIN_SECONDS
        while True:
            if token := self._usable(key, rejected):
                return token
            with lease(f"login:{key}", seconds=LOGIN_SECONDS) as held:
                if held:
                    # Whoever had the lease before may just have logged in.
                    if token := self._usable(key, rejected):
                        return token
                    token = login()
                    self._keep(key, token)
                    return token
            if time.monotonic() > give_up_at:
                raise NotSent(
                    "Another process has been logging in at this supplier for more "
                    "than a minute. It is tried again.",
                    kind=Kind.CONNECTION,
                )
            time.sleep(LOOK_AGAIN_SECONDS)

    def _usable(self, key: str, rejected: str | None) -> Token | None:
        if (known := seen.get(key)) and known.value != rejected:
            return known
        try:
            stored = SupplierToken.objects.filter(key=key).first()
        except SecretUnreadable:
            # Its key is lost; a login costs less than a person's time.
            SupplierToken.objects.filter(key=key).delete()
            return None
        if (
            stored is None
            or stored.expires_at <= timezone.now()
            or stored.value == rejected
        ):
            return None
        token = Token(
            value=stored.value,
            obtained_at=stored.obtained_at,
            expires_at=stored.expires_at,
        )
        seen.put(key, token)
        return token

    def _keep(self, key: str, token: Token) -> None:
        seen.put(key, token)
        SupplierToken.objects.update_or_create(
            key=key,
            defaults={
                "value": token.value,
                "obtained_at": token.obtained_at,
                "expires_at": token.expires_at,
            },
        )

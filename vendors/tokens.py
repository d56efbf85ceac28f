"""A token store in memory, for tests and for use without the back-office."""

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeGuard

from vendors.contracts import Token
from vendors.errors import VendorError


@dataclass
class _Entry:
    lock: threading.Lock = field(default_factory=threading.Lock)
    token: Token | None = None
    failures: int = 0
    error: VendorError | None = None


class MemoryTokenStore:
    """Implements `TokenStore` for the threads of one process."""

    def __init__(self) -> None:
        self._entries: defaultdict[str, _Entry] = defaultdict(_Entry)
        self._entries_lock = threading.Lock()

    def obtain(
        self,
        key: str,
        login: Callable[[], Token],
        *,
        rejected: str | None = None,
    ) -> Token:
        with self._entries_lock:
            entry = self._entries[key]
        failures_before = entry.failures
        with entry.lock:
            if _is_usable(entry.token, rejected):
                return entry.token
            # A login that failed while we waited would fail for us too, and a row
            # of refused logins may lock the account.
            if entry.error and entry.failures > failures_before:
                raise entry.error
            entry.token = entry.error = None
            try:
                entry.token = login()
            except VendorError as error:
                entry.error = error
                entry.failures += 1
                raise
            return entry.token


def _is_usable(token: Token | None, rejected: str | None) -> TypeGuard[Token]:
    return (
        token is not None
        and token.value != rejected
        and datetime.now(UTC) < token.expires_at
    )

"""The one door to the vendors: from a supplier to an open client.

Nothing else in the back-office opens a client. The door refuses to open inside a
transaction, because a vendor may take minutes to answer.
"""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from django.conf import settings
from django.db import connection

from procurement import VERSION
from procurement.masking import is_secret_name, keep_out
from procurement.secrets import UNREADABLE, UnreadableSecrets
from procurement.suppliers.budgets import gate_of
from procurement.suppliers.models import Supplier
from procurement.suppliers.tokens import DatabaseTokenStore
from vendors.contracts import Account, Recorder
from vendors.errors import Kind, NotSent
from vendors.http import Connections, VendorClient


def account_of(supplier: Supplier) -> Account:
    return Account(
        supplier=supplier.slug,
        base_url=supplier.base_url,
        auth_url=supplier.auth_url,
        credentials=supplier.credentials,
        options=supplier.options,
        mapping=supplier.mapping,
        is_test=not supplier.is_live,
        allow_insecure_loopback=settings.ALLOW_INSECURE_LOOPBACK,
        allowed_networks=settings.VENDOR_ALLOWED_NETWORKS,
    )


class _Kept:
    """Connections to suppliers that outlive a call, for those who make many."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holders = 0
        self._of_suppliers: dict[int, Connections] = {}

    @contextmanager
    def hold(self) -> Iterator[None]:
        with self._lock:
            self._holders += 1
        try:
            yield
        finally:
            with self._lock:
                self._holders -= 1
                if not self._holders:
                    self._close()

    def of(self, supplier: Supplier) -> Connections | None:
        """The supplier's kept connections; None where nobody keeps any."""
        with self._lock:
            if not self._holders:
                return None
            return self._of_suppliers.setdefault(supplier.pk, Connections())

    def _close(self) -> None:
        for each in self._of_suppliers.values():
            each.close()
        self._of_suppliers.clear()


_kept = _Kept()


def kept_alive() -> AbstractContextManager[None]:
    """Keep connections open between the calls of all threads, for the block."""
    return _kept.hold()


@contextmanager
def open_client(supplier: Supplier, record: Recorder) -> Iterator[VendorClient]:
    """Open a client for a supplier; each of its exchanges goes to `record`."""
    refuse_open_transaction()
    if isinstance(supplier.credentials, UnreadableSecrets):
        raise NotSent(f"{supplier}: {UNREADABLE}", kind=Kind.CONFIGURATION)
    keep_out(*_secret_values(supplier))
    client = supplier.api.open_client(
        account_of(supplier), DatabaseTokenStore(), record
    )
    client.gate = gate_of(supplier)
    client.user_agent = f"procurement/{VERSION}"
    if kept := _kept.of(supplier):
        client.share(kept)
    try:
        yield client
    finally:
        client.close()


def _secret_values(supplier: Supplier) -> list[str]:
    """Of its credentials those that are secret; user names are words of the trade."""
    return [
        value
        for name, value in supplier.credentials.items()
        if is_secret_name(name) and isinstance(value, str)
    ]


def refuse_open_transaction() -> None:
    # A test case's own outer transaction is marked, and is not what is meant.
    blocks = connection.atomic_blocks
    if blocks and not blocks[-1]._from_testcase:  # type: ignore[attr-defined]
        raise RuntimeError("A vendor must not be called inside a transaction.")

"""The one door to the vendors: from a supplier to an open client.

Nothing else in the back-office opens a client. The door refuses to open inside a
transaction, because a vendor may take minutes to answer.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from procurement.secrets import UNREADABLE, UnreadableSecrets
from procurement.suppliers.models import Supplier
from procurement.suppliers.tokens import DatabaseTokenStore
from vendors.contracts import Account, Recorder
from vendors.errors import Kind, NotSent
from vendors.http import VendorClient


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
    )


@contextmanager
def open_client(supplier: Supplier, record: Recorder) -> Iterator[VendorClient]:
    """Open a client for a supplier; each of its exchanges goes to `record`."""
    refuse_open_transaction()
    if isinstance(supplier.credentials, UnreadableSecrets):
        raise NotSent(f"{supplier}: {UNREADABLE}", kind=Kind.CONFIGURATION)
    client = supplier.api.open_client(
        account_of(supplier), DatabaseTokenStore(), record
    )
    try:
        yield client
    finally:
        client.close()


def refuse_open_transaction() -> None:
    # A test case's own outer transaction is marked, and is not what is meant.
    blocks = connection.atomic_blocks
    if blocks and not blocks[-1]._from_testcase:  # type: ignore[attr-defined]
        raise RuntimeError("A vendor must not be called inside a transaction.")

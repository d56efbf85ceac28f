"""Said at `migrate` and `check --database default`: secrets no key opens."""

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import connections

from procurement.secrets import UNREADABLE, UnreadableSecrets
from procurement.suppliers.models import Supplier


@checks.register(checks.Tags.database)
def credentials_can_be_read(
    databases: Sequence[str] | None = None, **kwargs: Any
) -> list[checks.CheckMessage]:
    return [
        checks.Warning(f"{slug}: {UNREADABLE}", id="suppliers.W001")
        for alias in databases or ()
        if Supplier._meta.db_table in connections[alias].introspection.table_names()
        for slug, credentials in Supplier.objects.using(alias).values_list(
            "slug", "credentials"
        )
        if isinstance(credentials, UnreadableSecrets)
    ]

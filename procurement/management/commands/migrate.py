"""`manage.py migrate`: Django's own, which on PostgreSQL waits for locks a short time.

A migration that waits for a table makes everybody wait who comes after it, readers too.
So it gives up, and tries again a little later; what it had begun was undone.
"""

import time
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as Migrate
from django.db import DatabaseError, OperationalError, connections
from psycopg.errors import LockNotAvailable

from procurement.indexing import limit_lock_waits

TRIES = 5
PAUSE_SECONDS = 3.0


class Command(Migrate):
    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        seconds = settings.MIGRATION_LOCK_SECONDS
        if connection.vendor != "postgresql" or not seconds:
            super().handle(*args, **options)
            return
        for tries_left in reversed(range(TRIES)):
            limit_lock_waits(connection, seconds)
            try:
                super().handle(*args, **options)
            except OperationalError as error:
                if not isinstance(error.__cause__, LockNotAvailable):
                    raise
                if not tries_left:
                    raise CommandError(_given_up(seconds)) from None
                self.stderr.write(
                    f"A table was in use for more than {seconds} s; trying again."
                )
                time.sleep(PAUSE_SECONDS)
            else:
                return
            finally:
                # A connection that broke has no lock to wait for any more.
                with suppress(DatabaseError):
                    limit_lock_waits(connection, 0)


def _given_up(seconds: int) -> str:
    return (
        f"A table was in use for more than {seconds} s, {TRIES} times in a row. The "
        "migration it was for is not applied; those before it are. End long "
        "transactions (pg_stat_activity shows them) and run `migrate` again. "
        "MIGRATION_LOCK_SECONDS sets the time."
    )

"""Hints to the workers. A hint says "look at this"; losing one loses no work."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django_q.tasks import async_task


def hint(task: str, *args: Any) -> None:
    """Wake a worker for a task, once the current transaction stands.

    With the database as broker the message is part of the transaction. Redis knows
    no transactions, so there it is sent after the commit.
    """
    if "orm" in settings.Q_CLUSTER:
        async_task(task, *args)
    else:
        transaction.on_commit(lambda: async_task(task, *args))

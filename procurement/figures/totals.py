"""Adding to totals: several at once, in one statement, in one order.

Two who add to the same rows wait for each other in the order of the rows, so none can
wait for the other in a circle.
"""

import json
import threading
from collections import Counter
from collections.abc import Mapping, Sequence

from django.db import connection

from procurement.figures.models import Total

Key = tuple[str, tuple[str, ...]]
"""A series and the values of its labels."""
AT_A_TIME = 200

SECONDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""The upper ends of the classes of times; what takes longer is in none."""
ENDLESS = "+Inf"


def class_of(seconds: float) -> str:
    """The class a time falls in, by its upper end as it is written in a label."""
    return next((str(end) for end in SECONDS if seconds <= end), ENDLESS)


def add(counts: Mapping[Key, int]) -> None:
    """Add to totals, in the caller's transaction if there is one."""
    rows = sorted(
        (series, json.dumps(labels, ensure_ascii=False), value)
        for (series, labels), value in counts.items()
        if value
    )
    table = connection.ops.quote_name(Total._meta.db_table)
    for at in range(0, len(rows), AT_A_TIME):
        some = rows[at : at + AT_A_TIME]
        places = ", ".join(["(%s, %s, %s)"] * len(some))
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (series, labels, value) VALUES {places} "  # noqa: S608
                "ON CONFLICT (series, labels) "
                f"DO UPDATE SET value = {table}.value + excluded.value",
                [value for row in some for value in row],
            )


def read() -> dict[str, dict[tuple[str, ...], int]]:
    """All totals by series and labels, in one query."""
    found: dict[str, dict[tuple[str, ...], int]] = {}
    for series, labels, value in Total.objects.values_list("series", "labels", "value"):
        found.setdefault(series, {})[tuple(json.loads(labels))] = value
    return found


class Tally:
    """Counts of one process that wait to be added; its threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Key] = Counter()

    def note(self, *counts: tuple[str, Sequence[str], int]) -> None:
        with self._lock:
            for series, labels, value in counts:
                self._counts[series, tuple(labels)] += value

    def add_to_totals(self) -> None:
        """Add what was noted; what can't be added now is kept.

        Raises:
            DatabaseError, InterfaceError: the database is away.
        """
        with self._lock:
            taken, self._counts = self._counts, Counter()
        if not taken:
            return
        try:
            add(taken)
        except BaseException:
            with self._lock:
                self._counts.update(taken)
            raise

"""Where a page begins: opaque texts that belong to one list, read one way.

A cursor holds the values of the row it stands at, so no insert shifts a page and a
page deep in a list costs what the first one does. It also holds a digest of the list
it was handed out for: with other filters it would pass rows over in silence.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Q, QuerySet
from django.db.models.fields.tuple_lookups import (
    TupleGreaterThan,
    TupleGreaterThanOrEqual,
    TupleLessThan,
    TupleLessThanOrEqual,
)
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

CURSOR, PAGE_SIZE, ORDERING, FIELDS = "cursor", "page_size", "ordering", "fields"
LEAVES_ROWS = (CURSOR, PAGE_SIZE, FIELDS)
"""Parameters that may differ from page to page: they choose no rows."""
MAX_ID_DIGITS = 19
"""Fewer digits than that always fit the database."""
MAX_CURSOR = 400
NOT_OURS = "Take it from `next` or `previous` of a page."
OF_ANOTHER_LIST = (
    "It was handed out for another list. The address, the filters and `ordering` stay "
    "as they were; begin without a cursor where they have to change."
)


# --- orders of a list -------------------------------------------------------------


@dataclass(frozen=True)
class Ordering:
    """The columns rows go by, all of them up or all of them down; `pk` is the last.

    Attributes:
        text: what it means, for the description of the API.
        is_partial: rows without a value in the first column are left out.
        with_filter: columns to go by instead where a filter is given, which tell the
            same order apart from rows of one moment. A database that goes by the id
            cannot know that the rows of a span lie together, and reads all others.
    """

    columns: tuple[str, ...]
    text: str
    is_down: bool = False
    is_partial: bool = False
    with_filter: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def under(self, filters: Iterable[str]) -> "Ordering":
        """The same where these filters are given."""
        names = self.with_filter.keys() & set(filters)
        return replace(self, columns=self.with_filter[min(names)]) if names else self

    def arranged(self, rows: QuerySet[Any], *, backwards: bool) -> QuerySet[Any]:
        sign = "-" if self.is_down != backwards else ""
        return rows.order_by(*(f"{sign}{column}" for column in self.columns))


BY_ID = {
    "-id": Ordering(("pk",), "the newest first", is_down=True),
    "id": Ordering(("pk",), "the oldest first"),
}
OLDEST_FIRST = {"id": BY_ID["id"], "-id": BY_ID["-id"]}
BY_CHANGE = {
    **BY_ID,
    "updated_at": Ordering(("updated_at", "pk"), "what changed longest ago first"),
    "-updated_at": Ordering(
        ("updated_at", "pk"), "what changed last first", is_down=True
    ),
}
"""The first of each is the one without the parameter."""


# --- places in it -----------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """A row's values in the columns of an ordering, and the way to go from there.

    Attributes:
        takes_row: whether the row that stands there is read too.
    """

    values: tuple[Any, ...]
    is_back: bool = False
    takes_row: bool = False

    def turned(self) -> "Place":
        """The other way from here; together they leave no row out, and none twice."""
        return Place(self.values, not self.is_back, not self.takes_row)


_LOOKUPS = {
    (True, False): ("gt", TupleGreaterThan),
    (True, True): ("gte", TupleGreaterThanOrEqual),
    (False, False): ("lt", TupleLessThan),
    (False, True): ("lte", TupleLessThanOrEqual),
}


def beyond(rows: QuerySet[Any], ordering: Ordering, place: Place) -> QuerySet[Any]:
    """The rows on from a place; several columns are compared as one row of values.

    Both databases walk an index from there, however many rows lie before.
    """
    goes_up = ordering.is_down == place.is_back
    lookup: Any
    name, lookup = _LOOKUPS[goes_up, place.takes_row]
    if len(place.values) == 1:
        return rows.filter(Q((f"{ordering.columns[0]}__{name}", place.values[0])))
    columns = tuple(F(column) for column in ordering.columns)
    return rows.filter(lookup(columns, place.values))


def place_at(row: Any, ordering: Ordering, *, is_back: bool) -> Place:
    return Place(tuple(getattr(row, column) for column in ordering.columns), is_back)


# --- as text ----------------------------------------------------------------------

_WAYS = {"n": (False, False), "N": (False, True), "p": (True, False), "P": (True, True)}
_LETTERS = {way: letter for letter, way in _WAYS.items()}


def digest_of(request: Request, ordering: str) -> str:
    """Of the list a cursor belongs to: its address, what chooses rows, their order."""
    chosen = sorted(
        (name, value)
        for name, values in request.query_params.lists()
        for value in values
        if name not in (*LEAVES_ROWS, ORDERING)
    )
    text = f"{request.path}?{urlencode(chosen)} {ordering}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def encode_cursor(place: Place, digest: str) -> str:
    way = _LETTERS[place.is_back, place.takes_row]
    values = [_plain(value) for value in place.values]
    packed = json.dumps([way, digest, *values], separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def read_cursor(text: str, ordering: Ordering, digest: str) -> Place | None:
    """Where to start; None for the beginning.

    Raises:
        ValidationError: it is none of ours, or was handed out for another list.
    """
    if not text:
        return None
    opened = _opened(text)
    if len(opened) < 2 or opened[0] not in _WAYS or not isinstance(opened[1], str):
        raise ValidationError({CURSOR: NOT_OURS})
    way, given_for, *values = opened
    if given_for != digest:
        raise ValidationError({CURSOR: OF_ANOTHER_LIST})
    readers: list[Any] = [_READERS.get(name, _key) for name in ordering.columns]
    try:
        read = [reader(value) for reader, value in zip(readers, values, strict=True)]
    except (TypeError, ValueError, OverflowError):
        raise ValidationError({CURSOR: NOT_OURS}) from None
    return Place(tuple(read), *_WAYS[way])


def _opened(text: str) -> Sequence[Any]:
    try:
        padded = text[:MAX_CURSOR].encode("ascii") + b"=" * (-len(text) % 4)
        opened = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return ()
    is_list = isinstance(opened, list) and bool(opened)
    return opened if is_list and isinstance(opened[0], str) else ()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _key(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 10 ** (MAX_ID_DIGITS - 1):
        raise ValueError
    return value


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError
    return moment.astimezone(UTC)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "created_at": _moment,
    "updated_at": _moment,
    "requested_date": date.fromisoformat,
}

"""Pages by key, not by number: nothing is counted, and no insert shifts a page."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.utils.urls import replace_query_param

from procurement.access.cursors import (
    BY_ID,
    CURSOR,
    FIELDS,
    ORDERING,
    PAGE_SIZE,
    Ordering,
    Place,
    beyond,
    digest_of,
    encode_cursor,
    place_at,
    read_cursor,
)

if TYPE_CHECKING:
    # It reads its settings, which name this module, while it is being imported.
    from rest_framework.views import APIView

MAX_PAGE_SIZE = 200
MAX_PAGE_NUMBER = 999_999_999
"""What may be asked for; more than a page holds counts as a whole page."""
PARAMETERS = (CURSOR, PAGE_SIZE, ORDERING, FIELDS)
"""What every list takes besides its filters."""


class StablePagination(BasePagination):
    """Pages of rows in one of the view's `orderings`, the first where none is named."""

    def paginate_queryset(
        self, queryset: Any, request: Request, view: "APIView | None" = None
    ) -> list[Any]:
        name, self.ordering = read_ordering(request, orderings_of(view))
        self.url, self.size = request.build_absolute_uri(), read_page_size(request)
        self.digest = digest_of(request, name)
        self.start = read_cursor(
            request.query_params.get(CURSOR, ""), self.ordering, self.digest
        )
        self.is_back = self.start is not None and self.start.is_back
        if self.ordering.is_partial:
            queryset = queryset.filter(**{f"{self.ordering.columns[0]}__isnull": False})
        if self.start is not None:
            queryset = beyond(queryset, self.ordering, self.start)
        arranged = self.ordering.arranged(queryset, backwards=self.is_back)
        rows = list(arranged[: self.size + 1])
        self.has_more, rows = len(rows) > self.size, rows[: self.size]
        if self.is_back:
            rows.reverse()
        self.rows: Sequence[Any] = rows
        return rows

    def get_paginated_response(self, data: Any) -> Response:
        links = {
            "next": self._link(is_back=False),
            "previous": self._link(is_back=True),
        }
        return Response({**links, "results": data}, headers=link_header(links))

    def _link(self, *, is_back: bool) -> str | None:
        """Behind the page lies what comes next; where it came from there may be new."""
        is_on = is_back == self.is_back
        if is_on and not self.has_more:
            return None
        if self.start is None and not is_on:
            return None
        if self.rows:
            row = self.rows[0 if is_back else -1]
            place = place_at(row, self.ordering, is_back=is_back)
        else:
            place = self._way_back()
        return replace_query_param(self.url, CURSOR, encode_cursor(place, self.digest))

    def _way_back(self) -> Place:
        """From a page that has become empty: the row it began behind is there still."""
        assert self.start is not None  # noqa: S101 - an empty first page has no links
        return self.start.turned()

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: "APIView") -> list[dict[str, Any]]:
        orderings = orderings_of(view)
        meanings = "; ".join(f"`{name}`: {one.text}" for name, one in orderings.items())
        return [
            {
                "name": CURSOR,
                "in": "query",
                "schema": {"type": "string"},
                "description": "Taken from `next` or `previous` of another page. It "
                "belongs to the filters and the ordering it was handed out for.",
            },
            {
                "name": PAGE_SIZE,
                "in": "query",
                "schema": {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_NUMBER},
                "description": f"Rows of a page; {api_settings.PAGE_SIZE} without it. "
                f"More than {MAX_PAGE_SIZE} count as {MAX_PAGE_SIZE}.",
            },
            {
                "name": ORDERING,
                "in": "query",
                "schema": {
                    "type": "string",
                    "enum": list(orderings),
                    "default": next(iter(orderings)),
                },
                "description": f"Which rows come first. {meanings}.",
            },
            {
                "name": FIELDS,
                "in": "query",
                "schema": {"type": "string", "minLength": 1},
                "description": FIELDS_TEXT,
            },
        ]


FIELDS_TEXT = (
    "Only these members of the answer, separated by commas, nested ones by dots, such "
    "as `number,lines.quantity`. What is left out is not read either."
)


def orderings_of(view: "APIView | None") -> Mapping[str, Ordering]:
    found: Mapping[str, Ordering] = getattr(view, "orderings", BY_ID)
    return found


def read_ordering(
    request: Request, orderings: Mapping[str, Ordering]
) -> tuple[str, Ordering]:
    """The ordering a list was asked for, by its name.

    Raises:
        ValidationError: there is none of that name.
    """
    name = request.query_params.get(ORDERING, next(iter(orderings)))
    if name not in orderings:
        there_are = ", ".join(orderings)
        raise ValidationError({ORDERING: f"Give one of these: {there_are}."})
    return name, orderings[name].under(request.query_params)


def read_page_size(request: Request) -> int:
    text = request.query_params.get(PAGE_SIZE)
    if text is None:
        return int(api_settings.PAGE_SIZE or MAX_PAGE_SIZE)
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
        raise ValidationError({PAGE_SIZE: f"Give a number from 1 to {MAX_PAGE_SIZE}."})
    return min(int(text), MAX_PAGE_SIZE)


def link_header(links: Mapping[str, str | None]) -> dict[str, str]:
    """The same links as a header (RFC 8288), for clients that go by it."""
    names = {"next": "next", "previous": "prev"}
    said = [
        f'<{links[name]}>; rel="{rel}"' for name, rel in names.items() if links[name]
    ]
    return {"Link": ", ".join(said)} if said else {}

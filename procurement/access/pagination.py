"""Pages by key, not by number: nothing is counted, and no insert shifts a page."""

import base64
import binascii
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Model
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.utils.urls import remove_query_param, replace_query_param

if TYPE_CHECKING:
    # It reads its settings, which name this module, while it is being imported.
    from rest_framework.views import APIView

MAX_PAGE_SIZE = 200
MAX_PAGE_NUMBER = 999_999_999
"""What may be asked for; more than a page holds counts as a whole page."""
MAX_ID_DIGITS = 19
"""Fewer digits than that always fit the database."""
CURSOR, PAGE_SIZE = "cursor", "page_size"
PARAMETERS = (CURSOR, PAGE_SIZE)


class StablePagination(BasePagination):
    """Pages of rows in the order of their ids, newest first.

    A cursor names the row it stands at and the way to go from there. A view whose
    rows go oldest first sets `is_oldest_first`.
    """

    def paginate_queryset(
        self, queryset: Any, request: Request, view: "APIView | None" = None
    ) -> list[Any]:
        self.url = request.build_absolute_uri()
        self.size = read_page_size(request)
        goes_up = getattr(view, "is_oldest_first", False)
        start, is_back = read_cursor(request.query_params.get(CURSOR, ""))
        looks_up = goes_up != is_back
        if start is not None:
            queryset = queryset.filter(**{"pk__gt" if looks_up else "pk__lt": start})
        rows = list(queryset.order_by("pk" if looks_up else "-pk")[: self.size + 1])
        has_more, rows = len(rows) > self.size, rows[: self.size]
        if is_back:
            rows.reverse()
        self.has_next = has_more if not is_back else True
        self.has_previous = has_more if is_back else start is not None
        self.rows: Sequence[Model] = rows
        return rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {
                "next": self._link("n", -1) if self.has_next else None,
                "previous": self._link("p", 0) if self.has_previous else None,
                "results": data,
            }
        )

    def _link(self, way: str, index: int) -> str | None:
        if not self.rows:
            return remove_query_param(self.url, CURSOR)
        cursor = encode_cursor(way, self.rows[index].pk)
        return replace_query_param(self.url, CURSOR, cursor)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: "APIView") -> list[dict[str, Any]]:
        return [
            {
                "name": CURSOR,
                "in": "query",
                "schema": {"type": "string"},
                "description": "Taken from `next` or `previous` of another page.",
            },
            {
                "name": PAGE_SIZE,
                "in": "query",
                "schema": {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_NUMBER},
                "description": f"Rows of a page; {api_settings.PAGE_SIZE} without it. "
                f"More than {MAX_PAGE_SIZE} count as {MAX_PAGE_SIZE}.",
            },
        ]


def read_page_size(request: Request) -> int:
    text = request.query_params.get(PAGE_SIZE)
    if text is None:
        return int(api_settings.PAGE_SIZE or MAX_PAGE_SIZE)
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text)):
        raise ValidationError({PAGE_SIZE: f"Give a number from 1 to {MAX_PAGE_SIZE}."})
    return min(int(text), MAX_PAGE_SIZE)


def encode_cursor(way: str, pk: int) -> str:
    return base64.urlsafe_b64encode(f"{way}{pk}".encode()).decode().rstrip("=")


def read_cursor(text: str) -> tuple[int | None, bool]:
    """Where to start, and whether to go back from there.

    Raises:
        ValidationError: it is none of ours.
    """
    if not text:
        return None, False
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        opened = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        opened = ""
    way, digits = opened[:1], opened[1:]
    is_ours = way in ("n", "p") and digits.isdigit() and len(digits) < MAX_ID_DIGITS
    if not is_ours:
        raise ValidationError({CURSOR: "Take it from `next` or `previous` of a page."})
    return int(digits), way == "p"

"""The description, the reference page made of it, and the guides beside it."""

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.admin.views.decorators import staff_member_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.views import APIView

from procurement.access.authentication import ApiKeyAuthentication
from procurement.access.permissions import KeyOrStaff

GUIDES = Path(settings.BASE_DIR) / "docs" / "api"
AN_HOUR = "public, max-age=3600"


def description() -> dict[str, Any]:
    """The description as plain JSON values."""
    made = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    found: dict[str, Any] = json.loads(json.dumps(made))
    return found


def description_text() -> str:
    """As it is served, and as it stands in `docs/api/openapi.json`."""
    return json.dumps(description(), indent=1, ensure_ascii=False) + "\n"


@cache
def _served() -> tuple[bytes, str]:
    """Made once in a process: it depends on nothing but the program."""
    content = description_text().encode()
    return content, f'"{hashlib.sha256(content).hexdigest()[:32]}"'


class DescriptionPermission(KeyOrStaff):
    """Everybody, unless the installation keeps it to keys and staff."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(settings.API_DOCS_PUBLIC) or super().has_permission(request, view)


class DescriptionView(APIView):
    """The OpenAPI document, the same for everybody who may read it."""

    authentication_classes = [ApiKeyAuthentication, SessionAuthentication]
    permission_classes = [DescriptionPermission]
    schema = None

    def get(self, request: Request) -> HttpResponse:
        content, etag = _served()
        answer = HttpResponse(content, content_type="application/json")
        answer.headers["ETag"] = etag
        if settings.API_DOCS_PUBLIC:
            answer.headers["Cache-Control"] = AN_HOUR
            # Programs of other hosts may show it: it holds nothing of anybody's.
            answer.headers["Access-Control-Allow-Origin"] = "*"
        return get_conditional_response(request._request, etag=etag, response=answer)  # type: ignore[return-value]


@require_safe
def _reference(request: HttpRequest) -> HttpResponse:
    """The description to read and to try; its scripts are files, none is inline."""
    return render(request, "api/reference.html")


@require_safe
def _guide(request: HttpRequest, name: str) -> HttpResponse:
    """A page of `docs/api/` as it is written."""
    path = GUIDES / f"{name}.md"
    if not path.is_file():
        raise Http404
    return HttpResponse(path.read_bytes(), content_type="text/plain; charset=utf-8")


def _open_as_set(view: Any) -> Any:
    closed = staff_member_required(view)

    def either(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        chosen = view if settings.API_DOCS_PUBLIC else closed
        answer: HttpResponse = chosen(request, **kwargs)
        return answer

    return either


reference = _open_as_set(_reference)
guide = _open_as_set(_guide)

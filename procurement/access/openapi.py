"""How the API describes itself: every call with its problems, scopes, permissions."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from procurement.access import cursors
from procurement.access.codes import Code
from procurement.access.pagination import FIELDS_TEXT
from procurement.access.permissions import Needs, needs_of

PROBLEM_JSON = "application/problem+json"

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The version the change is based on; 412 if it is not the present one.",
)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="The same call with the same key again changes nothing, and is "
    "answered the same, for 30 days. A 409 for the state of things is repeated for two "
    "minutes; then the call is tried again. 1 to 200 printable ASCII characters.",
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match",
    str,
    OpenApiParameter.HEADER,
    description="The `ETag` of the reading you have; 304 if nothing has changed.",
)
UNCHANGED = OpenApiResponse(description="It is as the `ETag` that was given says.")


FIELDS = OpenApiParameter(cursors.FIELDS, str, description=FIELDS_TEXT)


class ProblemSerializer(serializers.Serializer[Any]):
    """A problem detail (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField(
        help_text="Stable: " + ", ".join(f"`{code}`" for code in Code)
    )
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.CharField(),
        required=False,
        help_text="Field path, such as `lines.0.quantity`, to what is wrong with it.",
    )
    scope = serializers.CharField(required=False, help_text="The scope it lacks.")
    permission = serializers.CharField(
        required=False, help_text="The permission its user lacks."
    )
    kind = serializers.CharField(
        required=False, help_text="How the call to the supplier failed."
    )


class ApiSchema(AutoSchema):
    """Adds what every call has: the problem it may end in, and what it demands."""

    def get_description(self) -> str:  # type: ignore[override]
        needs = self._needs()
        text = super().get_description() or ""
        if needs is None:
            return str(text)
        permissions = ", ".join(f"`{name}`" for name in needs.permissions)
        return f"{text}\n\nScope `{needs.scope}`; permission {permissions}.".strip()

    def _needs(self) -> Needs | None:
        return needs_of(self.view, self.method) if hasattr(self.view, "needs") else None

    def _map_serializer_field(self, field: Any, *args: Any, **kwargs: Any) -> Any:
        """Says how long a list may be, which is left out for lists of objects."""
        schema = super()._map_serializer_field(field, *args, **kwargs)  # type: ignore[no-untyped-call]
        most = getattr(field, "max_length", None)
        if isinstance(field, serializers.ListSerializer) and most:
            least = 0 if field.allow_empty else 1
            schema |= {"minItems": least, "maxItems": most}
        return schema

    def _get_response_bodies(self, direction: Direction = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        problem = self._get_response_for_code(  # type: ignore[no-untyped-call]
            OpenApiResponse(ProblemSerializer, "A problem; `code` says which."),
            "default",
            media_types=[PROBLEM_JSON],
        )
        return {**bodies, "default": problem}

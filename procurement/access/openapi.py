"""How the API describes itself: every call with all it takes and all it may answer.

Nothing is typed for a single call that the code of the call knows already: scopes,
permissions, statuses, headers, limits of numbers. What concerns the document as a whole
is put in by `procurement.describing`.
"""

import re
from collections.abc import Mapping
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import Direction, OpenApiParameter, OpenApiResponse
from rest_framework import serializers

from procurement.access import cursors
from procurement.access.answers import headers_of, refusals_of, response_name
from procurement.access.deprecation import deprecation_of
from procurement.access.fields import ExactDecimal, StrictSerializer
from procurement.access.pagination import FIELDS_TEXT
from procurement.access.permissions import Needs, needs_of

IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The version the change is based on, as `ETag` or `version` gave it; "
    "412 if it is not the present one.",
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
HEADER_SCHEMAS: Mapping[str, dict[str, Any]] = {
    "If-Match": {
        "type": "string",
        "pattern": r'^(\*|(W/)?("[0-9]{1,9}(-[0-9a-f]{16})?"|[0-9]{1,9}))$',
        "examples": ['"7"'],
    },
    "If-None-Match": {
        "type": "string",
        "examples": ['"7-9f86d081884c7d65"'],
    },
    "Idempotency-Key": {
        "type": "string",
        "minLength": 1,
        "maxLength": 200,
        "pattern": "^[ -~]*[!-~][ -~]*$",
        "examples": ["9b2f6c1e-5f0c-4a5e-8f7d-3d0f3a1c2b11"],
    },
}
"""What the header parameters hold, by name."""
DECIMAL_PATTERN = r"^-?[0-9]+(\.[0-9]+)?$"
_WORDS = {"partial_update": "change", "destroy": "delete", "update": "replace"}


class ApiSchema(AutoSchema):
    """Adds what every call has: what it demands, and the refusals it may end in."""

    def get_operation_id(self) -> str:
        """`orders_list`, `orders_read`, `orders_change`; `orders_events` below one."""
        tokens = [token.replace("-", "_") for token in self._tokenize_path()]
        default = str(super().get_operation_id())
        verb = default.removeprefix("_".join(tokens)).strip("_")
        if len(tokens) > 1:
            keeps = verb in ("partial_update", "destroy", "update")
            return "_".join([*tokens, _WORDS[verb]] if keeps else tokens)
        if verb == "retrieve":
            verb = "read" if "{" in self.path else "list"
        return "_".join([*tokens, _WORDS.get(verb, verb)])

    def get_description(self) -> str:  # type: ignore[override]
        needs = self._needs()
        text = super().get_description() or ""
        if needs is None:
            return str(text)
        permissions = ", ".join(f"`{name}`" for name in needs.permissions)
        return f"{text}\n\nScope `{needs.scope}`; permission {permissions}.".strip()

    def get_summary(self) -> str:
        """The first sentence, which lists of calls show alone."""
        text = str(super().get_description() or "").partition("\n\n")[0]
        first = re.split(r"(?<=[.;:])\s", " ".join(text.split()))[0]
        return first.rstrip(".;:")

    def is_deprecated(self) -> bool:
        return deprecation_of(self.view, self.method) is not None

    def get_extensions(self) -> dict[str, Any]:
        found = dict(super().get_extensions() or {})
        if needs := self._needs():
            found["x-scope"] = needs.scope
            found["x-permissions"] = list(needs.permissions)
        return found

    def _needs(self) -> Needs | None:
        return needs_of(self.view, self.method) if hasattr(self.view, "needs") else None

    def _get_parameters(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = super()._get_parameters()
        for each in found:
            if each["in"] == "header" and each["name"] in HEADER_SCHEMAS:
                each["schema"] = dict(HEADER_SCHEMAS[each["name"]])
        return found

    def _get_response_bodies(self, direction: Direction = "response") -> dict[str, Any]:
        bodies = dict(super()._get_response_bodies(direction))
        if not hasattr(self.view, "needs"):
            return bodies
        taken = {
            each["name"] for each in self._get_parameters() if each["in"] == "header"
        }
        for status, body in bodies.items():
            headers = headers_of(self.view, self.method, int(status), taken)
            body["headers"] = {**headers, **body.get("headers", {})}
            body["description"] = body.get("description") or _SAYS.get(status, "Done.")
        has_name = "{" in self.path
        refusals = refusals_of(self.view, self.method, taken, has_name=has_name)
        for refused in refusals:
            name = response_name(refused)
            bodies.setdefault(str(refused), {"$ref": f"#/components/responses/{name}"})
        return dict(sorted(bodies.items()))

    def _map_serializer_field(
        self, field: Any, direction: Any, bypass_extensions: bool = False
    ) -> dict[str, Any]:
        if not isinstance(field, ExactDecimal):
            found: dict[str, Any] = super()._map_serializer_field(  # type: ignore[no-untyped-call]
                field, direction, bypass_extensions
            )
            return found | _length_of_list(field)
        schema = decimal_schema(field, direction)
        return dict(self._get_serializer_field_meta(field, direction)) | schema  # type: ignore[no-untyped-call]

    def _postprocess_serializer_schema(
        self, schema: dict[str, Any], serializer: Any, direction: Any
    ) -> dict[str, Any]:
        found: dict[str, Any] = super()._postprocess_serializer_schema(  # type: ignore[no-untyped-call]
            schema, serializer, direction
        )
        if direction == "request" and isinstance(serializer, StrictSerializer):
            found["additionalProperties"] = False
        if direction == "response" and isinstance(
            serializer, serializers.ModelSerializer
        ):
            # Columns that may be left empty are in the answer all the same.
            found["required"] = sorted(found.get("properties", {}))
            for schema in found.get("properties", {}).values():
                _drop_width(schema)
        return found


def _drop_width(schema: dict[str, Any]) -> None:
    """How wide a column is differs between databases, and is nobody's matter."""
    if "integer" in schema.get("type", ()):
        schema.pop("format", None)
        schema.pop("maximum", None)


def _length_of_list(field: Any) -> dict[str, Any]:
    """How long a list of objects may be, which is left out of its schema otherwise."""
    most = getattr(field, "max_length", None)
    if not isinstance(field, serializers.ListSerializer) or not most:
        return {}
    return {"minItems": 0 if field.allow_empty else 1, "maxItems": most}


def decimal_schema(field: ExactDecimal, direction: str) -> dict[str, Any]:
    """A decimal goes out as text; it comes in as text or as a number."""
    whole, places = field.whole_digits, field.decimal_places
    if direction == "response":
        text = {"type": "string", "format": "decimal", "pattern": DECIMAL_PATTERN}
        if field.allow_null:
            return {**text, "type": ["string", "null"], "examples": ["41.5"]}
        return {**text, "examples": ["41.5"]}
    pattern = rf"^-?[0-9]{{1,{whole}}}(\.[0-9]{{1,{places}}})?$"
    forms: list[dict[str, Any]] = [
        {
            "type": "string",
            "format": "decimal",
            "pattern": pattern,
            "examples": ["41.5"],
        },
        {"type": "number"},
    ]
    if field.allow_null:
        forms.append({"type": "null"})
    return {"oneOf": forms}


_SAYS = {
    "200": "As asked.",
    "201": "Made; `Location` says where it is.",
    "202": "Asked for; a worker carries it out, and events tell how it went.",
    "204": "Gone.",
    "304": "Nothing has changed since the version given.",
}

"""REST: every registered action on an order, `POST orders/{number}/{action}/`.

Addresses, inputs, scopes and permissions all come from `orders.actions`, from which
the admin's buttons are made too.
"""

import re
from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

from django.urls import URLPattern, path
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from procurement.access.asking import answer_asking_once
from procurement.access.authentication import user_of
from procurement.access.fields import ExactDecimal, StrictSerializer
from procurement.access.idempotency import Answer, answer_once
from procurement.access.openapi import IDEMPOTENCY_KEY, IF_MATCH
from procurement.access.permissions import Needs
from procurement.access.views import (
    ApiView,
    precondition,
    refuse_version,
    version_of,
)
from procurement.orders.actions import Input, InputKind, OrderAction, all_actions
from procurement.orders.api import VIEW, order_id_of
from procurement.orders.entry import MAX_LINES
from procurement.orders.models import PurchaseOrder
from procurement.orders.representation import shown_order
from procurement.orders.serializers import MAX_POSITION, OrderSerializer

GOES_ON_LATER = frozenset({"send", "look_up", "try_now"})
"""What is asked for is only noted when the answer goes out; a worker does it."""
ASKS_SUPPLIER = frozenset({"refresh", "check_lines"})
"""No supplier is called in a transaction; asking twice harms nobody."""
MAX_TEXT = {InputKind.TEXT: 200, InputKind.LONG_TEXT: 5000, InputKind.PERSON: 150}
MAX_TEXTS = 200
_POSITION = re.compile(r"\d{1,12}", re.ASCII)
CORRECTION = (
    "It is recorded as made by hand, and never stops later news of the supplier's. "
    "Where the vendor's API does this by itself, it counts as a correction."
)


class LineQuantity(StrictSerializer):
    position = serializers.IntegerField(min_value=1, max_value=MAX_POSITION)
    quantity = ExactDecimal(decimal_places=3)


class LineDate(StrictSerializer):
    position = serializers.IntegerField(min_value=1, max_value=MAX_POSITION)
    date = serializers.DateField()


class LinePrice(StrictSerializer):
    position = serializers.IntegerField(min_value=1, max_value=MAX_POSITION)
    price = ExactDecimal(decimal_places=4)


class LineValues(serializers.Field[dict[int, Any], Any, Any, Any]):
    """A value by line, as a list of rows or as an object of values by position."""

    row: ClassVar[type[StrictSerializer]]
    value: ClassVar[str]
    values: ClassVar[str]
    default_error_messages = {
        "shape": "Give a list of positions and {values}, or an object of them.",
        "twice": "Position {position} is there twice; give it once.",
        "many": "Give at most {most} lines.",
    }

    @property
    def remedy(self) -> str:
        return self.default_error_messages["shape"].format(values=self.values)

    def to_internal_value(self, data: Any) -> dict[int, Any]:
        if isinstance(data, Mapping | list) and len(data) > MAX_LINES:
            self.fail("many", most=MAX_LINES)
        if isinstance(data, Mapping):
            return self._from_mapping(data)
        if not isinstance(data, list):
            self.fail("shape", values=self.values)
        rows = self.row(data=data, many=True)
        rows.is_valid(raise_exception=True)
        found: dict[int, Any] = {}
        for row in rows.validated_data:
            if row["position"] in found:
                self.fail("twice", position=row["position"])
            found[row["position"]] = row[self.value]
        return found

    def _from_mapping(self, data: Mapping[str, Any]) -> dict[int, Any]:
        found, errors = {}, {}
        for position, value in data.items():
            # Names of members are texts, whatever they stand for.
            number = int(position) if _POSITION.fullmatch(position) else position
            row = self.row(data={"position": number, self.value: value})
            if row.is_valid():
                found[row.validated_data["position"]] = row.validated_data[self.value]
            else:
                errors[position] = [t for texts in row.errors.values() for t in texts]
        if errors:
            raise ValidationError(errors)
        return found


class LineQuantities(LineValues):
    """A quantity by line: `[{"position": 1, "quantity": "3"}]`, or `{"1": "3"}`."""

    row, value, values = LineQuantity, "quantity", "quantities"


class LineDates(LineValues):
    """A day by line: `[{"position": 1, "date": "2031-04-09"}]`, or `{"1": ...}`."""

    row, value, values = LineDate, "date", "dates"


class LinePrices(LineValues):
    """A price by line: `[{"position": 1, "price": "41.50"}]`, or `{"1": "41.50"}`."""

    row, value, values = LinePrice, "price", "prices"


class LineValuesSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Rows, or an object by position; both by names that programs can use."""

    target_class = LineValues
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        rows = auto_schema.resolve_serializer(self.target.row, direction).ref
        values = self.target.row().fields[self.target.value]
        by_position = ResolvedComponent(  # type: ignore[no-untyped-call]
            name=f"{self.target.values.title()}ByLine",
            type=ResolvedComponent.SCHEMA,
            schema={
                "type": "object",
                "description": "Position to value.",
                "maxProperties": MAX_LINES,
                "additionalProperties": auto_schema._map_serializer_field(
                    values, direction
                ),
            },
            object=f"{self.target.values} by line",
        )
        auto_schema.registry.register_on_missing(by_position)
        return {
            "oneOf": [
                {"type": "array", "maxItems": MAX_LINES, "items": rows},
                by_position.ref,
            ]
        }


def input_field(given: Input) -> serializers.Field[Any, Any, Any, Any]:
    """The field that takes an input of an action."""
    common: dict[str, Any] = {
        "required": given.is_required,
        "help_text": f"{given.label}. {given.help}".strip(),
    }
    match given.kind:
        case InputKind.CHOICE:
            return serializers.ChoiceField(choices=given.choices, **common)
        case InputKind.BOOLEAN:
            return serializers.BooleanField(**common)
        case InputKind.DATE:
            return serializers.DateField(allow_null=not given.is_required, **common)
        case InputKind.AMOUNT:
            return ExactDecimal(decimal_places=3, **common)
        case InputKind.TEXTS:
            text = serializers.CharField(max_length=given.max_length)
            return serializers.ListField(child=text, max_length=MAX_TEXTS, **common)
        case InputKind.LINE_QUANTITIES:
            return LineQuantities(**common)
        case InputKind.LINE_DATES:
            return LineDates(**common)
        case InputKind.LINE_PRICES:
            return LinePrices(**common)
    return serializers.CharField(
        allow_blank=not given.is_required,
        max_length=given.max_length or MAX_TEXT[given.kind],
        **common,
    )


def input_serializer(action: OrderAction) -> type[StrictSerializer]:
    fields: dict[str, Any] = {item.name: input_field(item) for item in action.inputs}
    if action.takes_version:
        fields["version"] = serializers.IntegerField(
            required=False,
            min_value=1,
            help_text="What you were looking at; 409 if it is not that any more.",
        )
    return type(f"{class_name(action)}Input", (StrictSerializer,), fields)


def class_name(action: OrderAction) -> str:
    return action.name.title().replace("_", "")


class OrderActionView(ApiView):
    """One action on one order; the answer is the order, or what the action says."""

    queryset = PurchaseOrder.objects.none()
    order_action: ClassVar[OrderAction]
    input_class: ClassVar[type[StrictSerializer]]

    def post(self, request: Request, number: str) -> Response:
        order_id = order_id_of(number, request)
        is_asking = self.order_action.name in ASKS_SUPPLIER
        answer = answer_asking_once if is_asking else answer_once
        return answer(request, partial(self._run, request, order_id))

    def _run(self, request: Request, order_id: int) -> Answer:
        inputs = self.read_input(self.input_class(data=request.data))
        if not self.order_action.takes_version:
            refuse_version(request)
        version = version_of(request)
        if version is not None:
            if inputs.get("version", version) != version:
                raise ValidationError(
                    {"version": "If-Match names another version; give one of them."}
                )
            inputs = {**inputs, "version": version}
        with precondition(version):
            done = self.order_action.run(
                order_id=order_id, actor=user_of(request), **inputs
            )
        is_done = self.order_action.name not in GOES_ON_LATER
        show = self.order_action.answer or partial(shown_order, read=done)
        return Answer(200 if is_done else 202, show(order_id))


def action_view(action: OrderAction) -> type[OrderActionView]:
    serializer = input_serializer(action)
    view = type(
        f"Order{class_name(action)}",
        (OrderActionView,),
        {
            "__doc__": f"{action.summary} {action.correction and CORRECTION}".strip(),
            "order_action": action,
            "input_class": serializer,
            "asks_supplier": action.name in ASKS_SUPPLIER,
            "needs": {"post": Needs(action.scope, (VIEW, action.whole_permission))},
        },
    )
    described = extend_schema(
        operation_id=f"orders_{action.name}",
        request=serializer if serializer().fields else None,
        examples=_examples(action),
        responses={
            202 if action.name in GOES_ON_LATER else 200: action.answer_serializer
            or OrderSerializer
        },
        parameters=[
            *([IF_MATCH] if action.takes_version else []),
            IDEMPOTENCY_KEY,
        ],
    )
    return extend_schema_view(post=described)(view)


def _examples(action: OrderAction) -> list[OpenApiExample]:
    if action.example is None:
        return []
    return [OpenApiExample(str(action.label), action.example, request_only=True)]


def action_urls() -> list[URLPattern]:
    return [
        path(
            f"orders/<order_number:number>/{action.name}/",
            action_view(action).as_view(),
            name=f"order-{action.name}",
        )
        for action in all_actions()
    ]

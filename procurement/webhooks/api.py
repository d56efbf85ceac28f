"""REST: endpoints that are told what happened, and what became of telling them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSetMixin

from procurement.access.authentication import key_of, user_of
from procurement.access.fields import NothingInput
from procurement.access.filters import AnyOfFilter, StrictFilterSet, TextFilter, since
from procurement.access.idempotency import Answer, answer_once
from procurement.access.openapi import (
    FIELDS,
    IDEMPOTENCY_KEY,
    IF_MATCH,
    IF_NONE_MATCH,
    UNCHANGED,
)
from procurement.access.permissions import Needs
from procurement.access.views import (
    ApiView,
    etag,
    precondition,
    read_answer,
    refuse_version,
    version_of,
)
from procurement.webhooks import operations
from procurement.webhooks.models import Delivery, DeliveryState, Endpoint
from procurement.webhooks.redelivering import redeliver_all
from procurement.webhooks.serializers import (
    ChangedWebhookEndpointInput,
    NewWebhookEndpointInput,
    RedeliveryInput,
    RedeliverySerializer,
    SecretRotationInput,
    WebhookDeliveryDetailSerializer,
    WebhookDeliverySerializer,
    WebhookEndpointSerializer,
    WebhookEndpointWithSecretSerializer,
    delivery_detail_json,
    delivery_json,
    endpoint_json,
)

SCOPE = "webhooks:write"
LOOK = ("webhooks.view_endpoint",)
READ = Needs(SCOPE, LOOK)
CHANGE = Needs(SCOPE, (*LOOK, "webhooks.change_endpoint"))
EXAMPLE = OpenApiExample(
    "Orders of a web shop",
    {
        "url": "https://shop.example/hooks/purchasing",
        "description": "Web shop",
        "types": ["order.*"],
    },
    request_only=True,
)


def shown_endpoints(request: Request) -> QuerySet[Endpoint]:
    seen = Endpoint.objects.visible_to(user_of(request))
    return seen.select_related("owner").defer("secret", "old_secret")


def endpoint_of(pk: Any, request: Request) -> Endpoint:
    """An endpoint, if there is one.

    Raises:
        NotFound: there is none that the key's user may see.
    """
    found = shown_endpoints(request).filter(pk=pk).first()
    if found is None:
        raise NotFound(f"There is no webhook endpoint {pk}.")
    return found


def answer_with_secret(
    request: Request, status: int, perform: Callable[[], Endpoint]
) -> Response:
    """Perform a call that makes a secret, and tell it this once.

    The answer that is kept for whoever repeats the call has none.
    """
    secrets: list[str] = []

    def perform_once() -> Answer:
        endpoint = perform()
        secrets.append(endpoint.secret)
        return Answer(status, endpoint_json(endpoint))

    response = answer_once(
        request,
        perform_once,
        is_seen=lambda answer: (
            shown_endpoints(request).filter(pk=answer.body["id"]).exists()
        ),
    )
    if secrets:
        response.data = {**response.data, "secret": secrets[0]}
    response["Cache-Control"] = "no-store"
    return response


class EndpointViewSet(ViewSetMixin, ApiView):
    """Addresses that are told of events, newest first."""

    queryset = Endpoint.objects.none()
    serializer_class = WebhookEndpointSerializer
    lookup_value_regex = r"\d{1,18}"
    filter_backends = []
    parameters = (FIELDS.name,)
    needs = {
        "list": READ,
        "retrieve": READ,
        "create": Needs(SCOPE, (*LOOK, "webhooks.add_endpoint")),
        "partial_update": CHANGE,
        "destroy": CHANGE,
    }

    def get_queryset(self) -> QuerySet[Endpoint]:
        return shown_endpoints(self.request)

    def list(self, request: Request) -> Response:
        """Webhook endpoints of the key's user; of everybody for those who may."""
        selection = self.selection()
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        shown = [endpoint_json(each, counts=False) for each in page or []]
        return self.get_paginated_response(selection.cut(shown) if selection else shown)

    @extend_schema(
        responses={200: WebhookEndpointSerializer, 304: UNCHANGED},
        parameters=[FIELDS, IF_NONE_MATCH],
    )
    def retrieve(self, request: Request, pk: str) -> Response:
        """Read one endpoint and how it is doing; its secret is not told again."""
        selection = self.selection()
        shown = endpoint_json(endpoint_of(pk, request))
        version = shown["version"]
        shown = selection.cut(shown) if selection else shown
        return read_answer(request, shown, version)

    @extend_schema(
        request=NewWebhookEndpointInput,
        responses={201: WebhookEndpointWithSecretSerializer},
        parameters=[IDEMPOTENCY_KEY],
        examples=[EXAMPLE],
    )
    def create(self, request: Request) -> Response:
        """Have an address told of events. The answer has the secret, this once.

        It begins with what happens from now on, or where `after` or `since` say. It
        is told what the key's user may see, at the time of each delivery.
        """

        def perform() -> Endpoint:
            values = self.read_input(NewWebhookEndpointInput(data=request.data))
            return operations.create_endpoint(
                actor=user_of(request),
                system=key_of(request).source,
                after=values.pop("after", ""),
                since=values.pop("since", None),
                data=values,
            )

        return answer_with_secret(request, 201, perform)

    @extend_schema(request=ChangedWebhookEndpointInput, parameters=[IF_MATCH])
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change the given fields. What waits goes to the new address."""
        endpoint, version = endpoint_of(pk, request), version_of(request)
        values = self.read_input(
            ChangedWebhookEndpointInput(data=request.data, partial=True)
        )
        wanted = values.pop("is_active", endpoint.is_active)
        with precondition(version):
            operations.change_endpoint(
                endpoint_id=endpoint.pk,
                actor=user_of(request),
                data=values,
                version=version,
                is_active=wanted,
            )
        shown = endpoint_json(endpoint_of(pk, request))
        return Response(shown, headers=etag(shown["version"]))

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Send nothing more for good. Its deliveries stay on record for their time."""
        endpoint = endpoint_of(pk, request)
        refuse_version(request)
        self.read_input(NothingInput(data=request.data))
        operations.delete_endpoint(endpoint_id=endpoint.pk, actor=user_of(request))
        return Response(status=204)


class OfOneEndpoint(ApiView):
    queryset = Endpoint.objects.none()
    filter_backends = []
    pagination_class = None
    needs = {"post": CHANGE}


class EndpointRotation(OfOneEndpoint):
    @extend_schema(
        operation_id="webhook_endpoints_rotate_secret",
        request=SecretRotationInput,
        responses=WebhookEndpointWithSecretSerializer,
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Make a new secret. The answer has it, this once.

        Until the overlap is over, messages have two signatures, one of each secret.
        """
        endpoint = endpoint_of(pk, request)
        refuse_version(request)

        def perform() -> Endpoint:
            values = self.read_input(SecretRotationInput(data=request.data))
            return operations.rotate_secret(
                endpoint_id=endpoint.pk,
                actor=user_of(request),
                overlap=timedelta(hours=values["overlap_hours"]),
            )

        return answer_with_secret(request, 200, perform)


class EndpointTest(OfOneEndpoint):
    @extend_schema(
        operation_id="webhook_endpoints_test",
        request=None,
        responses={202: WebhookDeliverySerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Have a message of the type `webhook.test` sent; read its delivery to see
        what came of it."""
        endpoint = endpoint_of(pk, request)
        refuse_version(request)

        def perform() -> Answer:
            self.read_input(NothingInput(data=request.data))
            delivery = operations.send_test(
                endpoint_id=endpoint.pk, actor=user_of(request)
            )
            return Answer(202, delivery_json(delivery))

        return answer_once(request, perform)


class EndpointRedelivery(OfOneEndpoint):
    @extend_schema(
        operation_id="webhook_endpoints_redeliver",
        request=RedeliveryInput,
        responses={202: RedeliverySerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request, pk: int) -> Response:
        """Have deliveries of a span of time sent again, in the background, oldest
        first and each with the `webhook-id` it had."""
        endpoint = endpoint_of(pk, request)
        refuse_version(request)

        def perform() -> Answer:
            values = self.read_input(RedeliveryInput(data=request.data))
            run = redeliver_all(
                endpoint_id=endpoint.pk, actor=user_of(request), **values
            )
            asked = run.parameters
            names = ("since", "until", "only_failed")
            return Answer(202, {"run": run.pk, **{each: asked[each] for each in names}})

        return answer_once(request, perform)


class DeliveryFilter(StrictFilterSet):
    state = AnyOfFilter(choices=DeliveryState.choices)
    type = TextFilter(help_text="The whole type, such as `order.approved`.")
    message_id = TextFilter(help_text="What `webhook-id` says.")
    created_since = since("created_at")

    class Meta:
        model = Delivery
        fields: list[str] = []


def deliveries_of(pk: Any, request: Request) -> QuerySet[Delivery]:
    return Delivery.objects.filter(endpoint=endpoint_of(pk, request)).order_by("-pk")


class EndpointDeliveries(ApiView):
    """What an endpoint was sent, newest first."""

    queryset = Delivery.objects.none()
    serializer_class = WebhookDeliverySerializer
    filterset_class = DeliveryFilter
    needs = {"get": Needs(SCOPE, (*LOOK, "webhooks.view_delivery"))}

    @extend_schema(
        operation_id="webhook_endpoints_deliveries_list",
        responses=WebhookDeliverySerializer(many=True),
    )
    def get(self, request: Request, pk: int) -> Response:
        """Deliveries of an endpoint, newest first; they are kept for a time."""
        selection = self.selection()
        rows = deliveries_of(pk, request).defer("body")
        page = self.paginate_queryset(self.filter_queryset(rows))
        shown = [delivery_json(each) for each in page or []]
        return self.get_paginated_response(selection.cut(shown) if selection else shown)


class OneDelivery(OfOneEndpoint):
    needs = {"get": Needs(SCOPE, (*LOOK, "webhooks.view_delivery"))}

    @extend_schema(
        operation_id="webhook_endpoints_deliveries_retrieve",
        responses=WebhookDeliveryDetailSerializer,
    )
    def get(self, request: Request, pk: int, delivery_id: int) -> Response:
        """One delivery with its body and its attempts."""
        return Response(delivery_detail_json(delivery_of(pk, delivery_id, request)))


class DeliveryRedelivery(OfOneEndpoint):
    @extend_schema(
        operation_id="webhook_endpoints_deliveries_redeliver",
        request=None,
        responses={202: WebhookDeliverySerializer},
        parameters=[IDEMPOTENCY_KEY],
    )
    def post(self, request: Request, pk: int, delivery_id: int) -> Response:
        """Have one delivery sent again, with the `webhook-id` it had."""
        delivery = delivery_of(pk, delivery_id, request)
        refuse_version(request)

        def perform() -> Answer:
            self.read_input(NothingInput(data=request.data))
            again = operations.redeliver(
                delivery_id=delivery.pk, actor=user_of(request)
            )
            return Answer(202, delivery_json(again))

        return answer_once(request, perform)


def delivery_of(pk: Any, delivery_id: int, request: Request) -> Delivery:
    """A delivery of an endpoint.

    Raises:
        NotFound: there is none, or no such endpoint that the key's user may see.
    """
    found = deliveries_of(pk, request).filter(pk=delivery_id).first()
    if found is None:
        raise NotFound(f"There is no delivery {delivery_id} of this endpoint.")
    return found

"""REST as the DRF tutorial would have it."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from procurement.approvals.models import ApprovalDecision
from procurement.orders.models import (
    OrderEvent,
    OrderLine,
    OrderNumber,
    PurchaseOrder,
)
from procurement.shops.models import Shop
from procurement.suppliers.models import Supplier


class LineSerializer(serializers.ModelSerializer[OrderLine]):
    class Meta:
        model = OrderLine
        exclude = ["order"]


class OrderSerializer(serializers.ModelSerializer[PurchaseOrder]):
    supplier = serializers.SlugRelatedField(
        slug_field="slug", queryset=Supplier.objects.all()
    )
    shop = serializers.SlugRelatedField(
        slug_field="slug", queryset=Shop.objects.all(), required=False, allow_null=True
    )
    buyer = serializers.SlugRelatedField(
        slug_field="username", queryset=User.objects.all()
    )
    lines = LineSerializer(many=True)

    class Meta:
        model = PurchaseOrder
        fields = "__all__"
        read_only_fields = ["created_by"]
        # The reference's uniqueness is left to the database.
        validators: list[Any] = []

    @transaction.atomic
    def create(self, validated_data: dict[str, Any]) -> PurchaseOrder:
        lines = validated_data.pop("lines")
        buyer = validated_data["buyer"]
        order = PurchaseOrder.objects.create(
            **validated_data,
            number=OrderNumber.take(timezone.localdate()),
            source="api:bare",
            created_by=buyer,
            total=sum(line["quantity"] * line["unit_price"] for line in lines),
        )
        OrderLine.objects.bulk_create(OrderLine(order=order, **line) for line in lines)
        OrderEvent.objects.create(
            order=order,
            kind="created",
            actor=buyer,
            actor_name=buyer.username,
            status="draft",
        )
        return order


class OrderViewSet(viewsets.ModelViewSet[PurchaseOrder]):
    queryset = PurchaseOrder.objects.select_related(
        "supplier", "shop", "buyer"
    ).prefetch_related("lines")
    serializer_class = OrderSerializer
    # The order's own numbers alone: with those of its lines it would be slower still.
    search_fields = ["number", "external_reference", "supplier_order_number"]


class CreateOrder(APIView):
    def post(self, request: Request) -> Response:
        serializer = OrderSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        serializer.save()
        return Response(serializer.data, status=201)


class ApproveOrder(APIView):
    @transaction.atomic
    def post(self, request: Request, number: str) -> Response:
        order = PurchaseOrder.objects.select_for_update().get(number=number)
        approver = User.objects.get(username="approver")
        order.approval = "approved"
        order.approved_hash = "5" * 64
        order.approved_at = timezone.now()
        order.version += 1
        order.save(
            update_fields=["approval", "approved_hash", "approved_at", "version"]
        )
        ApprovalDecision.objects.create(
            order=order,
            decision="approved",
            content_hash=order.approved_hash,
            content={},
            decided_by=approver,
        )
        OrderEvent.objects.create(
            order=order,
            kind="approved",
            actor=approver,
            actor_name=approver.username,
            status=order.status,
        )
        return Response({"number": order.number, "approval": order.approval})

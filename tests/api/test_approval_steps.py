"""The levels of an order's approval, as other systems read them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from procurement.approvals.operations import approve_order
from procurement.orders.serializers import OrderDetailSerializer
from procurement.suppliers.models import Supplier
from tests.api.clients import ORDERS
from tests.approvals.people import approver, level, make_rule, pending
from tests.factories import make_order

pytestmark = pytest.mark.django_db


def test_order_read_by_number_has_its_levels(
    api: APIClient, supplier: Supplier
) -> None:
    lead = approver("lead")
    approver("dora", "Directors")
    make_rule(level("Lead", lead), level("Director", groups=["Directors"]))
    order = pending(supplier=supplier)
    approve_order(order_id=order.pk, actor=lead, comment="Fine.")

    shown = api.get(f"{ORDERS}{order.number}/").json()

    first, second = shown["approval_steps"]
    assert first.pop("decided_at").endswith("Z")
    assert first == {
        "position": 1,
        "level": "Lead",
        "rule": "Large",
        "state": "approved",
        "groups": [],
        "people": ["lead"],
        "handed_to": None,
        "decided_by": "lead",
        "in_place_of": None,
        "comment": "Fine.",
    }
    assert second == {
        "position": 2,
        "level": "Director",
        "rule": "Large",
        "state": "waiting",
        "groups": ["Directors"],
        "people": [],
        "handed_to": None,
        "decided_by": None,
        "in_place_of": None,
        "decided_at": None,
        "comment": "",
    }


def test_order_without_levels_has_none(api: APIClient, supplier: Supplier) -> None:
    order = make_order(supplier)

    shown = api.get(f"{ORDERS}{order.number}/").json()

    assert shown["approval_steps"] == []
    assert set(shown) == set(OrderDetailSerializer().fields)


def test_lists_and_acts_do_not_read_them(api: APIClient, supplier: Supplier) -> None:
    order = make_order(supplier)

    with CaptureQueriesContext(connection) as queries:
        (listed,) = api.get(ORDERS).json()["results"]
    changed = api.patch(f"{ORDERS}{order.number}/", {"note": "More."}, format="json")

    assert "approval_steps" not in listed
    assert "approval_steps" not in changed.json()
    assert not [q["sql"] for q in queries if "approvalstep" in q["sql"]]

"""What can be done to an order, through the actions the admin has too."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from procurement.fulfilment.models import GoodsReceiptLine
from procurement.orders.actions import all_actions
from procurement.orders.models import PurchaseOrder
from procurement.suppliers.models import Supplier
from procurement.transmissions.models import Transmission
from tests.api.clients import ORDERS, full_client
from tests.factories import (
    line,
    make_approved_order,
    make_order,
    make_queued_order,
    make_user,
)
from tests.fakes import FakeVendor
from tests.sending import transmit
from vendors.contracts import Fulfilment, VendorLine, VendorOrder
from vendors.errors import Kind, NotSent, OutcomeUnknown

pytestmark = pytest.mark.django_db


def do(api: APIClient, order: PurchaseOrder, name: str, **body: Any) -> Any:
    return api.post(f"{ORDERS}{order.number}/{name}/", body, format="json")


def sent_order(**changes: Any) -> PurchaseOrder:
    order, transmission = make_queued_order(**changes)
    transmit(transmission_id=transmission.pk)
    order.refresh_from_db()
    return order


def unknown_order(vendor: FakeVendor) -> PurchaseOrder:
    vendor.answers.append(OutcomeUnknown("Nothing came back.", kind=Kind.TIMEOUT))
    return sent_order()


def test_every_registered_action_has_an_address(
    api: APIClient, supplier: Supplier
) -> None:
    order = make_order(supplier)

    names = {action.name for action in all_actions()}

    assert names == {
        "submit",
        "approve",
        "return",
        "reject",
        "forward",
        "send",
        "look_up",
        "try_now",
        "cancel",
        "refresh",
        "check_lines",
        "take_prices",
        "resolve",
        "confirm",
        "ship",
        "receive",
        "invoice",
        "record_cancellation",
        "dismiss",
        "comment",
        "assign",
    }
    for name in names:
        assert do(api, order, name, nonsense=1).status_code == 400, name
        assert api.get(f"{ORDERS}{order.number}/{name}/").status_code == 405, name
    assert do(api, order, "explode").status_code == 404


def test_order_goes_from_draft_to_the_supplier(fake_vendor: FakeVendor) -> None:
    order = make_order()
    buyer, approver = full_client("buyer"), full_client("approver", system="erp")

    submitted = do(buyer, order, "submit")
    approved = do(approver, order, "approve", comment="Fine.", version=2)
    sent = do(buyer, order, "send")

    assert submitted.json()["status"] == "pending_approval"
    assert approved.json()["status"] == "approved"
    assert sent.status_code == 202
    assert sent.json()["status"] == "sending"
    assert sent.json()["transmission"] == "queued"
    transmit(transmission_id=Transmission.objects.get().pk)
    read = buyer.get(f"{ORDERS}{order.number}/").json()
    assert read["status"] == "sent"
    assert read["supplier_order_number"] == "SO-70012"


def test_nobody_approves_their_own_order(api: APIClient, supplier: Supplier) -> None:
    order = make_order(supplier)
    do(api, order, "submit")

    answer = do(api, order, "approve")

    assert answer.status_code == 409
    assert answer.json() == {
        "type": "/api/problems/own_order/",
        "title": "Somebody else has to approve it.",
        "status": 409,
        "detail": f"{order.number} is your own order; somebody else has to approve it.",
        "code": "own_order",
    }


def test_approval_of_another_version_is_refused(supplier: Supplier) -> None:
    approver = full_client("approver")
    order = make_order(supplier)
    do(full_client("buyer", system="b"), order, "submit")
    url = f"{ORDERS}{order.number}/approve/"

    by_body = approver.post(url, {"version": 1}, format="json")
    by_header = approver.post(url, {}, format="json", HTTP_IF_MATCH='"1"')
    right = approver.post(url, {}, format="json", HTTP_IF_MATCH='"2"')

    assert (by_body.status_code, by_body.json()["code"]) == (409, "version_conflict")
    assert (by_header.status_code, by_header.json()["code"]) == (
        412,
        "version_conflict",
    )
    assert right.status_code == 200


def test_action_that_takes_no_version_says_so(
    api: APIClient, supplier: Supplier
) -> None:
    order = make_order(supplier)

    header = api.post(f"{ORDERS}{order.number}/submit/", HTTP_IF_MATCH='"9"')
    body = do(api, order, "submit", version=1)

    assert header.json()["errors"] == {
        "If-Match": "This call takes no version; leave it out."
    }
    assert list(body.json()["errors"]) == ["version"]


@pytest.mark.parametrize(
    ("name", "approval"), [("return", "returned"), ("reject", "rejected")]
)
def test_declining_needs_a_comment(
    api: APIClient, supplier: Supplier, name: str, approval: str
) -> None:
    order = make_order(supplier)
    do(api, order, "submit")

    assert do(api, order, name).json()["errors"] == {
        "comment": "Give a text of at most 5000 characters, and not an empty one."
    }
    assert do(api, order, name, comment=" ").status_code == 400
    answer = do(api, order, name, comment="Too dear.")
    assert answer.status_code == 200
    assert answer.json()["approval"] == approval


def test_order_is_sent_once(fake_vendor: FakeVendor, api: APIClient) -> None:
    order = make_approved_order()

    first, again = do(api, order, "send"), do(api, order, "send")

    assert (first.status_code, again.status_code) == (202, 409)
    assert again.json()["code"] == "already_sent"
    assert Transmission.objects.count() == 1


def test_unapproved_order_is_not_sent(api: APIClient, supplier: Supplier) -> None:
    answer = do(api, make_order(supplier), "send")

    assert (answer.status_code, answer.json()["code"]) == (409, "not_approved")


def test_what_the_supplier_could_not_take_is_not_sent(
    fake_vendor: FakeVendor, api: APIClient
) -> None:
    order = make_approved_order()
    fake_vendor.objections = ("Line 1: whole pieces only.",)
    vendor = fake_vendor.vendor()
    object.__setattr__(order.supplier.api, "objections", vendor.objections)

    answer = do(api, order, "send")

    assert answer.status_code == 409
    assert answer.json()["code"] == "supplier_objects"
    assert answer.json()["detail"] == "Line 1: whole pieces only."


def test_draft_is_cancelled_at_once(api: APIClient, supplier: Supplier) -> None:
    answer = do(api, make_order(supplier), "cancel", reason="Not needed.")

    assert answer.status_code == 200
    assert answer.json()["status"] == "cancelled"


def test_order_under_way_cannot_be_cancelled(
    fake_vendor: FakeVendor, api: APIClient
) -> None:
    answer = do(api, unknown_order(fake_vendor), "cancel")

    assert (answer.status_code, answer.json()["code"]) == (409, "not_cancellable")


def test_unknown_outcome_is_settled_with_evidence(
    fake_vendor: FakeVendor, api: APIClient
) -> None:
    order = unknown_order(fake_vendor)

    bare = do(api, order, "resolve", outcome="placed")
    wrong = do(api, order, "resolve", outcome="maybe", evidence="x")
    long = do(
        api,
        order,
        "resolve",
        outcome="placed",
        supplier_order_number="9" * 81,
        evidence="x",
    )
    good = do(
        api,
        order,
        "resolve",
        outcome="placed",
        supplier_order_number="SO-1",
        evidence="Lena at the supplier read it out.",
    )

    assert list(bare.json()["errors"]) == ["evidence"]
    assert list(wrong.json()["errors"]) == ["outcome"]
    assert list(long.json()["errors"]) == ["supplier_order_number"]
    assert good.json()["status"] == "sent"
    assert good.json()["supplier_order_number"] == "SO-1"
    again = do(api, order, "resolve", outcome="placed", evidence="x")
    assert (again.status_code, again.json()["code"]) == (409, "not_unknown")


def test_flag_is_taken_off_with_a_note(api: APIClient, fake_vendor: FakeVendor) -> None:
    order = sent_order()
    PurchaseOrder.objects.filter(pk=order.pk).update(attention="Look at this.")

    assert list(do(api, order, "dismiss").json()["errors"]) == ["note"]
    assert do(api, order, "dismiss", note="Called them.").json()["attention"] == ""
    assert do(api, order, "dismiss", note="x").status_code == 409


def test_confirmation_by_mail_is_recorded(
    api: APIClient, fake_vendor: FakeVendor
) -> None:
    order = sent_order()

    shown = do(
        api, order, "confirm", evidence="Mail of Monday.", promised_date="2031-05-01"
    ).json()

    assert shown["status"] == "confirmed"
    assert shown["promised_date"] == "2031-05-01"
    assert shown["lines"][0]["is_confirmed"] is True
    assert do(api, order, "confirm", evidence="x", promised_date="May").json()[
        "errors"
    ].keys() == {"promised_date"}


# --- counting in ------------------------------------------------------------------


@pytest.mark.parametrize(
    "quantities",
    [
        [{"position": 1, "quantity": "2.5"}, {"position": 2, "quantity": 6}],
        {"1": "2.5", "2": 6},
    ],
)
def test_goods_are_counted_in_by_list_or_mapping(
    api: APIClient, fake_vendor: FakeVendor, quantities: Any
) -> None:
    order = sent_order(lines=[line("A"), line("B")])

    answer = do(api, order, "receive", quantities=quantities, note="DN-1")

    assert answer.status_code == 200, answer.content
    received = [row["quantity_received"] for row in answer.json()["lines"]]
    assert received == ["2.5", "6"]
    assert answer.json()["lines"][1]["fulfilment"] == "delivered"
    assert GoodsReceiptLine.objects.count() == 2


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({}, ["quantities"]),
        ({"quantities": "3"}, ["quantities"]),
        ({"quantities": [{"position": 1}]}, ["quantities.0.quantity"]),
        ({"quantities": [3]}, ["quantities.0"]),
        (
            {
                "quantities": [
                    {"position": 1, "quantity": "1"},
                    {"position": 1, "quantity": "1"},
                ]
            },
            ["quantities"],
        ),
        ({"quantities": {"1": "many"}}, ["quantities.1"]),
        ({"quantities": {"one": "1"}}, ["quantities.one"]),
        ({"quantities": {"9": "1"}}, ["quantities.9"]),
        ({"quantities": {"1": "-1"}}, ["quantities.1"]),
        ({"quantities": {"1": "1"}, "note": "x" * 201}, ["note"]),
    ],
)
def test_count_that_will_not_do_is_named(
    api: APIClient, fake_vendor: FakeVendor, body: dict[str, Any], paths: list[str]
) -> None:
    answer = do(api, sent_order(), "receive", **body)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == paths
    assert not GoodsReceiptLine.objects.exists()


def test_rest_is_closed_short(api: APIClient, fake_vendor: FakeVendor) -> None:
    order = sent_order()

    shown = do(api, order, "receive", quantities={"1": "4"}, close_short=True).json()

    assert shown["status"] == "delivered"
    assert shown["lines"][0]["quantity_cancelled"] == "2"


# --- asking the supplier ----------------------------------------------------------


def test_refresh_asks_the_supplier_now(api: APIClient, fake_vendor: FakeVendor) -> None:
    order = sent_order()
    fake_vendor.orders["SO-70012"] = VendorOrder(
        number="SO-70012",
        reference=order.number,
        raw_status="Confirmed",
        fulfilment=Fulfilment.CONFIRMED,
        lines=(
            VendorLine(
                position=1,
                item_number="SKU-4410",
                quantity=order.lines.get().quantity,
                is_confirmed=True,
            ),
        ),
        changed_at=timezone.now() + timedelta(seconds=1),
    )

    answer = api.post(
        f"{ORDERS}{order.number}/refresh/", HTTP_IDEMPOTENCY_KEY="of-no-matter"
    )

    assert answer.status_code == 200, answer.content
    assert answer.json()["status"] == "confirmed"
    assert answer.json()["supplier_status"] == "Confirmed"


def test_supplier_that_does_not_answer_is_502(
    api: APIClient, fake_vendor: FakeVendor
) -> None:
    order = sent_order()
    fake_vendor.orders["SO-70012"] = NotSent(  # type: ignore[assignment]
        "No connection.", kind=Kind.CONNECTION
    )

    answer = do(api, order, "refresh")

    assert answer.status_code == 502
    assert answer.json()["code"] == "supplier_unavailable"
    assert answer.json()["detail"] == "No connection."


def test_comment_and_another_buyer_over_rest(api: APIClient) -> None:
    order = make_order()
    make_user("colleague", "view_purchaseorder")

    said = do(api, order, "comment", comment="They promised to call back.")
    moved = do(api, order, "assign", buyer="colleague")

    assert (said.status_code, moved.status_code) == (200, 200)
    events = api.get(f"{ORDERS}{order.number}/events/").json()["results"]
    assert [(e["kind"], e["text"]) for e in events if e["kind"] != "created"] == [
        ("commented", "They promised to call back."),
        ("assigned", "From buyer to colleague."),
    ]
    assert do(api, order, "assign", buyer="colleague").json()["code"] == (
        "already_assigned"
    )
    assert list(do(api, order, "assign", buyer="x").json()["errors"]) == ["buyer"]
    assert list(do(api, order, "comment", comment=" ").json()["errors"]) == ["comment"]

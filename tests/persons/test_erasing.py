"""Erasing a customer: nothing is left of who it was, everything of what was bought."""

import json
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from openpyxl import Workbook

from procurement.access.models import IdempotencyRecord
from procurement.customers.models import Customer, CustomerLink
from procurement.customers.operations import change_customer
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.events.feed import newest, read_events
from procurement.imports.models import OrderImport
from procurement.logins.models import CustomerLoginToken
from procurement.orders.models import OrderEvent, OrderLine, PurchaseOrder
from procurement.orders.operations import create_order
from procurement.persons import operations
from procurement.persons.belonging import models_about
from procurement.persons.fields import all_models, classes, text_fields
from procurement.persons.models import Erasure
from procurement.persons.operations import erase_customer, work_off, work_off_all
from procurement.persons.preview import preview_of
from procurement.persons.words import KEYS, Words, wholes, with_parts
from procurement.suppliers.models import Exchange
from procurement.transmissions.models import Transmission
from tests.factories import line, make_order, make_supplier, make_user
from tests.parties import allow, make_customer
from tests.persons.world import (
    NAME,
    TOKEN,
    make_named_customer,
    models_with_rows,
    where_it_stands,
)

pytestmark = pytest.mark.django_db
MAY = ("persons.erase_person", "persons.export_person")


def keeper(name: str = "keeper") -> Any:
    return allow(make_user(name), *MAY)


def erased(customer: Customer, reason: str = "Asked by letter") -> Erasure:
    erasure = erase_customer(customer_id=customer.pk, actor=keeper(), reason=reason)
    assert work_off(erasure_id=erasure.pk)
    erasure.refresh_from_db()
    return erasure


def books() -> list[Any]:
    """What was bought, and how it went: everything an auditor adds up."""
    orders = PurchaseOrder.objects.order_by("pk").values_list(
        *("number", "total", "currency", "headline", "supplier_order_number"),
        *("approved_hash", "sent_at", "supplier_id", "shop_id", "customer_id"),
    )
    lines = OrderLine.objects.order_by("pk").values_list(
        "order_id", "position", "item_number", "quantity", "unit_price", "vat_percent"
    )
    events = OrderEvent.objects.exclude(kind="erased").order_by("pk")
    steps = events.values_list("order_id", "kind", "at", "actor_name", "status")
    sent = Transmission.objects.order_by("pk").values_list("subject", "state", "number")
    return [list(orders), list(lines), list(steps), list(sent)]


# --- the whole of it --------------------------------------------------------------


def test_nothing_is_left_of_a_customer_and_the_books_are_as_they_were() -> None:
    _, customer = make_named_customer()
    stood, kept = where_it_stands(), books()
    # It is everywhere it may be, or the test proves nothing.
    assert len(stood) > 60
    assert "suppliers_exchange.response_body" in stood
    assert "webhooks_delivery.body" in stood
    assert "imports_orderimport.content" in stood

    erasure = erased(customer, reason=f"{NAME} wrote a letter")

    assert where_it_stands() == []
    assert where_it_stands("9998877") == where_it_stands("70 999 88 77") == []
    assert books() == kept
    assert erasure.reason == "[erased] wrote a letter"
    assert erasure.sought == {}
    assert erasure.changed["orders"] == 3


def test_what_of_others_names_nobody_stays_as_it_was() -> None:
    _, customer = make_named_customer()
    other = make_customer("Someone Else", email="else@mail.example")
    order = make_order(make_supplier("eet"), customer=other, note="Mind the dog")
    before = PurchaseOrder.objects.values().get(pk=order.pk)

    erased(customer)

    assert PurchaseOrder.objects.values().get(pk=order.pk) == before
    other.refresh_from_db()
    assert (other.name, other.email) == ("Someone Else", "else@mail.example")


def test_what_was_sent_keeps_its_quantities_and_loses_its_addresses() -> None:
    _, customer = make_named_customer()
    orders = PurchaseOrder.objects.filter(customer=customer)
    sent = Transmission.objects.filter(subject__in=orders.values("number")).first()
    assert sent is not None
    assert sent.request["quantity"] == "6"

    erased(customer)

    sent.refresh_from_db()
    assert sent.request == {
        "said": "Call [erased] ([erased]) on [erased] tomorrow",
        "delivery_address": dict.fromkeys(("name", "street", "city"), "[erased]"),
        "changes": {
            "address.street": ["[erased]", "[erased]"],
            "note": ["", "[erased]"],
        },
        "quantity": "6",
    }


def test_answers_to_calls_of_a_shop_are_repeated_without_the_person() -> None:
    supplier, customer = make_supplier(), make_customer(NAME)
    order = make_order(supplier, customer=customer)
    PurchaseOrder.objects.update(fulfilment="cancelled")
    body = {
        "number": order.number,
        "total": "249.00",
        "delivery_address": {"name": "Somebody", "city": "Umea", "country_code": "SE"},
    }
    record = IdempotencyRecord.objects.create(
        source="api:shop", key="key:1", path="POST /api/v1/orders/", body_hash="x",
        status=201, body=json.dumps(body),
    )  # fmt: skip
    theirs = IdempotencyRecord.objects.create(
        source="api:shop", key="key:2", path="POST /api/v1/orders/", body_hash="x",
        status=201, body=json.dumps({**body, "number": "PO-1999-000001"}),
    )  # fmt: skip

    erased(customer)

    record.refresh_from_db()
    kept = json.loads(record.body)
    assert kept["number"] == order.number
    assert kept["total"] == "249.00"
    assert kept["delivery_address"]["city"] == "[erased]"
    theirs.refresh_from_db()
    assert json.loads(theirs.body)["delivery_address"]["city"] == "Umea"


def test_workbook_that_names_the_customer_is_emptied_and_no_other() -> None:
    customer = make_customer(NAME)
    buyer, files = make_user("buyer"), []
    for position, name in enumerate((NAME, "Somebody Else")):
        book, stream = Workbook(), BytesIO()
        book.active.append(["delivery name", name])
        book.save(stream)
        files.append(
            OrderImport.objects.create(
                name=f"{position}.xlsx",
                sha256=str(position).ljust(64, "0"),
                size=1,
                content=stream.getvalue(),
                uploaded_by=buyer,
            )
        )

    erased(customer)

    for each in files:
        each.refresh_from_db()
    assert [bool(each.content) for each in files] == [False, True]


# --- when it may be ---------------------------------------------------------------


def refusal(customer: Customer, actor: Any = None) -> str:
    before = Erasure.objects.count()
    with pytest.raises(OperationNotAllowed) as caught:
        erase_customer(
            customer_id=customer.pk, actor=actor or keeper(), reason="A letter"
        )
    assert Erasure.objects.count() == before
    return caught.value.text


def test_open_orders_stand_against_it_and_are_named() -> None:
    customer = make_customer(NAME)
    supplier = make_supplier()
    order = make_order(supplier, customer=customer)

    assert order.number in refusal(customer)
    PurchaseOrder.objects.update(
        approval="approved", approved_hash="x", transmission="sent",
        fulfilment="delivered", attention="Too few came",
    )  # fmt: skip
    assert order.number in refusal(customer)

    PurchaseOrder.objects.update(attention="")
    erased(customer)


def test_creating_it_at_a_supplier_stands_against_it_until_that_is_settled() -> None:
    customer, supplier = make_customer(NAME), make_supplier()
    link = CustomerLink.objects.create(
        customer=customer, supplier=supplier, subject="customer:1@x", state="unknown"
    )
    Transmission.objects.create(
        supplier=supplier, operation="create_customer", subject=link.subject,
        reference="CUSTOMER-1", is_test=True, request={}, state="unknown",
        next_attempt_at=timezone.now(),
    )  # fmt: skip

    assert "Settle that first" in refusal(customer)


def test_books_may_demand_it_for_a_time(settings: Any) -> None:
    settings.PERSONAL_DATA_KEEP_DAYS = 365
    customer, supplier = make_customer(NAME), make_supplier()
    make_order(supplier, customer=customer)
    PurchaseOrder.objects.update(fulfilment="cancelled")
    ended = timezone.now() - timedelta(days=364)
    PurchaseOrder.objects.update(state_since=ended)

    assert "PERSONAL_DATA_KEEP_DAYS" in refusal(customer)

    PurchaseOrder.objects.update(state_since=ended - timedelta(days=2))
    erased(customer)


def test_whoever_may_not_or_sees_a_part_alone_erases_nothing() -> None:
    world, customer = make_named_customer()
    assert "may not" in refusal(customer, make_user("stranger"))
    bound = allow(world.people["shop"], *MAY)
    assert "sees all orders" in refusal(customer, bound)


def test_reason_is_demanded() -> None:
    with pytest.raises(InvalidInput) as caught:
        erase_customer(customer_id=make_customer().pk, actor=keeper(), reason=" ")
    assert list(caught.value.errors) == ["reason"]


# --- afterwards -------------------------------------------------------------------


def test_erased_customer_is_no_longer_changed_ordered_for_or_logged_in() -> None:
    world, customer = make_named_customer()
    erased(customer)
    customer.refresh_from_db()
    buyer = make_user("buyer")

    with pytest.raises(OperationNotAllowed) as caught:
        change_customer(customer_id=customer.pk, actor=buyer, data={"name": "Back"})
    assert caught.value.code == "erased"
    with pytest.raises(InvalidInput) as invalid:
        create_order(
            actor=buyer,
            data={"supplier": world.supplier, "customer": customer, "lines": [line()]},
        )
    assert list(invalid.value.errors) == ["customer"]
    token = CustomerLoginToken.objects.get(customer=customer)
    assert token.state == "disconnected"
    assert customer.name == f"Erased customer {customer.pk}"


def test_other_systems_are_told() -> None:
    customer, supplier = make_customer(NAME), make_supplier()
    order = make_order(supplier, customer=customer)
    PurchaseOrder.objects.update(fulfilment="cancelled")
    cursor = newest(None)

    erased(customer)

    events = read_events(after=cursor, limit=10, user=None).events
    assert {(each.type, each.subject.id) for each in events} == {
        ("customer.erased", str(customer.pk)),
        ("order.erased", order.number),
    }
    assert all(TOKEN not in json.dumps(each.json()).lower() for each in events)


def test_one_that_breaks_off_goes_on_where_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, customer = make_named_customer()
    erasure = erase_customer(customer_id=customer.pk, actor=keeper(), reason="Letter")
    clean, calls = operations.clean_own, []

    def break_off(model: Any, *args: Any) -> int:
        calls.append(model._meta.label)
        if len(calls) == 5:
            raise RuntimeError("killed")
        return clean(model, *args)

    monkeypatch.setattr(operations, "clean_own", break_off)
    with pytest.raises(RuntimeError):
        work_off(erasure_id=erasure.pk)
    work_off_all()

    assert calls[4] == calls[5]
    assert len(set(calls)) == len(calls) - 1
    assert where_it_stands() == []
    erasure.refresh_from_db()
    assert erasure.ended_at is not None


def test_order_that_was_being_entered_meanwhile_is_waited_for() -> None:
    customer, supplier = make_customer(NAME), make_supplier()
    erasure = erase_customer(customer_id=customer.pk, actor=keeper(), reason="Letter")
    order = make_order(supplier, note=f"For {NAME}")
    PurchaseOrder.objects.update(customer=customer)

    assert not work_off(erasure_id=erasure.pk)
    erasure.refresh_from_db()
    assert erasure.remark == f"Waits for the end of {order.number}."
    order.refresh_from_db()
    assert order.note == f"For {NAME}"

    PurchaseOrder.objects.update(fulfilment="cancelled")
    assert work_off(erasure_id=erasure.pk)
    assert where_it_stands() == []


def test_it_may_be_erased_again_when_something_came_back() -> None:
    customer, supplier = make_customer(NAME), make_supplier()
    make_order(supplier, customer=customer)
    PurchaseOrder.objects.update(fulfilment="cancelled")
    erased(customer)
    PurchaseOrder.objects.update(delivery_name=NAME)
    Exchange.objects.create(
        conversation="00000000000040008000000000000000", supplier=supplier,
        purpose="list", method="GET", url="https://vendor.test/", duration_ms=1,
        response_body=f"<name>{NAME}</name>", started_at=timezone.now(),
    )  # fmt: skip

    erased(customer)

    assert where_it_stands() == []


def test_preview_says_what_would_be_touched_and_whose_is_left_alone() -> None:
    customer, supplier = make_customer(NAME), make_supplier()
    make_order(supplier, customer=customer)
    stranger = make_order(supplier)
    PurchaseOrder.objects.filter(pk=stranger.pk).update(delivery_name=NAME)

    preview = preview_of(customer)

    assert preview.others == [stranger.number]
    assert {row.table: row.count for row in preview.rows}["orders_purchaseorder"] == 1
    assert NAME in preview.far
    assert "open" in preview.reason


def test_command_previews_refuses_and_erases(capsys: Any) -> None:
    customer, supplier = make_customer(NAME), make_supplier()
    make_order(supplier, customer=customer)

    call_command("erase_person", "--customer", str(customer.pk), "--preview")
    assert "orders_purchaseorder: 1" in capsys.readouterr().out
    with pytest.raises(CommandError, match="are open"):
        call_command("erase_person", customer=customer.pk, reason="A letter")

    PurchaseOrder.objects.update(fulfilment="cancelled")
    call_command("erase_person", customer=customer.pk, reason="A letter")
    assert f"Customer {customer.pk} is erased." in capsys.readouterr().out
    assert where_it_stands() == []


# --- words ------------------------------------------------------------------------


def test_words_are_found_however_they_are_written() -> None:
    words = Words(wholes({"Åsa Öberg-Lind", "+46 70 123 45 67", "a'b@mail.example"}))

    for text in (
        "for ÅSA Öberg-Lind.",
        r'{"name": "\u00c5sa \u00d6berg-Lind"}',
        "q=%C3%85sa%20%C3%96berg-Lind&x=1",
        "q=%C3%85sa+%C3%96berg-Lind",
        "<to>a&#x27;b@mail.example</to>",
        "46701234567",
        "46-70-123 45 67",
        "070-123 45 67",
        "0046 (0)70 1234567",
    ):
        assert words.are_in(text), text
        assert "berg" not in words.out_of(text), text
    for text in ("Åsa Öberg-Lindgren", "1467012345678", "170-123 45 67", "Åsa"):
        assert not words.are_in(text), text


def test_short_names_and_bare_numbers_are_not_hunted_everywhere() -> None:
    assert wholes({"Bo", "Ek", "Nord", ""}) == ()
    assert with_parts({"100", "Bo Ekman", "90320"}) == ("Bo Ekman", "Ekman")
    assert with_parts({"Nord Verkstad"}, but=["extend-nord"]) == (
        "Nord Verkstad",
        "Verkstad",
    )


def test_members_of_json_are_emptied_by_name_whatever_they_say() -> None:
    words = Words((), KEYS)

    assert words.out_of('{"city":"Umea","quantity":"6","delivery_city":["A",""]}') == (
        '{"city":"[erased]","quantity":"6","delivery_city":["[erased]",""]}'
    )


# --- the table --------------------------------------------------------------------


def test_every_text_in_the_database_is_classified() -> None:
    """Say in `persons.fields` what a new field may hold of a person."""
    known = classes()
    there = {
        model._meta.label: {field.name for field in text_fields(model)}
        for model in all_models()
    }
    there = {label: names for label, names in there.items() if names}

    assert {label: set(names) for label, names in known.items()} == there


def test_world_of_these_tests_has_rows_of_nearly_everything_about_a_customer() -> None:
    make_named_customer()

    missing = {
        "approvals.ApprovalStep", "customers.CustomerLink", "fulfilment.Shipment",
        "fulfilment.Package", "fulfilment.GoodsReceipt", "fulfilment.SupplierInvoice",
        "catalogue.OrderCheck", "troubles.TroubleOwner", "access.IdempotencyRecord",
        "logins.LoginEvent",
    }  # fmt: skip
    labels = {model._meta.label for model in models_about()}
    assert labels - models_with_rows() <= missing

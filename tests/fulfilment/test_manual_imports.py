"""Files of steps: all of a file is recorded, through the operations, or nothing."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.fulfilment.imports import (
    Outcome,
    apply_import,
    preview_import,
    store_import,
)
from procurement.fulfilment.models import StepImport
from procurement.fulfilment.operations import receive_goods
from procurement.fulfilment.shipments import record_shipment
from procurement.orders.models import OrderEvent, PurchaseOrder
from tests.factories import line, make_approved_order, make_user
from tests.fulfilment.test_recording import sent_order

pytestmark = pytest.mark.django_db

HEADER = (
    "step;order;position;item_number;quantity;date;number;amount;price;carrier;"
    "parcels;final;evidence;document"
)
RECORDING = (
    "confirm_purchaseorder",
    "ship_purchaseorder",
    "receive_purchaseorder",
    "invoice_purchaseorder",
    "cancel_purchaseorder",
)


def row(step: str, order: object, **cells: str) -> str:
    values = {"step": step, "order": str(order), "evidence": "Mail.", **cells}
    return ";".join(values.get(name, "") for name in HEADER.split(";"))


def bring(*rows: str, name: str = "steps.csv", actor: User | None = None) -> StepImport:
    return store_import(
        actor=actor or clerk(),
        name=name,
        content="\n".join([HEADER, *rows]).encode(),
    )


def clerk(*without: str) -> User:
    user = make_user("clerk", *(name for name in RECORDING if name not in without))
    return User.objects.get(pk=user.pk)


def look(stored: StepImport) -> list[Outcome]:
    return preview_import(stored, actor=clerk())


def failed(stored: StepImport) -> Outcome:
    """The one row that is wrong; those of the same step are left out with it."""
    outcomes = look(stored)
    (found,) = [each for each in outcomes if each.how == "failed"]
    assert all(each.how == "skipped" for each in outcomes if each is not found)
    return found


def record(stored: StepImport) -> list[tuple[int, str, str]]:
    done = apply_import(import_id=stored.pk, sha256=stored.sha256, actor=clerk())
    return [(each["line"], each["how"], each["text"]) for each in done.result]


def hows(outcomes: list[Any]) -> list[str]:
    return [each.how if isinstance(each, Outcome) else each[1] for each in outcomes]


def state() -> list[Any]:
    """All that an import may change."""
    return [
        list(PurchaseOrder.objects.order_by("pk").values_list("version", "fulfilment")),
        OrderEvent.objects.count(),
    ]


# --- the good path ----------------------------------------------------------------


def test_every_step_of_a_file_is_recorded_in_its_order() -> None:
    order = sent_order(lines=[line("A"), line("B")])
    stored = bring(
        row("confirmation", order, position="1", quantity="6", date="2031-04-09"),
        row("confirmation", order, item_number="B", price="41,50"),
        row(
            "shipment",
            order,
            position="1",
            quantity="4",
            date="8.4.2026",
            number="DN-1",
            carrier="PostNord",
            parcels="373400 373401",
        ),
        row("cancellation", order, position="1", quantity="2"),
        row("delivery", order, position="1", quantity="4", number="DN-1"),
        row("invoice", order, number="F-1", date="2026-04-10", amount="415,00"),
    )

    assert hows(look(stored)) == ["done"] * 6
    assert hows(record(stored)) == ["done"] * 6

    order.refresh_from_db()
    first, second = order.lines.all()
    assert (first.quantity_shipped, first.quantity_received) == (4, 4)
    assert (first.quantity_cancelled, first.fulfilment) == (2, "delivered")
    assert (second.is_confirmed, second.fulfilment) == (True, "confirmed")
    assert order.is_invoiced
    shipment = order.shipments.get()
    assert [str(each) for each in shipment.packages.all()] == ["373400", "373401"]
    assert order.receipts.get().document == "DN-1"
    stored.refresh_from_db()
    assert stored.applied_at is not None


def test_event_names_the_file_and_the_line_as_evidence() -> None:
    order = sent_order()

    record(bring(row("confirmation", order), name="C:/april.csv"))

    event = order.events.get(kind="confirmed")
    assert event.actor_name == "clerk"
    assert event.text == "Confirmed by hand: Mail. [april.csv, line 2]"


def test_order_is_found_by_the_suppliers_number() -> None:
    order = sent_order()

    record(bring(row("confirmation", "SO-1")))

    order.refresh_from_db()
    assert order.fulfilment == "confirmed"


def test_row_without_a_line_is_of_all_that_is_open() -> None:
    order = sent_order(lines=[line("A"), line("B")])

    record(bring(row("shipment", order, number="DN-1")))

    order.refresh_from_db()
    assert order.fulfilment == "shipped"


# --- looking first, and nothing half ----------------------------------------------


def test_looking_writes_nothing() -> None:
    order = sent_order()
    stored = bring(row("shipment", order, number="DN-1"))
    before = state()

    assert hows(look(stored)) == ["done"]

    assert state() == before
    assert not order.shipments.exists()


def test_one_bad_row_leaves_nothing_recorded() -> None:
    good = sent_order()
    bad = make_approved_order(good.supplier)
    stored = bring(row("confirmation", good), row("confirmation", bad))
    before = state()

    assert record(stored) == [
        (2, "skipped", "Nothing of the file was recorded, since other rows failed."),
        (3, "failed", f"{bad} was not sent: not sent."),
    ]

    assert state() == before
    stored.refresh_from_db()
    assert stored.applied_at is None


def test_state_that_changed_after_the_look_is_said_and_nothing_recorded() -> None:
    good = sent_order()
    other = make_approved_order(good.supplier)
    PurchaseOrder.objects.filter(pk=other.pk).update(transmission="sent")
    stored = bring(
        row("confirmation", good),
        row("shipment", other, position="1", quantity="6", number="DN-1"),
    )
    assert hows(look(stored)) == ["done", "done"]
    record_shipment(
        order_id=other.pk,
        actor=clerk(),
        number="DN-0",
        evidence="Phone.",
        quantities={1: Decimal(1)},
    )

    assert record(stored)[1] == (
        3,
        "failed",
        "Line 1 has 5 left to ship, not 6.",
    )
    good.refresh_from_db()
    assert good.fulfilment == "none"


def test_refusal_of_an_operation_stands_at_its_cell() -> None:
    order = sent_order(lines=[line("A"), line("B")])
    stored = bring(
        row("shipment", order, position="1", quantity="6", number="DN-1"),
        row("shipment", order, position="2", quantity="7", number="DN-1"),
        row("invoice", order, number="F-1", date="2999-01-01", amount="1"),
        row("invoice", order, number="F-2", date="2026-01-01", amount="1,005"),
    )

    found = {
        (each.line, each.column): each.text
        for each in look(stored)
        if each.how == "failed"
    }

    assert found[3, "quantity"] == "Line 2 has 6 left to ship, not 7."
    assert found[4, "date"] == "That day is still to come."
    assert (5, "amount") in found


@pytest.mark.parametrize(
    ("cells", "column", "text"),
    [
        ({"position": "7", "quantity": "1"}, "position", "There is no line 7."),
        ({"item_number": "Z", "quantity": "1"}, "item_number", "no line of this item"),
        (
            {"item_number": "A", "quantity": "1"},
            "item_number",
            "It is on the lines 1, 2. Write the position.",
        ),
        (
            {"position": "3", "item_number": "A", "quantity": "1"},
            "item_number",
            "Line 3 is item B; which is meant?",
        ),
    ],
)
def test_line_that_cant_be_told_is_named(
    cells: dict[str, str], column: str, text: str
) -> None:
    order = sent_order(lines=[line("A"), line("A"), line("B")])

    (found,) = look(bring(row("shipment", order, number="DN-1", **cells)))

    assert (found.how, found.column) == ("failed", column)
    assert text in found.text


def test_order_that_cant_be_told_is_named() -> None:
    first = sent_order()
    second = make_approved_order(first.supplier)
    PurchaseOrder.objects.filter(pk=second.pk).update(supplier_order_number="SO-1")

    unknown, twofold = look(
        bring(row("confirmation", "PO-0"), row("confirmation", "SO-1"))
    )

    assert (unknown.column, twofold.column) == ("order", "order")
    assert "There is no order of this number" in unknown.text
    assert f"It may be {first} of Extend Nord, {second} of Extend" in twofold.text


def test_rows_of_one_step_that_disagree_are_named() -> None:
    order = sent_order(lines=[line("A"), line("B")])

    found = failed(
        bring(
            row("shipment", order, position="1", quantity="1", number="D", carrier="X"),
            row("shipment", order, position="2", quantity="1", number="D", carrier="Y"),
        )
    )

    assert (found.line, found.column) == (3, "carrier")
    assert "Line 2 says otherwise of the same shipment." in found.text


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([{"position": "1", "quantity": "1"}] * 2, "is in this step twice"),
        ([{"position": "1", "quantity": "1"}, {}], "there are rows of lines"),
    ],
)
def test_line_twice_in_a_step_is_named(rows: list[dict[str, str]], text: str) -> None:
    order = sent_order()

    found = failed(
        bring(*(row("shipment", order, number="DN-1", **cells) for cells in rows))
    )

    assert (found.line, found.column) == (3, "position")
    assert text in found.text


def test_invoice_twice_in_a_file_is_named() -> None:
    order = sent_order()
    same = {"number": "F-1", "date": "2026-01-01"}

    found = failed(
        bring(
            row("invoice", order, amount="100", **same),
            row("invoice", order, amount="149", **same),
        )
    )

    assert found.text == "Line 2 is the same invoice already."


def test_step_the_person_may_not_is_refused() -> None:
    order = sent_order()
    stored = bring(
        row("invoice", order, number="F-1", date="2026-01-01", amount="249"),
        actor=clerk("invoice_purchaseorder"),
    )

    (found,) = preview_import(stored, actor=stored.uploaded_by)

    assert (found.how, found.column) == ("failed", "step")
    assert found.text == "You may not: Record invoice."


# --- the same again ---------------------------------------------------------------


def test_same_file_again_is_refused() -> None:
    order = sent_order()
    record(bring(row("confirmation", order)))

    with pytest.raises(OperationNotAllowed) as refused:
        bring(row("confirmation", order))

    assert "This very file was recorded on" in refused.value.text
    assert "by clerk, as steps.csv" in refused.value.text


def test_same_file_is_not_recorded_twice_by_two_people() -> None:
    order = sent_order()
    stored = bring(row("cancellation", order, position="1", quantity="1"))
    other = make_user("other", *RECORDING)
    again = bring(row("cancellation", order, position="1", quantity="1"), actor=other)
    record(stored)

    with pytest.raises(OperationNotAllowed, match="This very file was recorded"):
        apply_import(import_id=again.pk, sha256=again.sha256, actor=other)

    assert order.lines.get().quantity_cancelled == 1


def test_rows_recorded_before_are_skipped_in_a_longer_file() -> None:
    order = sent_order(lines=[line("A"), line("B")])
    old = [
        row("confirmation", order, position="1", quantity="6", date="2031-04-09"),
        row("cancellation", order, position="2", quantity="1"),
        row("shipment", order, position="1", quantity="4", number="DN-1"),
        row("delivery", order, position="1", quantity="4", number="DN-1"),
        row("invoice", order, number="F-1", date="2026-04-10", amount="166"),
    ]
    record(bring(*old))
    longer = bring(
        *old, row("shipment", order, position="1", quantity="2", number="DN-2")
    )

    assert hows(look(longer)) == ["skipped"] * 5 + ["done"]
    assert hows(record(longer)) == ["skipped"] * 5 + ["done"]

    first, second = order.lines.all()
    assert (first.quantity_shipped, first.quantity_received) == (6, 4)
    assert second.quantity_cancelled == 1
    assert order.invoices.count() == 1


def test_what_was_recorded_on_the_screen_is_skipped() -> None:
    order = sent_order()
    actor = clerk()
    record_shipment(
        order_id=order.pk,
        actor=actor,
        number="DN-1",
        evidence="Phone.",
        quantities={1: Decimal(4)},
    )
    receive_goods(
        order_id=order.pk,
        actor=actor,
        quantities={1: Decimal(4)},
        document="DN-1",
    )

    shipped, counted = look(
        bring(
            row("shipment", order, position="1", quantity="4", number="DN-1"),
            row("delivery", order, position="1", quantity="4", number="DN-1"),
        )
    )

    assert (shipped.how, shipped.text) == (
        "skipped",
        "Shipment DN-1 is recorded already.",
    )
    assert (counted.how, counted.text) == (
        "skipped",
        "Delivery note DN-1 is counted in already.",
    )


def test_known_document_with_other_quantities_is_refused() -> None:
    order = sent_order()
    record(
        bring(
            row("shipment", order, position="1", quantity="4", number="DN-1"),
            row("delivery", order, position="1", quantity="4", number="DN-1"),
        )
    )

    shipped, counted = look(
        bring(
            row("shipment", order, position="1", quantity="2", number="DN-1"),
            row("delivery", order, position="1", quantity="2", number="DN-1"),
        )
    )

    assert shipped.text == f"Shipment DN-1 of {order} is recorded already."
    assert (counted.column, counted.how) == ("quantity", "failed")
    assert "4 of line 1 is counted in already" in counted.text


# --- whose file it is -------------------------------------------------------------


def test_only_who_brought_it_records_it_and_only_what_was_looked_at() -> None:
    order = sent_order()
    stored = bring(row("confirmation", order))
    other = make_user("other", *RECORDING)

    with pytest.raises(OperationNotAllowed, match="the person who brought it: clerk"):
        apply_import(import_id=stored.pk, sha256=stored.sha256, actor=other)
    with pytest.raises(OperationNotAllowed, match="not the file you looked at"):
        apply_import(import_id=stored.pk, sha256="0" * 64, actor=clerk())

    order.refresh_from_db()
    assert order.fulfilment == "none"


def test_file_brought_twice_before_recording_is_one() -> None:
    order = sent_order()

    assert bring(row("confirmation", order)) == bring(row("confirmation", order))


@pytest.mark.parametrize("content", [b"", b"x" * 1_000_001, b"colour\nred"])
def test_file_that_will_not_do_is_not_kept(content: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        store_import(actor=clerk(), name="x.csv", content=content)

    assert list(refused.value.errors) == ["file"]
    assert not StepImport.objects.exists()

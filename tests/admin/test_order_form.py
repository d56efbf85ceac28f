from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from procurement.approvals.operations import approve_order
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import change_order, submit_order
from procurement.orders.states import Approval
from tests.admin.conftest import Browser
from tests.admin.pages import (
    NEW_ORDER,
    ORDERS,
    filled_in,
    order_page,
    said,
    text_of,
)
from tests.factories import (
    line,
    make_approved_order,
    make_order,
    make_queued_order,
    make_supplier,
    make_user,
)


@pytest.fixture
def buyer(browser: Browser) -> Client:
    return browser("buyer", "Buyer")


def new_order(client: Client, **changes: object) -> dict[str, object]:
    supplier = make_supplier()
    posted = filled_in(client, NEW_ORDER)
    return {
        **posted,
        "supplier": supplier.pk,
        "buyer": make_user("buyer").pk,
        "lines-TOTAL_FORMS": 1,
        "lines-0-item_number": "SKU-4410",
        "lines-0-quantity": "6",
        "lines-0-unit_price": "41.50",
        **changes,
    }


def test_new_order_is_a_draft_with_an_event(buyer: Client) -> None:
    answer = buyer.post(NEW_ORDER, new_order(buyer))

    assert answer.status_code == 302
    order = PurchaseOrder.objects.get()
    assert (order.approval, order.currency) == (Approval.DRAFT, "SEK")
    assert order.total == Decimal("249.00")
    assert [event.kind for event in order.events.all()] == ["created"]


def test_faults_stand_at_their_fields_and_nothing_is_lost(buyer: Client) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    answer = buyer.post(
        NEW_ORDER,
        new_order(
            buyer,
            **{
                "requested_date": yesterday.isoformat(),
                "delivery_country_code": "sweden"[:2],
                "note": "Ring first.",
                "lines-0-quantity": "-1",
            },
        ),
    )

    assert answer.status_code == 200
    form = answer.context["adminform"].form
    (lines,) = answer.context["inline_admin_formsets"]
    assert form.errors["requested_date"] == ["Give a day that is not past."]
    assert "two capital letters" in form.errors["delivery_country_code"][0]
    assert form["note"].value() == "Ring first."
    assert not PurchaseOrder.objects.exists()

    answer = buyer.post(NEW_ORDER, new_order_again(answer, quantity="-1"))
    (lines,) = answer.context["inline_admin_formsets"]
    assert lines.formset.errors[0]["quantity"] == ["Give a quantity above 0."]


def new_order_again(answer: object, *, quantity: str) -> dict[str, object]:
    posted = dict(answer.context["request"].POST.items())  # type: ignore[attr-defined]
    return {
        **posted,
        "requested_date": "",
        "delivery_country_code": "SE",
        "lines-0-quantity": quantity,
    }


@pytest.mark.parametrize(
    "typed", ["1e400", "NaN", "Infinity", "0.1.2", "six", "0.12345"]
)
def test_only_exact_numbers_are_taken(buyer: Client, typed: str) -> None:
    answer = buyer.post(NEW_ORDER, new_order(buyer, **{"lines-0-unit_price": typed}))

    assert answer.status_code == 200
    assert not PurchaseOrder.objects.exists()


def test_price_is_kept_to_the_last_digit(buyer: Client) -> None:
    buyer.post(NEW_ORDER, new_order(buyer, **{"lines-0-unit_price": "0.1001"}))

    (saved,) = PurchaseOrder.objects.get().lines.all()
    assert saved.unit_price == Decimal("0.1001")


def test_order_without_a_line_is_refused(buyer: Client) -> None:
    answer = buyer.post(NEW_ORDER, new_order(buyer, **{"lines-TOTAL_FORMS": 0}))

    assert "Give one line or more." in text_of(answer)


def test_saving_unchanged_changes_nothing(buyer: Client) -> None:
    order = make_order(lines=[line(position=10), line("SKU-2", position=30)])

    answer = buyer.post(order_page(order), filled_in(buyer, order_page(order)))

    assert answer.status_code == 302
    assert order.events.count() == 1
    assert [each.position for each in order.lines.all()] == [10, 30]


def test_change_goes_through_the_operation(buyer: Client) -> None:
    order = make_order()
    posted = filled_in(buyer, order_page(order))

    buyer.post(order_page(order), {**posted, "lines-0-quantity": "7"})

    order.refresh_from_db()
    assert order.total == Decimal("290.50")
    assert order.events.last().kind == "changed"


def test_edit_of_an_approved_order_takes_the_approval_away(buyer: Client) -> None:
    order = make_approved_order()
    address = f"{order_page(order)}?edit=1"
    page = buyer.get(address)
    assert "takes that away" in text_of(page)

    buyer.post(address, {**filled_in(buyer, address), "lines-0-unit_price": "42"})

    order.refresh_from_db()
    assert (order.approval, order.approved_hash) == (Approval.DRAFT, "")
    assert order.events.last().kind == "approval_void"


def test_approved_order_opens_without_a_form(buyer: Client) -> None:
    page = text_of(buyer.get(order_page(make_approved_order())))

    assert 'name="lines-0-quantity"' not in page
    assert "?edit=1" in page


def test_change_of_what_was_changed_meanwhile_is_refused_and_kept(
    buyer: Client,
) -> None:
    order = make_order()
    posted = filled_in(buyer, order_page(order))
    change_order(
        order_id=order.pk,
        actor=make_user("colleague"),
        data={"lines": [line(quantity=Decimal(2)), line("SKU-9")]},
    )

    answer = buyer.post(order_page(order), {**posted, "note": "Ring first."})

    assert answer.status_code == 200
    page = text_of(answer)
    assert "was changed meanwhile" in page
    assert "Ring first." in page
    (lines,) = answer.context["inline_admin_formsets"]
    assert lines.formset.forms[0]["quantity"].value() == "6"
    order.refresh_from_db()
    assert order.note == ""
    assert order.lines.count() == 2


def test_form_opened_before_the_order_went_off_is_refused_and_kept(
    buyer: Client,
) -> None:
    order = make_order()
    posted = filled_in(buyer, order_page(order))
    submit_order(order_id=order.pk, actor=order.buyer)
    approve_order(order_id=order.pk, actor=make_user("approver"))
    PurchaseOrder.objects.filter(pk=order.pk).update(transmission="sent")

    answer = buyer.post(order_page(order), {**posted, "note": "Ring first."})

    assert answer.status_code == 200
    assert "Ring first." in text_of(answer)
    order.refresh_from_db()
    assert order.note == ""


def test_queued_order_has_no_form_and_no_way_to_one(buyer: Client) -> None:
    order, _ = make_queued_order()

    page = text_of(buyer.get(f"{order_page(order)}?edit=1"))

    assert 'name="lines-0-quantity"' not in page
    assert "?edit=1" not in page


def test_states_are_never_taken_from_a_form(buyer: Client) -> None:
    order = make_order()
    posted = filled_in(buyer, order_page(order))

    buyer.post(
        order_page(order),
        {
            **posted,
            "note": "x",
            "approval": "approved",
            "approved_hash": "y",
            "transmission": "sent",
            "total": "1",
        },
    )

    order.refresh_from_db()
    assert (order.note, order.approval, order.transmission) == ("x", "draft", "none")
    assert order.total == Decimal("249.00")


def test_line_is_taken_out_and_another_put_in(buyer: Client) -> None:
    order = make_order(lines=[line(), line("SKU-2")])
    posted = filled_in(buyer, order_page(order))

    buyer.post(
        order_page(order),
        {
            **posted,
            "lines-0-DELETE": "on",
            "lines-TOTAL_FORMS": 3,
            "lines-2-item_number": "SKU-3",
            "lines-2-quantity": "1",
            "lines-2-unit_price": "5",
        },
    )

    saved = [(each.position, each.item_number) for each in order.lines.all()]
    assert saved == [(2, "SKU-2"), (3, "SKU-3")]


def test_taken_reference_is_named_at_the_top(buyer: Client) -> None:
    make_order(external_reference="WEB-1")
    other = make_order(make_supplier("eet"))
    posted = filled_in(buyer, order_page(other))

    answer = buyer.post(order_page(other), {**posted, "external_reference": "WEB-1"})

    assert "external reference WEB-1 already" in text_of(answer)


def test_orders_are_never_deleted(superuser: Client) -> None:
    order = make_order()

    assert superuser.post(f"{ORDERS}{order.pk}/delete/").status_code == 403
    assert PurchaseOrder.objects.filter(pk=order.pk).exists()


def test_without_the_permission_there_is_no_form(browser: Browser) -> None:
    order = make_order()
    approver = browser("approver", "Approver")

    assert 'name="note"' not in text_of(approver.get(order_page(order)))
    assert approver.post(order_page(order), {"note": "x"}).status_code == 403
    assert approver.get(NEW_ORDER).status_code == 403


def test_saved_order_is_confirmed_in_words(buyer: Client) -> None:
    order = make_order()
    posted = filled_in(buyer, order_page(order))

    answer = buyer.post(order_page(order), {**posted, "note": "x"}, follow=True)

    assert order.number in said(answer)

"""Links from mails: they show to whoever opens them, and decide once."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from procurement.approvals.links import make_link
from procurement.approvals.models import ApprovalDecision, ApprovalLink
from procurement.approvals.operations import approve_order, return_order
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.orders.operations import change_order, submit_order
from tests.admin.pages import text_of
from tests.approvals.people import approver, level, make_rule, pending, stand_in
from tests.asserting import refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead(db: None) -> User:
    return approver("lead")


@pytest.fixture
def order(lead: User) -> PurchaseOrder:
    make_rule(level("Lead", lead, approver("other")))
    return pending()


def post(link: str, decision: str, comment: str = "") -> Any:
    return Client().post(link, {"decision": decision, "comment": comment})


def approval(order: PurchaseOrder) -> str:
    order.refresh_from_db()
    return order.approval


def test_page_shows_what_is_decided_about(order: PurchaseOrder, lead: User) -> None:
    page = Client().get(make_link(order.pk, lead))

    shown = text_of(page)
    for text in (order.number, "Extend Nord", "SKU-4410", "249.00", "buyer", "Lead"):
        assert text in shown
    assert "no-store" in page["Cache-Control"]
    assert "noindex" in page["X-Robots-Tag"]
    # `no-referrer` would have the browser post the origin `null`, which is refused.
    assert page["Referrer-Policy"] == "strict-origin"
    assert "<script" not in shown
    assert " style=" not in shown


def test_scanner_that_opens_it_changes_nothing(
    order: PurchaseOrder, lead: User
) -> None:
    link = make_link(order.pk, lead)
    events = order.events.count()

    for _ in range(2):
        assert Client().get(link).status_code == 200
        assert Client().head(link).status_code == 200
    assert Client().put(link).status_code == 405

    assert approval(order) == "pending"
    assert order.events.count() == events
    assert not ApprovalDecision.objects.exists()
    assert ApprovalLink.objects.get().used_at is None


def test_post_needs_the_token_of_the_form(order: PurchaseOrder, lead: User) -> None:
    link = make_link(order.pk, lead)
    browser = Client(enforce_csrf_checks=True)
    assert browser.post(link, {"decision": "approve"}).status_code == 403
    assert approval(order) == "pending"

    token = browser.get(link).context["csrf_token"]
    form = {"decision": "approve", "csrfmiddlewaretoken": str(token)}
    assert browser.post(link, form).status_code == 200
    assert approval(order) == "approved"


def test_link_approves_as_the_person_it_was_made_for(
    order: PurchaseOrder, lead: User
) -> None:
    done = post(make_link(order.pk, lead), "approve", "Fine.")

    assert f"{order} is approved." in text_of(done)
    assert done["Referrer-Policy"] == "no-referrer"
    event = order.events.last()
    assert event is not None
    assert (event.actor, event.text) == (lead, "Level 1 of 1, Lead. Fine. By link.")


@pytest.mark.parametrize(
    ("decision", "state"), [("return", "returned"), ("reject", "rejected")]
)
def test_saying_no_takes_a_comment(
    order: PurchaseOrder, lead: User, decision: str, state: str
) -> None:
    link = make_link(order.pk, lead)

    silent = post(link, decision)
    assert silent.status_code == 400
    assert "Say why" in text_of(silent)
    assert approval(order) == "pending"

    post(link, decision, "Too dear.")
    assert approval(order) == state


def test_unknown_decision_is_asked_for_again(order: PurchaseOrder, lead: User) -> None:
    assert post(make_link(order.pk, lead), "buy").status_code == 400
    assert approval(order) == "pending"


def test_link_decides_once(order: PurchaseOrder, lead: User) -> None:
    link = make_link(order.pk, lead)
    post(link, "return", "Cheaper.")
    submit_order(order_id=order.pk, actor=order.buyer)

    again = post(link, "approve")

    assert again.status_code == 410
    assert "used already" in text_of(again)
    assert approval(order) == "pending"


def test_expired_link_decides_nothing(
    order: PurchaseOrder, lead: User, time_machine: Any
) -> None:
    link = make_link(order.pk, lead)
    time_machine.move_to(timezone.now() + timedelta(hours=73))

    assert "has expired" in text_of(post(link, "approve"))
    assert approval(order) == "pending"


def test_changed_order_is_not_approved_by_a_link(
    order: PurchaseOrder, lead: User
) -> None:
    link = make_link(order.pk, lead)
    OrderLine.objects.filter(order=order).update(quantity=600)

    assert "was changed since" in text_of(post(link, "approve"))
    assert approval(order) == "pending"

    OrderLine.objects.filter(order=order).update(quantity=6)
    change_order(order_id=order.pk, actor=order.buyer, data={"note": "Ring."})
    assert "does not wait for approval" in text_of(post(link, "approve"))


def test_link_is_for_one_asking(order: PurchaseOrder, lead: User) -> None:
    link = make_link(order.pk, lead)
    return_order(order_id=order.pk, actor=approver("other"), comment="Why?")
    submit_order(order_id=order.pk, actor=order.buyer)

    assert "asked for again" in text_of(post(link, "approve"))
    assert approval(order) == "pending"


def test_link_of_somebody_no_longer_entitled_decides_nothing(
    order: PurchaseOrder, lead: User
) -> None:
    link = make_link(order.pk, lead)
    lead.is_active = False
    lead.save()

    assert "may not approve" in text_of(post(link, "approve"))
    assert approval(order) == "pending"


def test_link_of_a_stand_in_ends_with_its_days(
    order: PurchaseOrder, lead: User, time_machine: Any
) -> None:
    anna = approver("anna")
    stand_in(anna, lead)
    link = make_link(order.pk, anna)
    time_machine.move_to(timezone.now() + timedelta(days=2))

    assert "other people decide" in text_of(post(link, "approve"))
    assert approval(order) == "pending"


def test_no_link_for_whom_it_does_not_wait(order: PurchaseOrder, lead: User) -> None:
    for user in (order.buyer, approver("somebody")):
        refusal(make_link, order_id=order.pk, approver=user)
    approve_order(order_id=order.pk, actor=lead)
    refusal(make_link, order_id=order.pk, approver=lead)

    assert not ApprovalLink.objects.exists()


def test_own_order_is_not_approved_by_link_either(settings: Any, lead: User) -> None:
    settings.ALLOW_SELF_APPROVAL = True
    order = pending(actor=lead)
    link = make_link(order.pk, lead)

    settings.ALLOW_SELF_APPROVAL = False
    assert "your own order" in text_of(post(link, "approve"))
    assert approval(order) == "pending"


def test_token_is_kept_only_as_a_hash(order: PurchaseOrder, lead: User) -> None:
    token = make_link(order.pk, lead).split("/")[-2]

    assert token not in str(ApprovalLink.objects.values().get())
    assert Client().get("/approve/something-else/").status_code == 404


def test_link_is_absolute_where_the_address_is_known(
    settings: Any, order: PurchaseOrder, lead: User
) -> None:
    assert make_link(order.pk, lead).startswith("/approve/")

    settings.PUBLIC_URL = "https://buy.example/"
    link = urlsplit(make_link(order.pk, lead))
    assert (link.scheme, link.netloc) == ("https", "buy.example")
    assert link.path.startswith("/approve/")


def test_login_may_be_demanded_and_others_are_turned_away(
    settings: Any, order: PurchaseOrder, lead: User
) -> None:
    settings.APPROVAL_LINKS_NEED_LOGIN = True
    link = make_link(order.pk, lead)
    stranger, owner = Client(), Client()
    stranger.force_login(approver("stranger"))
    owner.force_login(lead)

    assert "Log in first" in text_of(post(link, "approve"))
    refused = stranger.post(link, {"decision": "approve"})
    assert "for somebody else" in text_of(refused)
    assert approval(order) == "pending"

    owner.post(link, {"decision": "approve"})
    assert approval(order) == "approved"

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from procurement.approvals.models import ApprovalDecision
from procurement.approvals.operations import approve_order
from procurement.orders import actions
from procurement.orders.actions import Input, OrderAction
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import change_order, submit_order
from tests.admin.conftest import Browser, member
from tests.admin.pages import said, text_of
from tests.approving.making import QUEUE, decide, screen, waiting
from tests.factories import line, make_supplier, make_user


@pytest.fixture
def approver(browser: Browser) -> Client:
    return browser("anna", "Approver")


def approval(order: PurchaseOrder) -> str:
    order.refresh_from_db()
    return order.approval


def test_get_decides_nothing(approver: Client) -> None:
    order = waiting()

    approver.get(screen(order), {"decision": "approve", "version": order.version})

    assert approval(order) == "pending"


def test_post_without_the_token_is_refused(db: None) -> None:
    order = waiting()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(member("anna", "Approver"))

    answer = strict.post(screen(order), {"decision": "approve", "version": 2})

    assert (answer.status_code, approval(order)) == (403, "pending")


@pytest.mark.parametrize(
    ("name", "comment", "becomes"),
    [
        ("approve", "", "approved"),
        ("approve", "Fine.", "approved"),
        ("return", "Too many.", "returned"),
        ("reject", "No need.", "rejected"),
    ],
)
def test_decision_is_taken_with_its_comment(
    approver: Client, name: str, comment: str, becomes: str
) -> None:
    order = waiting()

    decide(approver, order, name, comment=comment)

    assert approval(order) == becomes
    decision = ApprovalDecision.objects.get()
    assert (decision.comment, decision.decided_by.username) == (comment, "anna")


def test_next_one_opens_with_word_of_the_last(approver: Client) -> None:
    supplier = make_supplier()
    first, second, third = (waiting(supplier) for _ in range(3))

    answer = decide(approver, second, "approve")

    assert answer.redirect_chain == [(screen(third), 302)]
    assert said(answer) == (
        f"{second.number}: “Approve” is done. It is now: Approved. This is the next "
        "one."
    )
    answer = decide(approver, third, "approve")
    assert answer.redirect_chain == [(screen(first), 302)]
    answer = decide(approver, first, "approve")
    assert answer.redirect_chain == [(QUEUE, 302)]
    assert "Nothing else waits for you." in said(answer)


def test_skipping_goes_round(approver: Client) -> None:
    supplier = make_supplier()
    first = waiting(supplier)
    assert approver.get(screen(first)).context["skip_url"] == ""

    second = waiting(supplier)
    assert approver.get(screen(first)).context["skip_url"] == screen(second)
    assert approver.get(screen(second)).context["skip_url"] == screen(first)


@pytest.mark.parametrize("name", ["return", "reject"])
def test_declining_without_a_word_is_refused(approver: Client, name: str) -> None:
    order = waiting()

    answer = decide(approver, order, name, comment="  ")

    assert approval(order) == "pending"
    assert answer.context["refusal"]
    assert 'role="alert"' in text_of(answer)


def test_changed_meanwhile_is_refused_and_what_was_typed_is_kept(
    approver: Client,
) -> None:
    order = waiting()
    seen = order.version
    change_order(
        order_id=order.pk, actor=order.buyer, data={"lines": [line(quantity=8)]}
    )
    submit_order(order_id=order.pk, actor=order.buyer)

    answer = decide(approver, order, "approve", version=seen, comment="Go on, & <b>.")

    assert approval(order) == "pending"
    page = text_of(answer)
    assert "was changed while you were looking at it" in page
    assert "Go on, &amp; &lt;b&gt;.</textarea>" in page
    assert f'name="version" value="{order.version}"' in page
    assert answer.context["total"] == "332.00\N{NO-BREAK SPACE}SEK"


@pytest.mark.parametrize("version", ["", "x"])
def test_approval_without_a_version_is_refused(approver: Client, version: str) -> None:
    order = waiting()

    answer = decide(approver, order, "approve", version=version)

    assert approval(order) == "pending"
    assert "The page was out of date." in answer.context["refusal"]


@pytest.mark.parametrize("decision", ["", "send", "cancel", "nonsense"])
def test_only_decisions_are_taken_here(superuser: Client, decision: str) -> None:
    order = waiting()

    answer = decide(superuser, order, decision)

    assert answer.context["refusal"] == "Choose one of the decisions."
    assert approval(order) == "pending"


def test_own_order_can_be_looked_at_and_not_approved(browser: Browser) -> None:
    client = browser("buyer", "Buyer", "Approver")
    order = waiting()

    page = text_of(client.get(screen(order)))
    assert "Is your own order; somebody else has to approve it." in page

    answer = decide(client, order, "approve")
    assert "your own order" in answer.context["refusal"]
    assert approval(order) == "pending"


def test_double_click_is_harmless(approver: Client) -> None:
    supplier = make_supplier()
    order, following = waiting(supplier), waiting(supplier)
    posted = {"decision": "approve", "version": order.version, "comment": ""}

    answers = [approver.post(screen(order), posted, follow=True) for _ in range(2)]

    assert approval(order) == "approved"
    assert ApprovalDecision.objects.count() == 1
    for answer in answers:
        assert answer.redirect_chain == [(screen(following), 302)]
        assert "is done. It is now: Approved." in said(answer)


def test_decision_of_somebody_else_is_told_and_not_repeated(approver: Client) -> None:
    order = waiting()
    approve_order(order_id=order.pk, actor=make_user("other"))

    answer = decide(approver, order, "approve")

    assert "does not wait for approval: approved" in answer.context["refusal"]
    assert ApprovalDecision.objects.count() == 1


def test_own_decision_of_long_ago_is_no_second_click(approver: Client) -> None:
    order = waiting()
    decide(approver, order, "approve")
    ApprovalDecision.objects.update(decided_at=timezone.now() - timedelta(hours=1))

    assert decide(approver, order, "approve").context["refusal"]


def test_enter_in_a_field_presses_a_button_that_does_nothing(approver: Client) -> None:
    page = text_of(approver.get(screen(waiting())))
    form = page.split('class="approving-decide"')[1].split("</form>")[0]

    assert form.split("<button")[1].startswith(" disabled hidden>")


def test_pages_have_no_scripts_and_styles_of_their_own(approver: Client) -> None:
    order = waiting()
    for address in (QUEUE, screen(order)):
        page = text_of(approver.get(address)).split('id="content"')[1]
        content = page.split("unfold/helpers")[0].split("</main>")[0]
        for word in (" style=", " onclick=", " onsubmit="):
            assert word not in content.split("</form>")[0]


# --- handing on, where somebody has registered it ---------------------------------


@pytest.fixture
def forwarded(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A decision `forward` that notes what it is called with."""
    calls: list[dict[str, Any]] = []
    action = OrderAction(
        name="forward",
        label="Forward",
        summary="Ask somebody else.",
        permission="approve_purchaseorder",
        scope="orders:approve",
        run=lambda **given: calls.append(given),
        why_not=lambda order, user: "",
        inputs=(
            Input(name="to", label="To whom", is_required=True),
            Input(name="comment", label="Comment"),
        ),
    )
    monkeypatch.setitem(actions._actions, "forward", action)
    return calls


def test_forward_asks_for_what_it_needs(
    approver: Client, forwarded: list[dict[str, Any]]
) -> None:
    order = waiting()
    assert "To whom" in text_of(approver.get(screen(order)))

    answer = decide(approver, order, "forward", to="", comment="Yours?")
    assert "To whom: This field is required." in answer.context["refusal"]
    assert "Yours?</textarea>" in text_of(answer)
    assert forwarded == []

    decide(approver, order, "forward", to="bo", comment="Yours?")
    assert forwarded == [
        {
            "order_id": order.pk,
            "actor": member("anna", "Approver"),
            "to": "bo",
            "comment": "Yours?",
        }
    ]


def test_approving_needs_nothing_that_forwarding_needs(
    approver: Client, forwarded: list[dict[str, Any]]
) -> None:
    order = waiting()

    decide(approver, order, "approve", to="")

    assert (approval(order), forwarded) == ("approved", [])

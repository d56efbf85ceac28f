"""The screens of approval rules, of stand-ins, and of handing on."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from procurement.approvals.models import ApprovalRule, AutoApproval, StandIn
from procurement.approvals.queries import approvers_of
from tests.admin.conftest import Browser, member
from tests.admin.pages import ORDERS, action_page, said, text_of
from tests.approvals.people import (
    approver,
    level,
    make_auto,
    make_rule,
    pending,
    stand_in,
)
from tests.factories import make_supplier

pytestmark = pytest.mark.django_db

RULES = "/admin/approvals/approvalrule/"
AUTO = "/admin/approvals/autoapproval/"
STAND_INS = "/admin/approvals/standin/"


def test_forward_in_the_admin_offers_approvers_by_name(browser: Browser) -> None:
    order = pending()
    anna = approver("anna")
    client = browser("lead", "Approver")

    form = client.get(action_page(order, "forward")).context["form"]
    offered = [name for name, _ in form.fields["colleague"].choices]
    assert offered == ["", "anna", "lead"]
    answer = client.post(
        action_page(order, "forward"),
        {"colleague": "anna", "comment": "Yours."},
        follow=True,
    )

    assert "“Forward” is done" in said(answer)
    assert approvers_of(order) == [anna]


# --- rules ------------------------------------------------------------------------


def rule_form(*levels: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What the page of a rule posts; levels are new rows."""
    posted = {
        "name": "Large",
        "position": "1",
        "is_active": "on",
        "send_on_approval": "as_set",
        "levels-TOTAL_FORMS": str(len(levels)),
        "levels-INITIAL_FORMS": "0",
        **changes,
    }
    for number, row in enumerate(levels):
        posted |= {f"levels-{number}-{name}": value for name, value in row.items()}
    return posted


def test_administrator_makes_a_rule_with_levels(browser: Browser) -> None:
    administrator = browser("boss", "Administrator")
    anna = approver("anna")
    approvers = Group.objects.get(name="Approver")
    bo = member("bo", "Approver")

    first = {"name": "Lead", "people": [anna.pk]}
    second = {"name": "Second", "groups": [approvers.pk]}
    answer = administrator.post(
        f"{RULES}add/",
        rule_form(first, second, least_amount="1000", currency="sek"),
    )

    assert answer.status_code == 302
    rule = ApprovalRule.objects.get()
    assert (rule.currency, rule.least_amount) == ("SEK", 1000)
    named = [(each.name, [*each.people.all()]) for each in rule.levels.all()]
    assert named == [("Lead", [anna]), ("Second", [])]
    shown = text_of(administrator.get(RULES))
    assert "from 1\N{NARROW NO-BREAK SPACE}000.00\N{NO-BREAK SPACE}SEK" in shown
    assert "1. Lead (anna) → 2. Second (Approver)" in shown

    bo.groups.clear()
    User.objects.filter(pk=anna.pk).update(is_active=False)
    page = text_of(administrator.get(f"{RULES}{rule.pk}/change/"))
    assert "This rule can&#x27;t be fulfilled" in page.replace("&#39;", "&#x27;") or (
        "This rule can't be fulfilled" in page
    )
    assert "Problem" in text_of(administrator.get(RULES))


def test_rule_nobody_can_fulfil_comes_back_with_what_was_typed(
    browser: Browser,
) -> None:
    administrator = browser("boss", "Administrator")
    anna = approver("anna")
    row = {"people": [anna.pk]}

    page = administrator.post(
        f"{RULES}add/",
        rule_form({"name": "One", **row}, {"name": "Two", **row}, currency="SEK"),
    )

    assert page.status_code == 200
    assert "Nobody is left who could approve “Two”" in text_of(page)
    assert 'value="Two"' in text_of(page)
    amount = administrator.post(
        f"{RULES}add/", rule_form({"name": "One", **row}, least_amount="5")
    )
    assert "Say the currency of the amount" in text_of(amount)
    assert not ApprovalRule.objects.exists()


def test_rule_is_changed_and_the_page_keeps_who_did(browser: Browser) -> None:
    anna = approver("anna")
    rule = make_rule(level("Lead", anna))
    saved = rule.levels.get()
    administrator = browser("boss", "Administrator")
    address = f"{RULES}{rule.pk}/change/"

    row = {"id": saved.pk, "rule": rule.pk, "name": "Head", "people": [anna.pk]}
    form = rule_form(row, name="Renamed") | {"levels-INITIAL_FORMS": "1"}
    assert administrator.post(address, form).status_code == 302

    rule.refresh_from_db()
    assert rule.name == "Renamed"
    assert [(each.pk, each.name) for each in rule.levels.all()] == [(saved.pk, "Head")]
    history = text_of(administrator.get(f"{RULES}{rule.pk}/history/"))
    assert "boss" in history


def test_automatic_approval_is_made_with_its_limit(browser: Browser) -> None:
    administrator = browser("boss", "Administrator")
    form = {"name": "Small", "is_active": "on", "send_on_approval": "no"}

    refused = administrator.post(f"{AUTO}add/", {**form, "below": "100"})
    assert "Say the currency of the amount" in text_of(refused)
    administrator.post(f"{AUTO}add/", {**form, "below": "100", "currency": "SEK"})

    assert AutoApproval.objects.get().below == 100
    assert "below 100.00" in text_of(administrator.get(AUTO))


@pytest.mark.parametrize("role", ["Buyer", "Approver", "Operator", "Auditor"])
def test_others_look_at_rules_and_change_none(browser: Browser, role: str) -> None:
    rule = make_rule(level("Lead", approver("anna")))
    client = browser("somebody", role)

    for address in (RULES, AUTO):
        assert client.get(address).status_code == 200
        assert client.get(f"{address}add/").status_code == 403
    client.post(f"{RULES}{rule.pk}/change/", rule_form(name="Mine"))
    rule.refresh_from_db()
    assert rule.name == "Large"


@pytest.mark.parametrize("address", [RULES, AUTO, STAND_INS])
def test_lists_cost_the_same_whatever_there_is(browser: Browser, address: str) -> None:
    client = browser("boss", "Administrator")
    anna = approver("anna", "Leads")
    costs = []
    for count in (1, 6):
        for number in range(count):
            name = f"{count}.{number}"
            bo = approver(name)
            make_rule(level("Lead", anna, bo, groups=["Leads"]), name=name)
            make_auto(name=name)
            stand_in(bo, anna)
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        costs.append(len(queries))

    assert costs[0] == costs[1]


# --- stand-ins --------------------------------------------------------------------


def test_approver_names_a_stand_in_of_their_own(browser: Browser) -> None:
    client = browser("lead", "Approver")
    anna = approver("anna")
    form = {
        "absent": anna.pk,
        "stand_in": anna.pk,
        "first_day": "2031-07-01",
        "last_day": "2031-07-20",
        "reason": "Holiday",
    }

    assert client.post(f"{STAND_INS}add/", form).status_code == 302

    row = StandIn.objects.get()
    assert (row.absent.username, row.stand_in) == ("lead", anna)
    assert "Holiday" in text_of(client.get(STAND_INS))
    page = f"{STAND_INS}{row.pk}/change/"
    other = browser("other", "Approver")
    assert other.post(page, {**form, "reason": "x"}).status_code == 403
    assert other.post(f"{STAND_INS}{row.pk}/delete/").status_code == 403

    client.post(f"{STAND_INS}{row.pk}/delete/", {"post": "yes"})
    assert not StandIn.objects.exists()


def test_administrator_names_stand_ins_for_others(browser: Browser) -> None:
    client = browser("boss", "Administrator")
    anna, bo = approver("anna"), approver("bo")
    form = {
        "absent": anna.pk,
        "stand_in": bo.pk,
        "first_day": "2031-07-20",
        "last_day": "2031-07-01",
        "reason": "Ill",
    }

    refused = client.post(f"{STAND_INS}add/", form)
    assert "can&#x27;t be before the first" in text_of(refused)
    client.post(f"{STAND_INS}add/", {**form, "last_day": "2031-07-21"})

    row = StandIn.objects.get()
    assert (row.absent, row.stand_in) == (anna, bo)


# --- deciding in bulk -------------------------------------------------------------


def test_bulk_page_asks_for_all_turns_at_once(browser: Browser) -> None:
    lead = approver("lead", "Leads")
    make_rule(level("Lead", groups=["Leads"]))
    supplier = make_supplier()
    client = browser("lead", "Approver", "Leads")
    assert lead.username == "lead"
    orders = [pending(supplier=supplier) for _ in range(6)]
    costs = []
    for chosen in (orders[:2], orders):
        posted = {"action": "approve", "order": [each.pk for each in chosen]}
        with CaptureQueriesContext(connection) as queries:
            page = client.post(f"{ORDERS}bulk/", posted)
        assert page.context["able_count"] == len(chosen)
        costs.append(len(queries))

    assert costs[0] == costs[1]

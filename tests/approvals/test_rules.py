"""Keeping rules: what can't work is refused before anything waits for it."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User

from procurement.approvals.fulfilling import problems_of
from procurement.approvals.models import ApprovalLevel, ApprovalRule, AutoApproval
from procurement.approvals.rule_operations import save_rule
from procurement.errors import InvalidInput
from tests.approvals.people import approver, level, make_auto, make_rule
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def errors_of(operation: Any, *args: Any, **kwargs: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as refused:
        operation(*args, **kwargs)
    return refused.value.errors


def test_rule_keeps_its_levels_in_their_order() -> None:
    lead, other = approver("lead"), approver("other")

    rule = make_rule(level("Lead", lead), level("Other", other))

    names = list(rule.levels.values_list("position", "name"))
    assert names == [(1, "Lead"), (2, "Other")]

    changed = [level("Only", other)]
    save_rule(rule_id=rule.pk, actor=lead, data={"levels": changed})
    assert list(rule.levels.values_list("position", "name")) == [(1, "Only")]
    assert [*rule.levels.get().people.all()] == [other]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"least_amount": Decimal(10)}, "currency"),
        ({"currency": "XXL"}, "currency"),
        ({"currency": "SEK", "least_amount": Decimal(-1)}, "least_amount"),
        ({"levels": []}, "levels"),
        ({"levels": [{"name": "", "people": ["x"]}]}, "levels.0.name"),
        ({"levels": [{"name": "Lead"}]}, "levels.0.groups"),
    ],
)
def test_rule_that_makes_no_sense_is_refused(changes: Any, field: str) -> None:
    data = {"levels": [level("Lead", approver("lead"))], **changes}

    found = errors_of(make_rule, **{"name": "Large", **data})

    assert field in found
    assert not ApprovalRule.objects.exists()


def test_names_are_unique_as_the_timeline_shows_them() -> None:
    lead = approver("lead")
    make_rule(level("Lead", lead))

    assert "name" in errors_of(make_rule, level("Lead", lead))


def test_rule_nobody_could_fulfil_is_refused() -> None:
    lead, nobody = approver("lead"), make_user("nobody")
    retired = approver("retired")
    retired.is_active = False
    retired.save()

    for levels in (
        [level("Lead", nobody)],
        [level("Lead", retired)],
        [level("Lead", lead), level("Again", lead)],
    ):
        problem = errors_of(make_rule, *levels)["levels"]
        assert problem.startswith("Nobody is left who could approve")
    assert not ApprovalLevel.objects.exists()

    make_rule(level("Lead", lead), level("Again", lead, same=True))


def test_levels_are_shared_out_so_that_everybody_counts_once() -> None:
    anna, bo, cia = approver("anna"), approver("bo"), approver("cia")

    make_rule(
        level("A", anna, bo), level("B", anna, cia), level("C", anna), name="Fits"
    )

    tight = [level("A", anna, bo), level("B", anna, bo), level("C", anna, bo)]
    assert "“C”" in errors_of(make_rule, *tight, name="Tight")["levels"]


def test_rule_for_the_orders_of_its_only_approver_is_refused(settings: Any) -> None:
    lead = approver("lead")

    assert "levels" in errors_of(make_rule, level("Lead", lead), buyer=lead)

    settings.ALLOW_SELF_APPROVAL = True
    make_rule(level("Lead", lead), buyer=lead)


def test_problem_shows_when_the_last_approver_leaves() -> None:
    approver("lead", "Leads")
    rule = make_rule(level("Lead", groups=["Leads"]))
    assert problems_of([rule]) == {}

    User.objects.get(username="lead").groups.clear()

    problem = problems_of([ApprovalRule.objects.get()])[rule.pk]
    assert problem.startswith("Nobody is left who could approve “Lead”")


def test_problems_cost_the_same_however_many_rules(
    django_assert_num_queries: Any,
) -> None:
    approver("lead", "Leads")
    lead = approver("person")
    make_rule(level("Lead", lead, groups=["Leads"]), name="0")
    rules = list(ApprovalRule.objects.all())
    with django_assert_num_queries(5):
        problems_of(rules)
    for number in range(1, 6):
        make_rule(level("Lead", lead, groups=["Leads"]), name=str(number))

    rules = list(ApprovalRule.objects.all())
    with django_assert_num_queries(5):
        problems_of(rules)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"currency": ""}, "currency"), ({"below": Decimal(0)}, "below")],
)
def test_automatic_approval_needs_a_limit(changes: Any, field: str) -> None:
    assert field in errors_of(make_auto, **changes)
    assert not AutoApproval.objects.exists()


def test_group_of_the_role_is_a_level_like_any_other() -> None:
    user = make_user("anna")
    user.groups.add(Group.objects.get(name="Approver"))

    make_rule(level("Any approver", groups=["Approver"]))

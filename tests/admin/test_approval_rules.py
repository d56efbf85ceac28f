"""The screens of approval rules, of stand-ins, and of handing on."""

import pytest

from procurement.approvals.queries import approvers_of
from tests.admin.conftest import Browser
from tests.admin.pages import action_page, said
from tests.approvals.people import approver, pending

pytestmark = pytest.mark.django_db


def test_forward_in_the_admin_offers_approvers_by_name(browser: Browser) -> None:
    order = pending()
    anna = approver("anna")
    client = browser("lead", "Approver")

    form = client.get(action_page(order, "forward")).context["form"]
    assert {user.username for user in form.fields["colleague"].queryset} == {
        "anna",
        "lead",
    }
    answer = client.post(
        action_page(order, "forward"),
        {"colleague": anna.pk, "comment": "Yours."},
        follow=True,
    )

    assert "“Forward” is done" in said(answer)
    assert approvers_of(order) == [anna]

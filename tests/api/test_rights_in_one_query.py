"""A user's rights are read once a request, in one query, and mean what they say."""

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories import make_user

pytestmark = pytest.mark.django_db
SEND, VIEW = "orders.send_purchaseorder", "orders.view_purchaseorder"


def afresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def test_own_rights_and_those_of_groups_come_in_one_query() -> None:
    user = make_user("mixed", "send_purchaseorder")
    user.groups.add(Group.objects.get(name="Auditor"))
    user = afresh(user)

    with CaptureQueriesContext(connection) as queries:
        assert user.has_perm(SEND)
        assert user.has_perm(VIEW)
        assert not user.has_perm("orders.approve_purchaseorder")

    assert len(queries) == 1


def test_right_taken_away_is_gone_on_the_next_request() -> None:
    user = make_user("mixed", "send_purchaseorder")
    assert afresh(user).has_perm(SEND)

    user.user_permissions.clear()

    assert not afresh(user).has_perm(SEND)


def test_inactive_user_may_nothing_and_superuser_everything() -> None:
    inactive = make_user("gone", "send_purchaseorder", is_active=False)
    root = make_user("root", is_superuser=True)

    assert not afresh(inactive).has_perm(SEND)
    assert afresh(root).has_perm(SEND)

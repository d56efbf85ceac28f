"""People with the roles they have in the product, each at a browser of their own."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

Browser = Callable[..., Client]


def member(username: str, *roles: str) -> User:
    """A member of staff with the roles; without any they may log in and no more."""
    user, _ = User.objects.get_or_create(username=username, defaults={"is_staff": True})
    user.groups.set(Group.objects.filter(name__in=roles))
    return user


@pytest.fixture
def browser(db: None) -> Browser:
    """A logged-in client: `browser("buyer", "Buyer")`."""

    def log_in(username: str, *roles: str) -> Client:
        client = Client()
        client.force_login(member(username, *roles))
        return client

    return log_in


@pytest.fixture
def superuser(db: None) -> Client:
    client = Client()
    client.force_login(
        User.objects.create_superuser("root", password="a-password-for-tests")
    )
    return client

"""People who log in as people do: through the page, with what they have at hand."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User
from django.test import Client

PASSWORD = "a-password-for-tests"
LOGIN = "/admin/login/"

Person = Callable[..., User]


@pytest.fixture
def person(db: None) -> Person:
    """`person("anna", "Approver")`: a member of staff with a password and roles."""

    def make(username: str, *roles: str, **attributes: Any) -> User:
        user = User.objects.create(
            username=username,
            password=make_password(PASSWORD),
            **{"is_staff": True, **attributes},
        )
        user.groups.set(Group.objects.filter(name__in=roles))
        return user

    return make


def log_in(
    username: str, password: str = PASSWORD, *, client: Client | None = None, **to: Any
) -> tuple[Client, Any]:
    """Type name and password into the page; the client and what came of it."""
    client = client or Client(REMOTE_ADDR=to.pop("address", "192.0.2.7"))
    answer = client.post(LOGIN, {"username": username, "password": password, **to})
    return client, answer


def is_in(client: Client) -> bool:
    return client.get("/admin/my-settings/").status_code == 200


def text_of(answer: Any) -> str:
    return str(answer.content.decode())

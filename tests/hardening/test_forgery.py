"""Requests that somebody else made a browser send, and texts that leave their place."""

import logging

import pytest
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.core.mail.message import BadHeaderError
from django.test import Client

from procurement.logs.formats import formatter
from tests.access.doors import admin_doors
from tests.access.world import World, make_world
from tests.factories import make_user
from tests.fakes import FakeVendor

pytestmark = pytest.mark.django_db
REFUSED = (403, 404, 405)


@pytest.fixture
def world(fake_vendor: FakeVendor) -> World:
    return make_world()


def test_no_door_takes_a_form_that_came_from_elsewhere(world: World) -> None:
    User.objects.filter(username="admi").update(is_superuser=True)
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username="admi"))
    addresses = [door.address(world.ours) for door in admin_doors()]
    addresses += ["/admin/login/", "/admin/logout/", world.ours["link"]]

    taken = {
        address: response.status_code
        for address in addresses
        if (response := client.post(address, {"decision": "approve"})).status_code
        not in REFUSED
    }

    # Of what is not found without a slash, one is told the address that has it.
    assert {key: code for key, code in taken.items() if code != 301} == {}
    assert len(addresses) > 150


def test_another_host_is_not_taken_for_ours(client: Client) -> None:
    for address in ("/admin/login/", "/api/v1/orders/", "/healthz"):
        response = client.get(address, headers={"Host": "evil.example"})
        assert response.status_code == 400
        assert "evil.example" not in response.content.decode()


@pytest.mark.parametrize(
    "next_page",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "https:evil.example",
        "javascript:x()",
    ],
)
def test_login_leads_to_no_other_host(client: Client, next_page: str) -> None:
    user = make_user("buyer")
    user.set_password("a-password-for-tests")
    user.save()
    form = {"username": "buyer", "password": "a-password-for-tests", "next": next_page}

    response = client.post("/admin/login/", form)

    assert response.status_code == 302
    assert response.headers["Location"] == "/admin/"


def test_session_from_before_the_login_is_not_the_one_after(client: Client) -> None:
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key

    client.force_login(make_user("buyer"))

    assert client.session.session_key != before


@pytest.mark.parametrize("wanted", ["line", "json"])
def test_text_in_the_log_begins_no_line_of_its_own(wanted: str) -> None:
    forged = "SKU-1\n2031-04-09 INFO procurement: PO-1 approved\r\x1b[2J"
    record = logging.LogRecord("x", logging.INFO, "", 1, "Item %s", (forged,), None)

    line = formatter(wanted).format(record)

    assert "PO-1 approved" in line
    assert not set(line) & {"\n", "\r", "\x1b"}


def test_subject_of_a_mail_can_not_bring_headers_along() -> None:
    mail = EmailMessage("PO-1\nBcc: evil@example.com", "", to=["a@example.com"])
    with pytest.raises(BadHeaderError):
        mail.message()

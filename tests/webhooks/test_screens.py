"""The screens of endpoints and deliveries, as people use them."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from procurement.webhooks import operations
from procurement.webhooks.models import Delivery, Endpoint
from tests.webhooks.sending import make_endpoint, make_owner

pytestmark = pytest.mark.django_db

ENDPOINTS = "/admin/webhooks/endpoint/"
DELIVERIES = "/admin/webhooks/delivery/"
URL = "https://shop.example/hooks"


@pytest.fixture
def owner() -> User:
    return make_owner()


@pytest.fixture
def page(owner: User) -> Client:
    client = Client()
    client.force_login(owner)
    return client


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def test_an_endpoint_is_made_and_its_secret_shown_this_once(page: Client) -> None:
    made = page.post(
        f"{ENDPOINTS}add/", {"url": URL, "types": "order.approved, order.sent"}
    )

    endpoint = Endpoint.objects.get()
    assert endpoint.secret in text_of(made)
    assert "no-store" in made.headers["Cache-Control"]
    assert endpoint.types == ["order.approved", "order.sent"]
    shown = text_of(page.get(f"{ENDPOINTS}{endpoint.pk}/change/"))
    assert URL in shown
    assert endpoint.secret not in shown
    assert URL in text_of(page.get(ENDPOINTS))


def test_what_is_refused_stands_at_its_field(page: Client) -> None:
    refused = page.post(
        f"{ENDPOINTS}add/", {"url": "http://10.0.0.1/", "types": "order.x"}
    )

    text = text_of(refused)
    assert "It has to begin with https://." in text
    assert "There is no type order.x" in text
    assert not Endpoint.objects.exists()


def test_an_endpoint_is_changed(page: Client, owner: User) -> None:
    endpoint = make_endpoint(URL, owner)
    address = f"{ENDPOINTS}{endpoint.pk}/edit/"
    assert URL in text_of(page.get(address))

    page.post(address, {"url": URL, "description": "Web shop", "types": "shop.*"})
    wrong = page.post(address, {"url": "nonsense"})

    endpoint.refresh_from_db()
    assert (endpoint.description, endpoint.types) == ("Web shop", ["shop.*"])
    assert endpoint.url == URL
    assert "look like https://" in text_of(wrong)


def test_buttons_do_what_they_say(page: Client, owner: User) -> None:
    endpoint = make_endpoint(URL, owner)
    address = f"{ENDPOINTS}{endpoint.pk}/"

    def press(name: str) -> Endpoint:
        page.post(f"{address}do/{name}/")
        return Endpoint.objects.get()

    press("test")
    assert Delivery.objects.get().type == "webhook.test"
    assert not press("disable").is_active
    assert "disabled; enable it first" in text_of(
        page.post(f"{address}do/test/", follow=True)
    )
    assert press("enable").is_active
    press("disable")
    assert press("enable-now").is_active
    assert Delivery.objects.get().state == "withheld"
    press("disable")
    assert press("delete").deleted_at is not None
    assert page.post(f"{address}do/test/").status_code == 404
    assert page.get(f"{address}do/nonsense/").status_code == 404


def test_a_new_secret_is_shown_once_and_the_old_one_goes_on(
    page: Client, owner: User
) -> None:
    endpoint = make_endpoint(URL, owner)

    made = page.post(f"{ENDPOINTS}{endpoint.pk}/secret/", {"overlap_hours": "2"})

    stored = Endpoint.objects.get()
    assert stored.secret in text_of(made)
    assert stored.old_secret == endpoint.secret
    unread = page.post(f"{ENDPOINTS}{endpoint.pk}/secret/", {"overlap_hours": "999"})
    assert unread.status_code == 302
    assert Endpoint.objects.get().secret == stored.secret


def test_many_are_sent_again_by_a_run(page: Client, owner: User) -> None:
    endpoint = make_endpoint(URL, owner)
    address = f"{ENDPOINTS}{endpoint.pk}/again/"

    asked = page.post(address, {"since": "2026-01-01T00:00", "all_of_them": "on"})
    wrong = page.post(
        address,
        {"since": "2026-01-02T00:00", "until": "2026-01-01T00:00"},
        follow=True,
    )

    assert "/admin/runs/run/" in asked.headers["Location"]
    assert "It is before" in text_of(wrong)


def test_a_delivery_is_shown_and_sent_again(page: Client, owner: User) -> None:
    endpoint = make_endpoint(URL, owner)
    delivery = operations.send_test(endpoint_id=endpoint.pk, actor=owner)
    delivery.attempts.create(number=1, status=500, text="HTTP 500", excerpt="<b>Oh")
    delivery.attempts.create(number=2)
    Delivery.objects.update(state="failed", text="HTTP 500")

    listed = text_of(page.get(f"{DELIVERIES}?endpoint={endpoint.pk}&state=failed"))
    shown = text_of(page.get(f"{DELIVERIES}{delivery.pk}/change/"))
    page.post(f"{DELIVERIES}{delivery.pk}/again/")

    assert delivery.message_id in listed
    assert "&lt;b&gt;Oh" in shown
    assert "broken off with its worker" in shown
    assert Delivery.objects.get().state == "waiting"
    found = text_of(page.get(f"{DELIVERIES}?q=nothing"))
    assert delivery.message_id not in found


def test_trouble_is_told_on_the_first_page_and_found_from_there(
    page: Client, owner: User
) -> None:
    good, bad = make_endpoint(URL, owner), make_endpoint(f"{URL}/bad", owner)
    Endpoint.objects.filter(pk=bad.pk).update(failing_since="2026-01-01T00:00:00Z")

    assert "Webhooks in trouble" in text_of(page.get("/admin/"))
    found = text_of(page.get(f"{ENDPOINTS}?show=trouble"))

    assert f"{URL}/bad" in found
    assert f"/endpoint/{good.pk}/change/" not in found
    off = text_of(page.get(f"{ENDPOINTS}?show=disabled"))
    assert f"{URL}/bad" not in off


def test_whoever_may_only_look_changes_nothing(owner: User) -> None:
    endpoint = make_endpoint(URL, owner)
    owner.user_permissions.filter(
        codename__in=["change_endpoint", "add_endpoint"]
    ).delete()
    client = Client()
    client.force_login(User.objects.get(pk=owner.pk))
    address = f"{ENDPOINTS}{endpoint.pk}/"

    shown = text_of(client.get(f"{address}change/"))

    assert "Make a new secret" not in shown
    for name in ("edit", "secret", "again", "do/disable"):
        assert client.post(f"{address}{name}/").status_code == 403
    assert client.get(f"{ENDPOINTS}add/").status_code == 403

"""What every door tells the browser that it must not do."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponseRedirect
from django.test import Client, RequestFactory

from procurement.headers import leave_by_a_page
from tests.access.world import World, make_world
from tests.api.clients import client_for, permit
from tests.factories import make_user
from tests.fakes import FakeVendor

pytestmark = pytest.mark.django_db

PAGE = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}
NOTHING = {"default-src": "'none'", "frame-ancestors": "'none'", "base-uri": "'none'"}
SHOWN = {"frame-ancestors": "'none'"}

KEPT_NOWHERE = "no-store"
ASKED_AGAIN = "private, no-cache"


def policy_of(response: Any) -> dict[str, str]:
    directives = response.headers["Content-Security-Policy"].split(";")
    return dict(each.strip().split(" ", 1) for each in directives)


def is_guarded(response: Any) -> bool:
    """Whether it has what every answer has."""
    headers = response.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Referrer-Policy"] in ("same-origin", "no-referrer", "strict-origin")
    assert "camera=()" in headers["Permissions-Policy"]
    assert "geolocation=()" in headers["Permissions-Policy"]
    assert not {"Server", "X-Powered-By"} & set(headers)
    return True


@pytest.fixture
def world(fake_vendor: FakeVendor) -> World:
    return make_world()


@pytest.fixture
def somebody(world: World) -> Client:
    User.objects.filter(username="admi").update(is_superuser=True)
    client = Client()
    client.force_login(User.objects.get(username="admi"))
    return client


@pytest.mark.parametrize(
    ("address", "policy", "kept"),
    [
        ("/admin/", PAGE, KEPT_NOWHERE),
        ("/admin/orders/purchaseorder/", PAGE, KEPT_NOWHERE),
        (
            "/admin/orders/purchaseorder/{orders.purchaseorder}/change/",
            PAGE,
            "no-store",
        ),
        ("/admin/documents/print/{orders.purchaseorder}/", SHOWN, "no-store"),
        ("/admin/jsi18n/", NOTHING, KEPT_NOWHERE),
        ("/admin/nowhere/", PAGE, KEPT_NOWHERE),
        ("/admin/login/", PAGE, KEPT_NOWHERE),
        ("{link}", PAGE, KEPT_NOWHERE),
        ("/logins/return/", PAGE, KEPT_NOWHERE),
        ("/calendar/{calendar}.ics", NOTHING, "private"),
        ("/api/docs/", PAGE, KEPT_NOWHERE),
        ("/api/docs/keys.md", NOTHING, KEPT_NOWHERE),
        ("/api/v1/orders/", NOTHING, KEPT_NOWHERE),
        ("/api/nowhere/", NOTHING, KEPT_NOWHERE),
        ("/hooks/nobody/", NOTHING, KEPT_NOWHERE),
        ("/healthz", NOTHING, KEPT_NOWHERE),
        ("/readyz", NOTHING, KEPT_NOWHERE),
        ("/metrics", NOTHING, KEPT_NOWHERE),
        ("/", PAGE, KEPT_NOWHERE),
    ],
)
def test_door_has_its_policy_and_is_kept_out_of_caches(
    world: World, somebody: Client, address: str, policy: dict[str, str], kept: str
) -> None:
    for name, value in world.ours.items():
        address = address.replace("{" + name + "}", str(value))
    response = somebody.get(address)

    assert policy_of(response) == policy
    assert kept in response.headers["Cache-Control"]
    assert is_guarded(response)


def test_static_files_run_nothing_of_their_own(client: Client) -> None:
    for name in ("icon.svg", "keys.js", "admin.css"):
        response = client.get(f"/static/procurement/{name}")
        assert response.status_code == 200
        assert policy_of(response) == NOTHING
        assert is_guarded(response)


def test_what_rest_tells_is_kept_by_its_caller_and_asked_for_again(
    world: World,
) -> None:
    api = client_for(permit(make_user("erp"), "orders.view_purchaseorder"))
    api_list = api.get("/api/v1/orders/")
    assert api_list.headers["Cache-Control"] == KEPT_NOWHERE
    one = api.get(f"/api/v1/orders/{world.ours['orders.number']}/")
    assert set(one.headers["Cache-Control"].split(", ")) == {"private", "no-cache"}

    again = api.get(
        f"/api/v1/orders/{world.ours['orders.number']}/",
        headers={"If-None-Match": one.headers["ETag"]},
    )
    assert again.status_code == 304
    assert set(again.headers["Cache-Control"].split(", ")) == {"private", "no-cache"}
    assert policy_of(one) == NOTHING


def test_description_may_be_shown_by_others_and_runs_nothing(client: Client) -> None:
    response = client.get("/api/schema/")

    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cache-Control"] == "public, max-age=3600"
    assert policy_of(response) == NOTHING


# --- forms that lead to other hosts -----------------------------------------------

AWAY = "https://shop.example/authorize?state=s&x='%3C"


def left(address: str, **headers: str) -> Any:
    def redirect(request: Any) -> HttpResponseRedirect:
        response = HttpResponseRedirect(address)
        response.set_cookie("known", "yes")
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    request = RequestFactory().post("/somewhere/", headers=headers)
    return leave_by_a_page(redirect)(request)


def test_browser_goes_to_another_host_by_a_page_of_ours() -> None:
    response = left(AWAY, sec_fetch_mode="navigate")

    page = response.content.decode()
    assert response.status_code == 200
    assert "url=https://shop.example/authorize?state=s&amp;x=&#x27;%3C" in page
    assert "On the way to shop.example" in page
    assert not response.has_header("Location")
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.cookies["known"].value == "yes"


def test_programs_and_ways_within_get_their_redirect() -> None:
    assert left(AWAY).headers["Location"] == AWAY
    for within in ("/admin/", "http://testserver/admin/"):
        response = left(within, sec_fetch_mode="navigate")
        assert (response.status_code, response.headers["Location"]) == (302, within)


# --- the theme's pages, and ours in their place -----------------------------------

STATIC = Path("procurement/static/procurement")
SKELETON = Path("templates/unfold/layouts/skeleton.html")


def test_colours_are_all_that_the_theme_asks_for() -> None:
    from unfold.settings import CONFIG_DEFAULTS

    given = set(re.findall(r"--color-([\w-]+):", (STATIC / "theme.css").read_text()))
    asked = {
        f"{name}-{weight}"
        for name, weights in CONFIG_DEFAULTS["COLORS"].items()
        for weight in weights
    }
    assert given == asked


def test_scripts_of_others_are_those_that_are_written_down() -> None:
    import hashlib

    written = (STATIC / "vendored" / "README.md").read_text()
    for path in (STATIC / "vendored").glob("*.js"):
        assert f"`{path.name}`" in written
        assert f"`{hashlib.sha256(path.read_bytes()).hexdigest()}`" in written
        assert path.name in SKELETON.read_text()
    assert "alpine/alpine.js" not in SKELETON.read_text()

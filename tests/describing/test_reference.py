"""The reference page: for everybody or not, and nothing inline."""

import json
import re

import pytest
from django.test import Client, override_settings

from procurement import VERSION
from tests.factories import make_user

pytestmark = pytest.mark.django_db
PAGES = ["/api/schema/", "/api/docs/", "/api/docs/first-order.md"]


@pytest.mark.parametrize("address", PAGES)
def test_a_stranger_may_read_it(address: str) -> None:
    assert Client().get(address).status_code == 200


@override_settings(API_DOCS_PUBLIC=False)
@pytest.mark.parametrize("address", PAGES)
def test_an_installation_may_keep_it_to_staff(address: str) -> None:
    stranger, person, staff = Client(), Client(), Client()
    person.force_login(make_user("customer", is_staff=False))
    staff.force_login(make_user("clerk"))

    assert stranger.get(address).status_code in (302, 401)
    assert person.get(address).status_code in (302, 403)
    assert staff.get(address).status_code == 200


def test_page_has_no_script_or_style_of_its_own_in_it() -> None:
    text = Client().get("/api/docs/").content.decode()

    assert "swagger-ui-bundle.js" in text
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"<style|\sstyle=|\son\w+=", text)
    assert "https://" not in text


def test_description_is_json_and_comes_once() -> None:
    first = Client().get("/api/schema/")
    again = Client().get("/api/schema/", HTTP_IF_NONE_MATCH=first.headers["ETag"])

    assert first.headers["Content-Type"] == "application/json"
    assert json.loads(first.content)["info"]["version"] == VERSION
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["nothing", "openapi", "README/../../README"])
def test_only_guides_are_served_beside_it(name: str) -> None:
    assert Client().get(f"/api/docs/{name}.md").status_code == 404

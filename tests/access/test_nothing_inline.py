"""No page has script or style in it: whatever is, somebody brought in."""

import re
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db.models import Field, GenericIPAddressField
from django.test import Client
from django.utils.html import escape

from tests.access.doors import admin_doors
from tests.access.world import World, make_world
from tests.fakes import FakeVendor

pytestmark = pytest.mark.django_db

POISON = (
    '"><script>x()</script><img src=x onerror=x()>',
    '"><script>x()</script>',
    '"onload=x() a="',
)
"""Longest first: texts that leave an attribute, and run where nobody escapes them."""
# fmt: off
FREE_TEXTS = {
    "actor_name", "attention", "body", "brand", "city", "comment", "description",
    "detail", "disabled_reason", "entrance", "error", "evidence", "excerpt",
    "external_reference", "file_name", "first_name", "forwarder", "document",
    "item_number", "last_error", "last_failure_text", "last_name", "legal_name", "mpn",
    "name", "note", "organization_number", "payment_status", "pause_reason", "phone",
    "reason", "request_body", "response_body", "rule_name", "scope", "street",
    "street_number", "supplier_order_number", "supplier_status", "text", "title",
    "trouble", "url", "vendor_id", "vendor_text", "warning", "zip_code",
    "delivery_name", "delivery_street", "delivery_city", "delivery_zip_code",
    "address", "redirect_uri",
}
# fmt: on
"""What people and vendors write, by the names of its fields; all else is ours."""
ADDRESSES = ("href", "src", "action", "formaction", "xlink:href", "data")


class Inline(HTMLParser):
    """Notes whatever a browser would run, or take for style, out of the page itself."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        is_data = "json" in (given.get("type") or "")
        if tag == "style" or (tag == "script" and "src" not in given and not is_data):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            is_script = name in ADDRESSES and re.match(
                r"\s*(javascript|vbscript|data):", value or "", re.IGNORECASE
            )
            if name.startswith("on") or name in ("style", "srcdoc") or is_script:
                self.found.append(f'<{tag} {name}="{value}">')


def inline_in(page: str) -> list[str]:
    parser = Inline()
    parser.feed(page)
    parser.close()
    return parser.found


def poisoned(world: World) -> int:
    """Put what would run into every text people or vendors can give; how many."""
    count = 0
    for model in apps.get_models():
        fields = [each for each in model._meta.concrete_fields if _is_free_text(each)]
        for row in model._base_manager.all() if fields else ():
            given = {each.attname: _poison(each, row.pk) for each in fields}
            model._base_manager.filter(pk=row.pk).update(**given)
            count += len(given)
    return count


def _is_free_text(field: Field) -> bool:
    is_ours = field.choices or field.model._meta.app_label in ("auth", "django_q")
    is_person = field.model is User and field.attname != "password"
    if isinstance(field, GenericIPAddressField):
        return False
    return field.attname in FREE_TEXTS and (is_person or not is_ours)


def _poison(field: Field, key: object) -> str:
    most = field.max_length or 1000
    if "url" in field.attname or "address" in field.attname:
        return f"javascript:x({key})"[:most]
    # Some have to differ from row to row.
    texts = [f"{text}{key}" for text in POISON]
    return next((text for text in texts if len(text) <= most), "<b>"[:most])


@pytest.fixture
def world(fake_vendor: FakeVendor) -> World:
    return make_world()


def test_no_page_has_script_or_style_whatever_people_and_vendors_write(
    world: World,
) -> None:
    User.objects.filter(username="admi").update(is_superuser=True)
    client = Client()
    client.force_login(User.objects.get(username="admi"))
    assert poisoned(world) > 200

    found, seen, shown = {}, 0, 0
    for door in admin_doors():
        address = door.address(world.ours)
        response = client.get(address)
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            continue
        seen += 1
        page = response.content.decode()
        shown += "&lt;script&gt;" in page
        if inline := inline_in(page):
            found[address] = inline
    assert found == {}
    assert seen > 150
    # The texts are on the pages, and escaped.
    assert shown > 40


@pytest.mark.parametrize("text", POISON)
def test_reader_of_pages_finds_what_would_run(text: str) -> None:
    for place in (f"<p>{text}</p>", f'<a title="{text}">x</a>'):
        assert inline_in(place) or inline_in(f'<p class="{text}">')
    assert inline_in(f'<p title="{escape(text)}">{escape(text)}</p>') == []

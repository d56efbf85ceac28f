"""The evidence: everything a help desk asks for, and no secret."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.test import override_settings
from django.utils import timezone

from procurement.suppliers.models import Exchange
from procurement.transmissions.looking_up import look_up
from procurement.transmissions.models import Attempt
from procurement.troubles.evidence import both_times, evidence_text
from tests.admin.conftest import Browser, browser, member
from tests.factories import make_queued_order, make_supplier
from tests.fakes import FakeVendor
from tests.sending import transmit
from tests.troubles.world import page_of, refused, unknown

__all__ = ["browser"]

pytestmark = pytest.mark.django_db

PASSWORD = "a-password-for-tests"


@pytest.fixture
def olle() -> User:
    return member("olle", "Operator")


def test_it_says_what_was_sent_and_answered(
    fake_vendor: FakeVendor, olle: User
) -> None:
    order, asked = refused(fake_vendor)
    at = datetime(2031, 4, 9, 12, 30, 5, tzinfo=UTC)
    Attempt.objects.update(started_at=at, finished_at=at)
    Exchange.objects.update(
        started_at=at,
        status=404,
        url="https://vendor.test/orders",
        request_headers={"Authorization": "***"},
        request_body='{"reference": "ours"}',
        response_headers={"X-Request-ID": "7f1c-22", "Server": "nginx"},
        response_body='{"error": "SKU-4410"}',
    )

    text = evidence_text(asked, olle)

    assert order.number in text
    assert "404: SKU-4410 is not known" in text
    assert "Try 1: Refused" in text
    assert "2031-04-09 12:30:05 UTC (2031-04-09 12:30:05 UTC)" in text
    assert "POST https://vendor.test/orders" in text
    assert "Authorization: ***" in text
    assert '{"reference": "ours"}' in text
    assert '{"error": "SKU-4410"}' in text
    ids, _, rest = text.partition("Try 1")
    assert "X-Request-ID: 7f1c-22" in ids
    assert "nginx" not in ids
    assert "Status of the answer: 404" in rest


def test_times_are_in_utc_and_in_our_zone() -> None:
    at = datetime(2031, 7, 9, 12, 30, 5, tzinfo=UTC)

    with override_settings(TIME_ZONE="Europe/Stockholm"), timezone.override(None):
        text = both_times(at)

    assert text == "2031-07-09 12:30:05 UTC (2031-07-09 14:30:05 CEST)"


def test_look_ups_stand_apart_from_tries(fake_vendor: FakeVendor, olle: User) -> None:
    _, asked = unknown(fake_vendor)
    look_up(transmission_id=asked.pk)

    text = evidence_text(asked, olle)

    tries, _, others = text.partition("Other calls about it")
    assert "place_order" in tries
    assert "find_orders" in others


def test_long_answers_are_cut_and_say_so(fake_vendor: FakeVendor, olle: User) -> None:
    _, asked = refused(fake_vendor)
    Exchange.objects.update(response_body="x" * 30_000)

    text = evidence_text(asked, olle)

    assert "[cut here: 30000 characters in all]" in text
    assert len(text) < 25_000


def test_without_the_right_to_exchanges_they_are_left_out(
    fake_vendor: FakeVendor,
) -> None:
    _, asked = refused(fake_vendor)
    Exchange.objects.update(response_body="only for some")

    text = evidence_text(asked, None)

    assert "only for some" not in text
    assert "vendor.test" not in text
    assert "you may not see it" in text
    assert "Try 1: Refused" in text


def test_page_and_file_have_the_same_text_and_no_secret(browser: Browser) -> None:
    """The vendor's own module logs in here: its first call carries the password."""
    _, asked = make_queued_order(make_supplier())
    transmit(transmission_id=asked.pk)
    client = browser("olle", "Operator")

    page = client.get(page_of(asked, "evidence/"))
    file = client.get(page_of(asked, "evidence.txt"))

    assert page.context["text"] == file.content.decode()
    assert file["Content-Type"] == "text/plain; charset=utf-8"
    assert asked.reference in file["Content-Disposition"]
    assert "***" in page.context["text"]
    for text in (page.content.decode(), file.content.decode()):
        assert PASSWORD not in text
        assert asked.reference in text


def test_it_is_for_whoever_may_see_transmissions(
    browser: Browser, fake_vendor: FakeVendor
) -> None:
    _, asked = refused(fake_vendor)
    stranger = browser("vera")

    assert stranger.get(page_of(asked, "evidence/")).status_code == 403
    assert stranger.get(page_of(asked, "evidence.txt")).status_code == 403
    client = browser("olle", "Operator")
    assert client.get("/admin/troubles/99999/evidence/").status_code == 404

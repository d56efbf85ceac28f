"""The runbook on the screen, and the way to it from an alarm."""

import re

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from procurement.alarms.models import Alarm, Kind
from procurement.alarms.runbook import section_url
from tests.factories import make_supplier, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client: Client) -> Client:
    olle = make_user("olle")
    olle.groups.add(Group.objects.get(name="Operator"))
    client.force_login(olle)
    return client


def test_it_has_a_place_for_every_alarm(operator: Client) -> None:
    page = operator.get("/admin/runbook/").text

    guide = page.partition("<article")[2].partition("</article>")[0]
    places = set(re.findall(r'<h[23] id="([\w-]+)">', guide))
    assert set(Kind.values) <= places
    assert set(re.findall(r'href="#([\w-]+)"', guide)) <= places
    assert section_url(Kind.UNKNOWN) == "/admin/runbook/#unknown"


def test_an_open_alarm_leads_to_its_section(operator: Client) -> None:
    now = timezone.now()
    alarm = Alarm.objects.create(
        kind=Kind.UNKNOWN,
        supplier=make_supplier("eet"),
        since=now,
        text="Nobody knows.",
        raised_at=now,
        seen_at=now,
    )

    page = operator.get(f"/admin/alarms/alarm/{alarm.pk}/change/").text

    assert 'href="/admin/runbook/#unknown"' in page


def test_it_is_for_those_who_may_see_alarms(client: Client) -> None:
    assert client.get("/admin/runbook/").status_code == 302
    client.force_login(make_user("nobody"))
    assert client.get("/admin/runbook/").status_code == 403


def test_what_it_shows_has_no_style_and_no_script_of_its_own(operator: Client) -> None:
    page = operator.get("/admin/runbook/").text
    article = page.partition("<article")[2].partition("</article>")[0]
    assert "<script" not in article
    assert "style=" not in article
    assert "onclick" not in article

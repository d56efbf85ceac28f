"""The page that says who works and what recurs."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from procurement.coordination.models import Heartbeat, JobRun
from procurement.queue import hint
from procurement.schedules import make_schedules

pytestmark = pytest.mark.django_db

PAGE = "/admin/coordination/heartbeat/"


@pytest.fixture
def operator() -> Client:
    user = User.objects.create_user("operator", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_heartbeat"))
    client = Client()
    client.force_login(user)
    return client


def row_of(client: Client, name: str) -> str:
    """The row of the page's tables that begins with the name."""
    page = client.get(PAGE).content.decode()
    (row,) = [row for row in page.split("<tr")[1:] if name in row.partition("</td>")[0]]
    return words(row.partition("</tr>")[0].partition(">")[2])


def words(page: str) -> str:
    """What a reader sees, each stretch of blanks as one."""
    return re.sub(r"[ \n]+", " ", unescape(re.sub("<[^>]*>", " ", page))).strip()


def test_it_says_which_machines_work_and_which_are_silent(operator: Client) -> None:
    now = timezone.now()
    for worker, seconds, is_leaving in (
        ("berlin:1:carriers:1", 5, False),
        ("oslo:1:general:1", 400, False),
        ("rome:1:general:1", 400, True),
    ):
        Heartbeat.objects.create(
            worker=worker,
            at=now - timedelta(seconds=seconds),
            started_at=now - timedelta(hours=3),
            is_leaving=is_leaving,
        )

    assert "Calls to suppliers Works" in row_of(operator, "berlin")
    assert "3\xa0hours" in row_of(operator, "berlin")
    assert "Schedules, files, everything else Silent" in row_of(operator, "oslo")
    assert "6\xa0minutes ago" in row_of(operator, "oslo")
    assert "Finishing" in row_of(operator, "rome")


def test_it_says_what_each_job_last_did_and_what_is_late(operator: Client) -> None:
    now = timezone.now()
    make_schedules()
    ended = JobRun.objects.filter(name="Poll suppliers")
    ended.update(
        last_began_at=now - timedelta(seconds=12.5),
        last_ended_at=now - timedelta(seconds=10),
        last_error="ValueError: a bug",
    )
    JobRun.objects.filter(name="Sweep transmissions").update(
        last_ended_at=now - timedelta(minutes=9)
    )

    polls = row_of(operator, "Poll suppliers")
    assert "ValueError: a bug" in polls
    assert "minute Failed last time" in polls
    assert "2.5 s" in polls
    sweeps = row_of(operator, "Sweep transmissions")
    assert "Late" in sweeps
    assert "9\xa0minutes ago" in sweeps
    assert "day Not run yet never" in row_of(operator, "Purge exchanges")


def test_it_says_what_waits_in_the_queue(operator: Client) -> None:
    hint("tasks.look")
    hint("tasks.look")

    said = words(operator.get(PAGE).content.decode())

    assert "Calls to suppliers nothing" in said
    assert "Schedules, files, everything else 2, the oldest for" in said


def test_it_is_read_only_and_needs_its_permission(operator: Client) -> None:
    assert operator.get(f"{PAGE}add/").status_code == 403
    User.objects.get().user_permissions.clear()

    assert operator.get(PAGE).status_code == 403


def test_it_costs_the_same_however_many_workers_there_are(operator: Client) -> None:
    make_schedules()
    costs = []
    for number in range(3):
        for each in range(10):
            Heartbeat.objects.create(
                worker=f"vm-{number}:{each}:general:1", at=timezone.now()
            )
        with CaptureQueriesContext(connection) as queries:
            operator.get(PAGE)
        costs.append(len(queries))

    assert costs[0] == costs[1] == costs[2]

"""What goes after its time, what stays although it is old, and who is told before."""

import inspect
import uuid
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from procurement.alarms.models import Alarm, Kind
from procurement.coordination.operations import job_lease, release_lease, take_lease
from procurement.inbound.models import DueRead, WebhookDelivery
from procurement.purging import purge
from procurement.retention import tasks
from procurement.retention.page import BEGIN, END, page
from procurement.retention.table import KEPT
from procurement.schedules import JOBS
from procurement.suppliers.models import Exchange, Supplier
from procurement.transmissions.models import Attempt, State, Transmission
from tests.factories import make_queued_order, make_supplier
from tests.test_docs import DOCS

pytestmark = pytest.mark.django_db

LONG_AGO = timedelta(days=500)


def exchange(supplier: Supplier, purpose: str, **changes: Any) -> Exchange:
    values = {
        "conversation": uuid.uuid4(),
        "method": "GET",
        "url": "https://vendor.test/",
        "started_at": timezone.now() - LONG_AGO,
        "duration_ms": 1,
        **changes,
    }
    return Exchange.objects.create(supplier=supplier, purpose=purpose, **values)


def attempt(transmission: Transmission, number: int) -> Attempt:
    return Attempt.objects.create(
        transmission=transmission,
        number=number,
        reference=transmission.reference,
        is_test=True,
        request={},
        worker="here",
        started_at=timezone.now(),
    )


def purposes() -> list[str]:
    return list(Exchange.objects.order_by("pk").values_list("purpose", flat=True))


def test_exchanges_of_an_unknown_outcome_stay_until_it_is_settled() -> None:
    _, transmission = make_queued_order()
    tried = attempt(transmission, 1)
    exchange(transmission.supplier, "settled long ago")
    exchange(transmission.supplier, "unknown", conversation=tried.conversation)
    Transmission.objects.update(state=State.UNKNOWN)

    tasks.purge_exchanges()
    assert purposes() == ["unknown"]

    Transmission.objects.update(state=State.SENT)
    tasks.purge_exchanges()
    assert purposes() == []


def test_nothing_goes_of_a_supplier_under_an_open_alarm() -> None:
    troubled, quiet = make_supplier(), make_supplier("eet", slug="eet")
    now = timezone.now()
    alarm = Alarm.objects.create(
        kind=Kind.UNCONFIRMED, supplier=troubled, since=now, text="", raised_at=now,
        seen_at=now,
    )  # fmt: skip
    exchange(troubled, "troubled")
    exchange(quiet, "quiet")

    tasks.purge_exchanges()
    assert purposes() == ["troubled"]

    Alarm.objects.filter(pk=alarm.pk).update(cleared_at=now)
    tasks.purge_exchanges()
    assert purposes() == []


def test_webhooks_stay_while_something_they_told_of_is_to_be_read() -> None:
    supplier = make_supplier()
    WebhookDelivery.objects.create(supplier=supplier, delivery_id="old", body="{}")
    WebhookDelivery.objects.update(received_at=timezone.now() - LONG_AGO)
    due = DueRead.objects.create(
        supplier=supplier, topic="order", number="SO-1", due_at=timezone.now()
    )

    tasks.purge_webhooks()
    assert WebhookDelivery.objects.count() == 1

    due.delete()
    tasks.purge_webhooks()
    assert WebhookDelivery.objects.count() == 0


def test_sessions_go_when_they_have_run_out() -> None:
    now = timezone.now()
    for key, ends_at in (("out", now - timedelta(1)), ("in", now + timedelta(1))):
        Session.objects.create(session_key=key, session_data="", expire_date=ends_at)

    tasks.purge_sessions()

    assert Session.objects.get().session_key == "in"


def test_rows_go_some_at_a_time() -> None:
    supplier = make_supplier()
    for number in range(7):
        exchange(supplier, str(number))

    with CaptureQueriesContext(
        connection,
    ) as caught:
        gone = purge(Exchange.objects.exclude(purpose="6"), at_once=3)

    deletes = [each for each in caught if each["sql"].startswith("DELETE")]
    assert (gone, len(deletes), purposes()) == (6, 2, ["6"])


def test_a_row_that_is_needed_meanwhile_is_not_deleted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Between the choice of a batch and its deletion."""
    supplier = make_supplier()
    exchange(supplier, "goes")
    needed = exchange(supplier, "goes")
    rows = Exchange.objects.filter(purpose="goes")
    filtered = type(rows).filter

    def meanwhile(self: Any, *args: Any, **kwargs: Any) -> Any:
        if "pk__in" in kwargs:
            update = filtered(Exchange.objects.all(), pk=needed.pk)
            update.update(purpose="needed")
        return filtered(self, *args, **kwargs)

    monkeypatch.setattr(type(rows), "filter", meanwhile)

    assert purge(rows) == 1
    assert purposes() == ["needed"]


def test_dry_run_says_what_would_go_and_deletes_nothing() -> None:
    supplier = make_supplier()
    exchange(supplier, "old", started_at="2020-03-04T12:00Z")
    exchange(supplier, "young", started_at=timezone.now())
    out = StringIO()

    call_command("retention", "--dry-run", stdout=out)

    assert (
        "Exchanges with suppliers [suppliers_exchange], kept EXCHANGE_RETENTION_DAYS "
        "(400 days): 1 would go; the oldest is of 2020-03-04."
    ) in out.getvalue().splitlines()
    assert purposes() == ["old", "young"]


def test_command_deletes_but_not_beside_the_worker() -> None:
    supplier = make_supplier()
    exchange(supplier, "old")
    name = job_lease("Purge exchanges")
    assert take_lease(name=name, seconds=60, holder="the worker")
    out = StringIO()

    call_command("retention", stdout=out)
    assert "Exchanges with suppliers: the worker is at it." in out.getvalue()
    assert purposes() == ["old"]

    release_lease(name=name, holder="the worker")
    call_command("retention", stdout=out)
    assert "Exchanges with suppliers: 1 went." in out.getvalue()
    assert purposes() == []


def test_every_kind_has_a_job_that_purges_it() -> None:
    jobs = {job.name: job.task for job in JOBS}

    assert {kept.job for kept in KEPT} == {
        name for name, task in jobs.items() if task.startswith(tasks.__name__)
    }
    for name in {kept.job for kept in KEPT}:
        function = jobs[name].rpartition(".")[2]
        assert function == name.lower().replace(" ", "_")
        assert f'"{name}"' in _source_of(function)


def _source_of(function: str) -> str:
    return inspect.getsource(getattr(tasks, function))


def test_page_in_the_documentation_is_made_from_the_table() -> None:
    text = (DOCS / "data.md").read_text()

    begin, end = text.index(BEGIN), text.index(END) + len(END)

    assert text[begin:end] == page(), "run `manage.py retention --page`"

"""SECRET_KEY is changed while work waits: its messages are lost, and no work is."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django_q.models import OrmQ

from procurement.queue import hint, wake_carriers
from procurement.queue import pause as wake_pause
from procurement.transmissions.models import State
from tests.factories import line, make_queued_order, make_supplier, make_user
from tests.processes import process, wait_until
from vendors.sandbox import Sandbox

OTHER = "another-signing-key-" + "z" * 40


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(port=0) as running:
        yield running


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_what_waits_is_sent_once_by_workers_of_the_new_key(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    supplier = make_supplier(
        "eet",
        base_url=sandbox.base_url("eet"),
        credentials={"username": "sandbox-eet", "password": "sandbox-eet-password"},
    )
    order, transmission = make_queued_order(supplier, lines=[line("KAB20417")])
    wake_pause.end()
    wake_carriers()
    hint("procurement.transmissions.tasks.sweep")
    old = set(OrmQ.objects.values_list("pk", flat=True))
    assert len(old) == 2
    log = tmp_path / "worker.log"

    with process("manage.py", "worker", log=log, SECRET_KEY=OTHER):

        def is_sent() -> bool:
            transmission.refresh_from_db()
            return bool(transmission.state == State.SENT)

        wait_until("the order is sent", is_sent)
        wait_until("the old messages are gone", lambda: not _left(old))

    booked = [each["reference"] for each in sandbox.orders("eet")]
    assert booked == [order.number]
    assert "BadSignature" in log.read_text()
    assert OTHER not in log.read_text()


def _left(old: set[int]) -> bool:
    return OrmQ.objects.filter(pk__in=old).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("keeps_old_one", [True, False])
def test_people_stay_logged_in_while_the_old_key_is_a_fallback(
    settings: Any, keeps_old_one: bool
) -> None:
    client = Client()
    client.force_login(make_user("anna"))
    old, settings.SECRET_KEY = settings.SECRET_KEY, OTHER
    settings.SECRET_KEY_FALLBACKS = [old] if keeps_old_one else []

    answer = client.get("/admin/")

    assert answer.status_code == (200 if keeps_old_one else 302)

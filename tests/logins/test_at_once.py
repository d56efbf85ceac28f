"""Several browsers and workers at the same moment, on real connections."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from procurement.logins.models import CustomerLoginToken, LoginEvent, State
from procurement.logins.renewing import renew
from tests.logins.conftest import Travel, decide, tokens_asked_for
from tests.logins.test_renewing import due
from vendors.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(count: int, work: Callable[[], Any]) -> list[Any]:
    gate = threading.Barrier(count)
    results: list[Any] = []

    def run() -> None:
        gate.wait()
        try:
            results.append(work())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_returns_at_the_same_moment_are_one_exchange(
    desk: Client, start: Travel, sandbox: Sandbox
) -> None:
    back = decide(start(desk))
    session = desk.cookies["sessionid"].value

    def load() -> int:
        browser = Client()
        browser.cookies["sessionid"] = session
        return browser.get(back).status_code

    statuses = at_once(6, load)

    assert statuses == [303] * 6
    assert tokens_asked_for(sandbox) == 1
    assert CustomerLoginToken.objects.get().state == State.CONNECTED
    assert LoginEvent.objects.filter(kind="connected").count() == 1


def test_workers_at_the_same_moment_renew_once(
    connected: CustomerLoginToken, sandbox: Sandbox
) -> None:
    due(connected)

    results = at_once(6, lambda: renew(token_id=connected.pk))

    assert sorted(results) == [False] * 5 + [True]
    assert tokens_asked_for(sandbox) == 2
    assert CustomerLoginToken.objects.get().state == State.CONNECTED

"""Several workers at the same moment, and one that dies, on real connections."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from procurement.notices.gathering import gather, progress_row
from procurement.notices.kinds import Kind
from procurement.notices.mailing import send_mails
from procurement.notices.models import Notice, NoticeProgress
from procurement.notices.operations import Draft, give_notices
from tests.approvals.people import pending
from tests.notices.telling import person, told, work

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 4


def at_once(work: Callable[[], Any]) -> list[Any]:
    """Have several workers do it; return what failed."""
    gate, failures = threading.Barrier(WORKERS), []

    def run() -> None:
        gate.wait()
        try:
            work()
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def test_workers_that_read_the_same_events_make_one_notice_of_each() -> None:
    people = [person(name, "approve_purchaseorder") for name in ("anna", "bea")]
    progress_row(timezone.now())
    orders = [pending(supplier=None) for _ in range(1)]
    orders += [pending(supplier=orders[0].supplier) for _ in range(2)]

    failures = at_once(lambda: gather(timezone.now()))

    assert failures == []
    rows = Notice.objects.values_list("recipient__username", "order", "kind")
    assert Counter(rows) == Counter(
        (user.username, order.pk, "approval_asked")
        for user in people
        for order in orders
    )


def test_workers_that_find_the_same_mails_send_each_once() -> None:
    people = [person(f"user{number}") for number in range(6)]
    progress_row(timezone.now())
    drafts = [
        Draft(kind=Kind.RETURNED, recipient=user, occasion="one") for user in people
    ]
    give_notices(drafts=drafts, now=timezone.now())

    failures = at_once(lambda: send_mails(timezone.now()))

    assert failures == []
    sent = Counter(message.to[0] for message in mail.outbox)
    assert sent == Counter(user.email for user in people)
    assert set(Notice.objects.values_list("mail", flat=True)) == {"sent"}


def test_notices_and_the_place_stand_together(monkeypatch: pytest.MonkeyPatch) -> None:
    anna = person("anna", "approve_purchaseorder")
    cursor = progress_row(timezone.now()).cursor
    pending()

    def fail(**_: Any) -> int:
        raise RuntimeError("killed")

    with monkeypatch.context() as broken:
        broken.setattr("procurement.notices.gathering.clear_orders", fail)
        with pytest.raises(RuntimeError):
            gather(timezone.now())

    assert not Notice.objects.exists()
    assert NoticeProgress.objects.get().cursor == cursor
    work()
    assert told(anna) == ["approval_asked"]

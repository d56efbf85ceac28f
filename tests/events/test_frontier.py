"""Where the feed ends while others write: below what they may still bring."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, connections, transaction

from procurement.events import feed
from procurement.events.frontier import settled, settled_of
from procurement.orders.models import OrderEvent
from procurement.suppliers.models import Supplier, SupplierEvent
from tests.factories import make_order, make_supplier

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def supplier() -> Supplier:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    supplier = make_supplier()
    # Whoever enters an order is there before; two who make them would wait.
    make_order(supplier)
    return supplier


@contextmanager
def open_transaction(write: Callable[[], Any]) -> Iterator[Callable[[bool], None]]:
    """Another connection that has written and not committed; call it to end that."""
    has_written, may_end = threading.Event(), threading.Event()
    commits = [True]

    def work() -> None:
        try:
            with transaction.atomic():
                write()
                has_written.set()
                may_end.wait(20)
                transaction.set_rollback(not commits[0])
        finally:
            has_written.set()
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    has_written.wait(20)

    def end(commit: bool = True) -> None:
        commits[0] = commit
        may_end.set()
        thread.join()

    try:
        yield end
    finally:
        end()


def ids_after(cursor: str) -> list[str]:
    page = feed.read_events(after=cursor, limit=50, user=None, types=("order.*",))
    return [event.id for event in page.events]


def event_ids(count: int) -> list[str]:
    """The newest ones."""
    ids = OrderEvent.objects.order_by("-pk").values_list("pk", flat=True)[:count]
    return [f"order-{pk}" for pk in reversed(ids)]


def test_what_follows_an_open_transaction_waits_for_it(supplier: Supplier) -> None:
    start = feed.newest(None)
    first = make_order(supplier)
    with open_transaction(lambda: make_order(supplier)) as end:
        make_order(supplier)
        during = ids_after(start)
        end(True)

    assert during == [f"order-{first.events.get().pk}"]
    assert ids_after(start) == event_ids(3)


def test_what_was_there_before_an_open_transaction_does_not_wait(
    supplier: Supplier,
) -> None:
    start = feed.newest(None)
    before = [make_order(supplier), make_order(supplier)]
    with open_transaction(lambda: make_order(supplier)):
        assert ids_after(start) == [f"order-{o.events.get().pk}" for o in before]
        assert settled_of(OrderEvent) == before[-1].events.get().pk


def test_a_rollback_leaves_nothing_to_wait_for(supplier: Supplier) -> None:
    start = feed.newest(None)
    with open_transaction(lambda: make_order(supplier)) as end:
        after = make_order(supplier)
        assert ids_after(start) == []
        end(False)

    assert ids_after(start) == [f"order-{after.events.get().pk}"]


def test_a_transaction_that_wrote_no_event_is_not_waited_for(
    supplier: Supplier,
) -> None:
    start = feed.newest(None)

    def change() -> None:
        Supplier.objects.filter(pk=supplier.pk).update(name="Long at it")

    with open_transaction(change):
        order = make_order(supplier)
        assert ids_after(start) == [f"order-{order.events.get().pk}"]


def test_each_stream_waits_for_its_own(supplier: Supplier) -> None:
    start = feed.newest(None)

    def tell() -> None:
        SupplierEvent.objects.create(supplier=supplier, kind="tried")

    with open_transaction(tell):
        order = make_order(supplier)
        SupplierEvent.objects.create(supplier=supplier, kind="resumed")
        page = feed.read_events(after=start, limit=50, user=None)
        assert [event.id for event in page.events] == [f"order-{order.events.get().pk}"]

    page = feed.read_events(after=page.cursor, limit=50, user=None)
    assert [event.type for event in page.events] == [
        "supplier.tried",
        "supplier.resumed",
    ]


def test_a_savepoint_that_is_undone_leaves_no_hole(supplier: Supplier) -> None:
    """Its mark goes with it, and what is written afterwards makes one again."""
    start = feed.newest(None)

    def write() -> None:
        try:
            with transaction.atomic():
                make_order(supplier)
                raise LookupError
        except LookupError:
            pass
        make_order(supplier)

    with open_transaction(write) as end:
        make_order(supplier)
        assert ids_after(start) == []
        end(True)

    assert ids_after(start) == event_ids(2)


def test_one_mark_for_a_transaction_however_much_it_writes(supplier: Supplier) -> None:
    with transaction.atomic():
        for _ in range(3):
            make_order(supplier)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' "
                "AND pid = pg_backend_pid()"
            )
            assert cursor.fetchone() == (1,)
        # What it wrote it sees itself.
        assert settled_of(OrderEvent) == OrderEvent.objects.latest("pk").pk


def test_a_mark_below_the_very_first_event() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE suppliers_supplierevent ALTER COLUMN id RESTART WITH 1"
        )
    with open_transaction(make_supplier) as end:
        make_supplier("eet")
        assert settled()["u"] == 0
        end(True)
    assert settled()["u"] == 2

"""What is put back is what was there, in every table; also while others write."""

import threading
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.contenttypes.models import ContentType
from django.db import connection, connections, transaction
from django.db.models import F, Sum

from procurement.backups import shape
from procurement.backups.archive import verify
from procurement.backups.digest import differences, digest_of
from procurement.backups.filling import CannotBeFilled, PostgresFiller, blamed
from procurement.backups.keys import fingerprints
from procurement.backups.taking import take_backup
from procurement.orders.models import OrderEvent, OrderNumber, PurchaseOrder
from procurement.secrets import encrypt
from tests.factories import make_order, make_supplier, make_user
from tests.moving.shelf import put_back, sums, tables
from tests.moving.world import empty_tables, fill_world, tables_of_the_books

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_books_are_every_table_but_those_left_out_with_a_reason() -> None:
    models = {model._meta.db_table for model in tables_of_the_books()}

    assert {table.name for table in tables()} == models
    assert all(len(reason) > 10 for reason in shape.LEFT_OUT.values())
    there = set(connection.introspection.table_names()) - {"sqlite_stat1"}
    assert there == models | set(shape.LEFT_OUT)


def test_keys_of_second_factors_are_named_as_well(tmp_path: Path) -> None:
    held = {"secret": encrypt("a seed of an app"), "other": "in the clear"}
    Authenticator.objects.create(user=make_user("anna"), type="totp", data=held)

    taken = take_backup(tmp_path, keep=None)

    assert taken.manifest.keys == {fingerprints()[0]: 1}


def test_world_put_back_from_a_backup_is_the_same_in_every_table(
    tmp_path: Path,
) -> None:
    fill_world(orders=40)
    assert empty_tables() == []
    ContentType.objects.clear_cache()
    before = sums()

    taken = take_backup(tmp_path, keep=None)
    assert differences(before, verify(taken.path).sums) == []
    assert set(taken.manifest.keys) <= set(fingerprints())
    assert sum(taken.manifest.keys.values()) > 0
    PurchaseOrder.objects.update(note="changed", total=F("total") + 1)
    OrderEvent.objects.filter(kind="noted").delete()
    make_order(supplier=PurchaseOrder.objects.first().supplier)  # type: ignore[union-attr]
    assert digest_of(sums()) != digest_of(before)

    last = OrderNumber.objects.latest("pk").pk
    put_back(taken.path, ahead=500)

    assert differences(before, sums()) == []
    assert OrderNumber.objects.create(year=2031).pk > last + 400
    if connection.vendor == "postgresql":
        assert _triggers_and_indexes() > 100


def _triggers_and_indexes() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM pg_indexes WHERE schemaname = 'public') + "
            "(SELECT count(*) FROM pg_trigger WHERE tgname = 'events_mark_floor' "
            "AND tgenabled = 'O')"
        )
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("row", [b"8\tPO-8\t2031\t\0", b"8\tPO-8\t99999999999\tfine"])
def test_row_that_postgresql_cannot_keep_is_named(row: bytes) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("wants PostgreSQL")
    names = (("id", "integer"), ("subject", "text"), ("year", "integer"))
    table = shape.Table(
        "things",
        "id",
        True,
        tuple(shape.Column(*c) for c in (*names, ("text", "text"))),
    )
    rows = [b"7\tPO-7\t2031\tfine\n" + row + b"\n"]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE things "
            "(id integer, subject text, year smallint, text text) ON COMMIT DROP"
        )
        with (
            pytest.raises(CannotBeFilled, match="Row 8 of things"),
            transaction.atomic(),
            blamed(table, lambda table: iter(rows)),
        ):
            PostgresFiller(connection.connection).fill(table, rows)


def test_backup_taken_while_four_write_is_of_one_moment(tmp_path: Path) -> None:
    supplier = make_supplier()
    for _ in range(3):
        make_order(supplier)
    goes_on = threading.Event()
    goes_on.set()
    wrote = [0] * 4

    def write(number: int) -> None:
        while goes_on.is_set() and wrote[number] < 200:
            make_order(supplier)
            wrote[number] += 1
        connections.close_all()

    writers = [threading.Thread(target=write, args=[number]) for number in range(4)]
    for each in writers:
        each.start()
    while sum(wrote) < 4:
        pass
    taken = [take_backup(tmp_path, keep=None)]
    at_backup = sum(wrote)
    while sum(wrote) < at_backup + 4:
        pass
    goes_on.clear()
    for each in writers:
        each.join()
    written = PurchaseOrder.objects.count()

    put_back(taken[0].path)

    orders = PurchaseOrder.objects.annotate(
        sum=Sum(F("lines__quantity") * F("lines__unit_price"))
    )
    assert 4 <= orders.count() < written
    assert [o.number for o in orders if o.sum != o.total] == []
    assert not PurchaseOrder.objects.filter(events=None).exists()
    assert OrderNumber.objects.count() >= orders.count()

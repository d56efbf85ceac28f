"""What stands in the trail stays, for its time, and is found among very much."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone

from procurement import trail
from procurement.audit import guard
from procurement.audit.models import Entry, Purge
from procurement.audit.operations import purge_entries
from procurement.audit.tasks import purge_trail
from tests.factories import make_user

pytestmark = pytest.mark.django_db
LIST, EXPORT = "/admin/audit/entry/", "/admin/audit/entry/export/"


@pytest.fixture
def guarded() -> Iterator[None]:
    """As a migration sets it up; undone with the test."""
    guard.set_up(connection)
    yield
    guard.take_away(connection)


def entry(days: float = 0, **values: Any) -> Entry:
    at = timezone.now() - timedelta(days=days)
    return Entry.objects.create(
        at=at, **{"kind": "login.done", "door": "screen", **values}
    )


def person(role: str) -> Client:
    user = make_user(role.lower())
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


# --- nobody changes it --------------------------------------------------------------


def test_neither_rows_nor_sets_of_them_can_be_changed_or_deleted() -> None:
    kept = entry()
    for act in (
        kept.save,
        kept.delete,
        Entry.objects.all().delete,
        lambda: Entry.objects.update(kind="other"),
        lambda: Entry.objects.bulk_update([kept], ["kind"]),
    ):
        with pytest.raises(TypeError, match="only ever added to"):
            act()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor_name = 'somebody else'",
        "DELETE FROM audit_entry",
        "INSERT OR REPLACE INTO audit_entry SELECT * FROM audit_entry",
        "TRUNCATE audit_entry",
    ],
)
def test_the_database_refuses_it_too(guarded: None, statement: str) -> None:
    if statement[:8] == "TRUNCATE" and connection.vendor == "sqlite":
        pytest.skip("SQLite has no such statement")
    if "REPLACE" in statement and connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no such statement")
    kept = entry(days=4000, actor_name="anna")

    with (
        pytest.raises(DatabaseError, match="only ever added to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("PRAGMA recursive_triggers = ON") if (
            connection.vendor == "sqlite"
        ) else None
        cursor.execute(statement)

    assert Entry.objects.get().actor_name == "anna"
    assert Entry.objects.get().pk == kept.pk


# --- for its time -------------------------------------------------------------------


def test_what_is_past_its_time_goes_and_leaves_an_entry(guarded: None) -> None:
    for days in (1200, 1150, 1101):
        entry(days=days)
    kept = entry(days=1099)

    assert purge_entries(older_than=timedelta(days=1100), batch=2) == 3

    newest, *_ = found = list(Entry.objects.order_by("-pk"))
    assert [each.kind for each in found] == [
        "audit.purged",
        "audit.purged",
        "login.done",
    ]
    assert found[-1].pk == kept.pk
    assert (newest.details["entries"], newest.details["kept_days"]) == (1, 1100)
    assert not Purge.objects.exists()
    assert purge_entries(older_than=timedelta(days=1100)) == 0


def test_the_permit_covers_what_is_past_its_time_alone(guarded: None) -> None:
    entry(days=10)
    Purge.objects.create(before=timezone.now() - timedelta(days=40))

    with (
        pytest.raises(DatabaseError, match="only ever added to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM audit_entry")


def test_no_setting_makes_it_shorter_than_a_month(settings: Any) -> None:
    entry(days=29)
    settings.AUDIT_RETENTION_DAYS = 0

    purge_trail()

    assert Entry.objects.get().kind == "login.done"
    with pytest.raises(ValueError, match="30 days at least"):
        purge_entries(older_than=timedelta(days=29))


# --- who sees it, and what ----------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("Auditor", 200),
        ("Administrator", 200),
        ("Operator", 403),
        ("Buyer", 403),
        ("Approver", 403),
    ],
)
def test_auditors_and_administrators_see_it(role: str, status: int) -> None:
    client = person(role)

    assert client.get(LIST).status_code == status
    assert client.post(EXPORT).status_code == status


def test_it_is_searched_by_person_kind_span_and_subject() -> None:
    client = person("Auditor")
    first = entry(
        days=3, actor_name="anna", subject="web shop (12ab…)", kind="key.made"
    )
    second = entry(days=1, actor_name="olle", subject="extend-nord", kind="login.out")

    def shown(**query: str) -> set[int]:
        answer = client.get(LIST, query)
        assert answer.status_code == 200
        return {row.pk for row in answer.context["cl"].result_list} & {
            first.pk,
            second.pk,
        }

    day = f"{timezone.now() - timedelta(days=2):%Y-%m-%d}"
    assert shown() == {first.pk, second.pk}
    assert shown(who="anna") == {first.pk}
    assert shown(kind="key.made") == {first.pk}
    assert shown(kind="sign_in:") == {second.pk}
    assert shown(about="web sh") == {first.pk}
    assert shown(at_from=day) == {second.pk}
    assert shown(at_to=day, who="olle") == set()
    assert shown(outcome="failed") == set()


def test_the_export_has_what_is_filtered_no_formulas_and_is_told() -> None:
    client = person("Auditor")
    entry(actor_name='=HYPERLINK("http://x")', subject="@SUM(A1)", kind="login.out")
    entry(actor_name="olle", kind="key.made")

    answer = client.post(EXPORT, {"query": "kind=login.out"})
    text = b"".join(answer).decode("utf-8-sig")

    head, *lines = text.splitlines()
    assert head.startswith("When (UTC),What,Code,")
    assert len(lines) == 1
    assert "\"'=HYPERLINK" in lines[0]
    assert ",'@SUM(A1)," in lines[0]
    told = Entry.objects.get(kind="audit.exported")
    assert (told.actor_name, told.details) == (
        "auditor",
        {"filters": {"kind": "login.out"}},
    )
    assert client.get(EXPORT).status_code == 405


# --- among very much ----------------------------------------------------------------


def make_many() -> None:
    """So many that reading in order off an index is what a database would choose."""
    now = timezone.now()
    Entry.objects.bulk_create(
        Entry(
            at=now - timedelta(minutes=number),
            kind="login.done" if number % 30 else "key.made",
            actor_name="boris" if number % 31 else "anna",
            door="screen",
        )
        for number in range(6_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE audit_entry")


def plan(query: str) -> str:
    with connection.cursor() as cursor:
        verb = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
        cursor.execute(f"{verb} {query}")
        return "\n".join(str(row) for row in cursor.fetchall())


@pytest.mark.parametrize(
    ("filters", "index"),
    [
        ({}, "audit_at"),
        ({"who": "anna"}, "audit_actor"),
        ({"kind": "key.made"}, "audit_kind"),
        ({"at_from": "2031-01-01", "at_to": "2031-01-02"}, "audit_at"),
    ],
)
def test_lists_are_read_off_an_index_and_nothing_is_counted(
    filters: dict[str, str], index: str, django_assert_max_num_queries: Any
) -> None:
    client = person("Auditor")
    make_many()
    client.get(LIST)

    with django_assert_max_num_queries(12) as queries:
        client.get(LIST, filters)

    ours = [each["sql"] for each in queries if 'FROM "audit_entry"' in each["sql"]]
    assert len(ours) == 1
    assert "COUNT(" not in ours[0].upper()
    text = plan(ours[0])
    assert index in text, text
    assert "TEMP B-TREE" not in text, text
    assert "Sort" not in text, text


def test_a_row_is_never_in_two_apps_registers() -> None:
    codes = [kind.code for kind in trail.kinds()]

    assert len(codes) == len(set(codes))
    assert {kind.group for kind in trail.kinds()} == set(trail.groups())

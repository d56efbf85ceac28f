"""Migrations after the first release run while the code before them still works."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.fields import FieldOperation
from django.db.migrations.operations.models import ModelOperation

from procurement.indexing import AddIndexOnline

RELEASED = Path(__file__).parent / "released.txt"
"""Migrations that came before all installations this rule is for, one a line."""
ALLOWED: dict[tuple[str, str], str] = {
    **{
        (f"{app}_roles", "RunPython"): "gives permissions to a handful of groups"
        for app in ("accounts.0002", "audit.0003", "persons.0002")
    },
    ("audit.0002_guard", "RunPython"): "puts triggers on a table that is new",
    ("notices.0003_break_glass", "AddConstraint"): "notices go after half a year, and "
    "old code writes none of the new kind",
}
"""Migration and operation to why it harms nobody all the same."""
HARMFUL = {
    migrations.RemoveField: "old code still reads the column; do it a release later",
    migrations.DeleteModel: "old code still reads the table; do it a release later",
    migrations.RenameField: "old code knows the old name; add a column and fill it",
    migrations.RenameModel: "old code knows the old name",
    migrations.AlterModelTable: "old code knows the old name",
    migrations.AlterUniqueTogether: "add a UniqueConstraint, and say why it is cheap",
    migrations.RunSQL: "say in ALLOWED why it is short and harms no old code",
    migrations.RunPython: "write in short transactions, and say so in ALLOWED",
    migrations.AddConstraint: "checks every row behind a lock; say why it is cheap",
}
IN_PYTHON_ALONE = {
    *("choices", "help_text", "verbose_name", "validators", "editable", "blank"),
    *("default", "error_messages", "related_name", "limit_choices_to", "auto_now_add"),
    "auto_now",
}
"""What of a field its column does not know."""


def new_migrations() -> list[Any]:
    loader = MigrationLoader(None)
    released = set(RELEASED.read_text().split())
    return [
        migration
        for (app, name), migration in sorted(loader.disk_migrations.items())
        if migration.__module__.startswith("procurement.")
        and f"{app}.{name}" not in released
    ]


def faults_of(migration: Any, state: Any) -> Iterator[tuple[str, str]]:
    """Operations that old code or a busy table would not live with, and why."""
    is_new: set[str] = set()
    for operation in migration.operations:
        name = type(operation).__name__
        if isinstance(operation, migrations.CreateModel):
            is_new.add(operation.name_lower)
            continue
        of_new = _model(operation) in is_new
        fault = "" if of_new else _fault(operation, state, migration.app_label)
        if fault:
            yield name, fault


def _model(operation: Any) -> str:
    if isinstance(operation, FieldOperation):
        return operation.model_name_lower
    if isinstance(operation, ModelOperation):
        return operation.name_lower
    return str(getattr(operation, "model_name", "")).lower()


def _fault(operation: Any, state: Any, app: str) -> str:
    for kind, why in HARMFUL.items():
        if isinstance(operation, kind):
            return why
    if isinstance(operation, migrations.AddField):
        return _fault_of_added(operation.field)
    if isinstance(operation, migrations.AlterField):
        before = state.models[app, operation.model_name_lower]
        return _fault_of_altered(before.fields[operation.name], operation.field)
    is_index = isinstance(operation, migrations.AddIndex)
    if is_index and not isinstance(operation, AddIndexOnline):
        return "locks the table while it is built; take AddIndexOnline"
    return ""


def _fault_of_added(field: Any) -> str:
    if isinstance(field, models.ManyToManyField):
        return ""
    if not field.null and not field.has_db_default():
        return "old code does not fill it; give it a db_default, or let it be null"
    if field.unique or field.db_index:
        return "builds an index behind a lock; db_index=False and AddIndexOnline"
    if isinstance(field, models.GeneratedField):
        return "writes every row anew behind a lock"
    return ""


def _fault_of_altered(before: Any, after: Any) -> str:
    def column(field: Any) -> Any:
        _, path, arguments, options = field.deconstruct()
        known = {k: v for k, v in options.items() if k not in IN_PYTHON_ALONE}
        return path, arguments, known

    was, now = column(before), column(after)
    wider = (was[2].pop("max_length", 0), now[2].pop("max_length", 0))
    if was == now and wider[0] <= wider[1]:
        return ""
    return "changes the column under old code; add another, and fill it"


def test_new_migrations_live_beside_old_code_and_busy_tables() -> None:
    loader = MigrationLoader(None)
    found = {}
    for migration in new_migrations():
        key = (migration.app_label, migration.name)
        state = loader.project_state(key, at_end=False)
        for operation, why in faults_of(migration, state):
            named = (f"{migration.app_label}.{migration.name}", operation)
            if named not in ALLOWED:
                found[named] = why

    assert found == {}


def test_online_indexes_are_in_migrations_without_a_transaction() -> None:
    for migration in new_migrations():
        is_online = any(isinstance(o, AddIndexOnline) for o in migration.operations)
        assert not (is_online and migration.atomic), migration


def test_exceptions_are_of_migrations_that_are_there() -> None:
    names = {f"{each.app_label}.{each.name}" for each in new_migrations()}

    assert {migration for migration, _ in ALLOWED} <= names


NUMBER = models.Index(fields=["number"], name="number")
ALWAYS_X = models.CheckConstraint(condition=models.Q(number="x"), name="always_x")


def added(field: Any) -> Any:
    return migrations.AddField("Order", "added", field)


def altered(field: Any) -> Any:
    return migrations.AlterField("Order", "number", field)


@pytest.mark.parametrize(
    "operation",
    [
        added(models.TextField(default="")),
        added(models.IntegerField(null=True, unique=True)),
        added(models.IntegerField(null=True, db_index=True)),
        altered(models.CharField(max_length=10)),
        altered(models.TextField()),
        altered(models.CharField(max_length=20, unique=True)),
        migrations.RemoveField("Order", "number"),
        migrations.RenameField("Order", "number", "name"),
        migrations.DeleteModel("Order"),
        migrations.AddIndex("Order", NUMBER),
        migrations.AddConstraint("Order", ALWAYS_X),
        migrations.RunPython(migrations.RunPython.noop),
        migrations.RunSQL("UPDATE orders SET number = 1"),
    ],
)
def test_rule_finds_what_harms(operation: Any) -> None:
    assert faults_of_one(operation)


@pytest.mark.parametrize(
    "operation",
    [
        added(models.TextField(null=True)),
        added(models.TextField(default="", db_default="")),
        altered(models.CharField(max_length=30)),
        altered(models.CharField(max_length=20, help_text="Ours.")),
        AddIndexOnline("Order", NUMBER),
    ],
)
def test_rule_lets_pass_what_does_not(operation: Any) -> None:
    assert faults_of_one(operation) == []


def faults_of_one(operation: Any) -> list[Any]:
    state = migrations.state.ProjectState()
    fields = [
        ("id", models.AutoField(primary_key=True)),
        ("number", models.CharField(max_length=20)),
    ]
    state.add_model(migrations.state.ModelState("orders", "Order", fields))
    migration = migrations.Migration("x", "orders")
    migration.operations = [operation]
    return list(faults_of(migration, state))


def test_what_is_made_anew_may_have_anything() -> None:
    migration = migrations.Migration("x", "orders")
    migration.operations = [
        migrations.CreateModel("Box", [("id", models.AutoField(primary_key=True))]),
        migrations.AddField("Box", "size", models.IntegerField(unique=True, default=1)),
    ]

    assert list(faults_of(migration, migrations.state.ProjectState())) == []


def test_no_migration_imports_operations_that_change_with_the_code() -> None:
    """What a migration calls years from now has to do what it did then."""
    for migration in new_migrations():
        path = Path(*migration.__module__.split(".")).with_suffix(".py")
        for node in ast.walk(ast.parse(path.read_text())):
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            is_ours = module.startswith("procurement.")
            assert not (is_ours and module.endswith(("operations", "queries"))), path

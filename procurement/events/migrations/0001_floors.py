"""PostgreSQL: whoever writes events marks the id below which it took none.

`procurement/events/frontier.py` says what for. A trigger, so that it holds through every
door; before the statement, so that the mark is there before the first id is taken; once
for a transaction, so that a large one needs no more locks than a small one. The mark is
a lock that is always shared: nobody ever waits for it. Without the mark the setting
that says it was made is undone as well, when a savepoint is rolled back.
"""

from django.db import migrations

STREAMS = (
    ("orders_orderevent", 0),
    ("shops_shopevent", 1),
    ("customers_customerevent", 2),
    ("suppliers_supplierevent", 3),
    ("logins_loginevent", 4),
)
FUNCTION = """
CREATE OR REPLACE FUNCTION events_mark_floor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting(TG_ARGV[1], true) IS DISTINCT FROM 'made' THEN
        PERFORM pg_advisory_xact_lock_shared(
            (x'4550'::bigint + TG_ARGV[0]::bigint) << 48
            | COALESCE(
                pg_sequence_last_value(
                    pg_get_serial_sequence(TG_RELID::regclass::text, 'id')::regclass
                ),
                0
            )
        );
        PERFORM set_config(TG_ARGV[1], 'made', true);
    END IF;
    RETURN NULL;
END
$$
"""
TRIGGER = """
CREATE TRIGGER events_mark_floor BEFORE INSERT ON "{table}"
FOR EACH STATEMENT EXECUTE FUNCTION events_mark_floor('{number}', 'events.mark_{number}')
"""


def set_up(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute(FUNCTION)
    for table, number in STREAMS:
        schema_editor.execute(TRIGGER.format(table=table, number=number))


def take_away(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for table, _ in STREAMS:
        schema_editor.execute(f'DROP TRIGGER events_mark_floor ON "{table}"')
    schema_editor.execute("DROP FUNCTION events_mark_floor()")


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0010_owners"),
        ("shops", "0002_registrations"),
        ("customers", "0004_links_are_sure"),
        ("suppliers", "0006_language"),
        ("logins", "0001_initial"),
    ]
    operations = [migrations.RunPython(set_up, take_away)]

from django.core.management.commands.createcachetable import Command
from django.db import migrations


def create_cache_table(apps, schema_editor):
    """Make `migrate` all the set-up there is, also where no Redis is used."""
    alias = schema_editor.connection.alias
    if "cache" not in schema_editor.connection.introspection.table_names():
        command = Command()
        command.verbosity = 0
        command.create_table(alias, "cache", dry_run=False)


class Migration(migrations.Migration):
    dependencies = [("coordination", "0001_initial")]
    operations = [
        migrations.RunPython(create_cache_table, migrations.RunPython.noop)
    ]

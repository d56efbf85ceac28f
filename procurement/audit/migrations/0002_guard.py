from django.db import migrations

from procurement.audit import guard


def set_up(apps, schema_editor):
    guard.set_up(schema_editor.connection)


def take_away(apps, schema_editor):
    guard.take_away(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(set_up, take_away)]

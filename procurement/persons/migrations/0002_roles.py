from django.db import migrations

from procurement.access.granting import grant, make_permissions

LOOK = ("persons.view_erasure",)
NAMES = {
    "Administrator": (*LOOK, "persons.erase_person", "persons.export_person"),
    "Auditor": LOOK,
}


def share_out(apps, schema_editor):
    make_permissions(apps, "persons")
    grant(apps, NAMES)


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0018_imports"),
        ("persons", "0001_initial"),
    ]
    operations = [migrations.RunPython(share_out, migrations.RunPython.noop)]

from django.db import migrations

from procurement.access.granting import grant, make_permissions

HANDLE = ("troubles.handle_trouble",)
NAMES = {"Operator": HANDLE, "Administrator": HANDLE}


def share_out(apps, schema_editor):
    make_permissions(apps, "troubles")
    grant(apps, NAMES)


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0014_approval_rules"),
        ("troubles", "0001_initial"),
    ]
    operations = [migrations.RunPython(share_out, migrations.RunPython.noop)]

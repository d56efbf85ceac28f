from django.db import migrations

from procurement.access.granting import grant, make_permissions

LOOK = ("accounts.view_accountevent", "accounts.view_breakglassuse")
NAMES = {"Administrator": (*LOOK, "accounts.help_people"), "Auditor": LOOK}


def share_out(apps, schema_editor):
    make_permissions(apps, "accounts")
    grant(apps, NAMES)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("access", "0020_calls_at_work"),
    ]
    operations = [migrations.RunPython(share_out, migrations.RunPython.noop)]

from django.db import migrations

from procurement.access.granting import grant, make_permissions

VIEW = ("audit.view_entry",)
NAMES = {"Administrator": VIEW, "Auditor": VIEW}


def share_out(apps, schema_editor):
    make_permissions(apps, "audit")
    grant(apps, NAMES)


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_guard"), ("access", "0020_calls_at_work")]
    operations = [migrations.RunPython(share_out, migrations.RunPython.noop)]

from django.db import migrations

from procurement.access.granting import grant, make_permissions

VIEW = ("documents.view_exportfetch",)
NAMES = {"Administrator": VIEW, "Auditor": VIEW}


def share_out(apps, schema_editor):
    make_permissions(apps, "documents")
    grant(apps, NAMES)


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0015_troubles"),
        ("documents", "0002_fetched_exports"),
    ]
    operations = [migrations.RunPython(share_out, migrations.RunPython.noop)]

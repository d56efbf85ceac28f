from django.db import migrations

from procurement.access.granting import grant, make_permissions

NAMES = {
    "Administrator": tuple(
        f"reach.{verb}_reach" for verb in ("add", "change", "delete", "view")
    ),
    "Auditor": ("reach.view_reach",),
}


def share_out(apps, schema_editor):
    make_permissions(apps, "reach")
    grant(apps, NAMES)


class Migration(migrations.Migration):
    dependencies = [("access", "0009_key_shop"), ("reach", "0001_initial")]
    operations = [migrations.RunPython(share_out, migrations.RunPython.noop)]

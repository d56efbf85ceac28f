from django.db import migrations

from procurement.access.granting import grant, make_permissions

OWN = ("runs.view_run",)
ALL = (*OWN, "runs.view_all_runs")
LOOK_AFTER = (*ALL, "runs.stop_all_runs")
NAMES = {
    "Buyer": OWN,
    "Approver": OWN,
    "Operator": LOOK_AFTER,
    "Administrator": LOOK_AFTER,
    "Auditor": ALL,
}


def share_out(apps, schema_editor):
    make_permissions(apps, "runs")
    grant(apps, NAMES)


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0010_reach"),
        ("runs", "0001_initial"),
    ]
    operations = [migrations.RunPython(share_out, migrations.RunPython.noop)]

from django.db import migrations

from procurement.access.granting import grant, make_permissions

VIEW = ("notices.view_notice",)
NAMES = dict.fromkeys(
    ("Buyer", "Approver", "Operator", "Administrator", "Auditor"), VIEW
)


def share_out(apps, schema_editor):
    make_permissions(apps, "notices")
    grant(apps, NAMES)


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0016_fetched_exports"),
        ("notices", "0001_initial"),
    ]
    operations = [migrations.RunPython(share_out, migrations.RunPython.noop)]

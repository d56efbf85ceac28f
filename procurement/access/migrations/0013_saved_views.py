from django.db import migrations

from procurement.access.granting import grant, make_permissions

SHARE = ("lists.share_savedview",)
NAMES = {"Buyer": SHARE, "Approver": SHARE, "Operator": SHARE, "Administrator": SHARE}


def share_out(apps, schema_editor):
    make_permissions(apps, "lists")
    grant(apps, NAMES)


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0012_teamwork"),
        ("lists", "0001_initial"),
    ]
    operations = [migrations.RunPython(share_out, migrations.RunPython.noop)]

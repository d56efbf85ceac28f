from django.db import migrations

from procurement.access.granting import grant, make_permissions

COMMENT = ("orders.comment_purchaseorder",)
NAMES = {
    "Buyer": (*COMMENT, "orders.assign_purchaseorder"),
    "Approver": COMMENT,
    "Operator": (*COMMENT, "orders.assign_purchaseorder"),
}


def share_out(apps, schema_editor):
    make_permissions(apps, "orders")
    grant(apps, NAMES)


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0011_runs"),
        ("orders", "0005_teamwork"),
    ]
    operations = [migrations.RunPython(share_out, migrations.RunPython.noop)]

from django.db import migrations

from procurement.access.granting import grant, make_permissions

LOOK = ("logins.view_customerlogintoken",)
CONNECT = ("logins.connect_customer",)
NAMES = {
    "Buyer": (*LOOK, *CONNECT),
    "Approver": LOOK,
    "Operator": LOOK,
    "Administrator": (*LOOK, *CONNECT),
    "Auditor": LOOK,
}


def share_out(apps, schema_editor):
    make_permissions(apps, "logins")
    grant(apps, NAMES)


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0005_shops_and_customers"),
        ("logins", "0001_initial"),
    ]
    operations = [migrations.RunPython(share_out, migrations.RunPython.noop)]

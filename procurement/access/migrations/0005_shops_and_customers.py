from django.db import migrations

from procurement.access.granting import grant, make_permissions

LOOK = ("shops.view_shopregistration",)
KEEP = (
    "customers.link_customer",
    "customers.register_customer",
    "shops.add_shop",
    "shops.change_shop",
    "shops.register_shop",
    "shops.push_shop",
)
SETTLE = (
    "customers.link_customer",
    "customers.resolve_customer",
    "shops.resolve_shop",
)
NAMES = {
    "Buyer": (*LOOK, *KEEP),
    "Approver": LOOK,
    "Operator": (*LOOK, *SETTLE),
    "Administrator": (*LOOK, *KEEP, *SETTLE),
    "Auditor": LOOK,
}


def share_out(apps, schema_editor):
    make_permissions(apps, "shops", "customers")
    grant(apps, NAMES)


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0004_manual_steps"),
        ("shops", "0002_registrations"),
        ("customers", "0002_links"),
    ]
    operations = [migrations.RunPython(share_out, migrations.RunPython.noop)]

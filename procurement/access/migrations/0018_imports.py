from django.db import migrations

from procurement.access.granting import grant, make_permissions

LOOK = ("imports.view_orderimport", "imports.view_itemimport")
ITEMS = ("imports.add_itemimport",)
NAMES = {
    "Buyer": (*LOOK, *ITEMS, "imports.add_orderimport"),
    "Approver": LOOK,
    "Operator": LOOK,
    "Administrator": (*LOOK, *ITEMS),
    "Auditor": LOOK,
}


def share_out(apps, schema_editor):
    make_permissions(apps, "imports")
    grant(apps, NAMES)


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0017_notices"),
        ("imports", "0001_initial"),
    ]
    operations = [migrations.RunPython(share_out, migrations.RunPython.noop)]

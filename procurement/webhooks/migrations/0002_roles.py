from django.db import migrations

from procurement.access.granting import grant, make_permissions

LOOK = ("webhooks.view_endpoint", "webhooks.view_delivery")
HAVE = (*LOOK, "webhooks.add_endpoint", "webhooks.change_endpoint")
ALL = "webhooks.view_all_endpoints"
NAMES = {
    "Buyer": HAVE,
    "Operator": (*HAVE, ALL),
    "Administrator": (*HAVE, ALL),
    "Auditor": (*LOOK, ALL),
}


def share_out(apps, schema_editor):
    make_permissions(apps, "webhooks")
    grant(apps, NAMES)


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0018_imports"),
        ("webhooks", "0001_initial"),
    ]
    operations = [migrations.RunPython(share_out, migrations.RunPython.noop)]

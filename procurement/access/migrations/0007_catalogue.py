from django.db import migrations

from procurement.access.granting import grant, make_permissions

LOOK = ("catalogue.view_itemoffer", "catalogue.view_pricefile")
ASK = (*LOOK, "catalogue.fetch_itemoffer")
BRING = (*ASK, "catalogue.add_pricefile")
RELEASE = (*BRING, "catalogue.release_pricefile", "catalogue.release_itemoffer")
NAMES = {
    "Buyer": BRING,
    "Approver": ASK,
    "Operator": RELEASE,
    "Administrator": RELEASE,
    "Auditor": LOOK,
}


def share_out(apps, schema_editor):
    make_permissions(apps, "catalogue")
    grant(apps, NAMES)


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0006_shop_logins"),
        ("catalogue", "0001_initial"),
    ]
    operations = [migrations.RunPython(share_out, migrations.RunPython.noop)]

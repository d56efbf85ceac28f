from django.db import migrations

from procurement.access.granting import grant, make_permissions

NAMES = ("inbound.view_webhookdelivery",)
ROLES = ("Buyer", "Approver", "Operator", "Administrator", "Auditor")


def let_everybody_look(apps, schema_editor):
    make_permissions(apps, "inbound")
    grant(apps, dict.fromkeys(ROLES, NAMES))


class Migration(migrations.Migration):
    dependencies = [("access", "0002_roles"), ("inbound", "0001_initial")]
    operations = [migrations.RunPython(let_everybody_look, migrations.RunPython.noop)]

from django.db import migrations

from procurement.access.granting import grant, make_permissions

LOOKING = ("fulfilment.view_supplierinvoice", "fulfilment.view_stepimport")
RECORDING = (
    "orders.ship_purchaseorder",
    "orders.invoice_purchaseorder",
    "fulfilment.add_stepimport",
)
LOOKERS = ("Approver", "Administrator", "Auditor")
RECORDERS = ("Buyer", "Operator")


def let_them_record(apps, schema_editor):
    make_permissions(apps, "orders", "fulfilment")
    grant(
        apps,
        {
            **dict.fromkeys(LOOKERS, LOOKING),
            **dict.fromkeys(RECORDERS, LOOKING + RECORDING),
        },
    )


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0003_webhooks"),
        ("orders", "0003_manual_steps"),
        ("fulfilment", "0002_manual_steps"),
    ]
    operations = [migrations.RunPython(let_them_record, migrations.RunPython.noop)]

from django.db import migrations

from procurement.access.granting import grant, make_permissions

LOOK = ("alarms.view_alarm", "alarms.view_alarmrule")
LOOK_AFTER = (*LOOK, "alarms.acknowledge_alarm")
SET_CLOCKS = (
    *LOOK_AFTER,
    "alarms.add_alarmrule",
    "alarms.change_alarmrule",
    "alarms.delete_alarmrule",
)
WORKERS = (
    "coordination.view_heartbeat",
    "coordination.view_jobrun",
    "coordination.view_lease",
)
NAMES = {
    "Buyer": LOOK_AFTER,
    "Approver": LOOK,
    "Operator": (*SET_CLOCKS, *WORKERS),
    "Administrator": (*SET_CLOCKS, *WORKERS),
    "Auditor": (*LOOK, *WORKERS),
}


def share_out(apps, schema_editor):
    make_permissions(apps, "alarms", "coordination")
    grant(apps, NAMES)


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0007_catalogue"),
        ("alarms", "0001_initial"),
        ("coordination", "0003_workers_and_jobs"),
    ]
    operations = [migrations.RunPython(share_out, migrations.RunPython.noop)]

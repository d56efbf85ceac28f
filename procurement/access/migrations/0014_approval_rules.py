from django.db import migrations

from procurement.access.granting import grant, make_permissions


def _all(*models):
    return tuple(
        f"approvals.{verb}_{model}"
        for model in models
        for verb in ("add", "change", "delete", "view")
    )


LOOK = tuple(
    f"approvals.view_{model}"
    for model in (
        "approvalrule",
        "approvallevel",
        "approvalstep",
        "autoapproval",
        "standin",
    )
)
NAME_STAND_INS = _all("standin")
NAMES = {
    "Buyer": LOOK,
    "Approver": (*LOOK, *NAME_STAND_INS),
    "Operator": LOOK,
    "Administrator": (
        *LOOK,
        *_all("approvalrule", "approvallevel", "autoapproval"),
        *NAME_STAND_INS,
        "approvals.keep_standin",
    ),
    "Auditor": LOOK,
}


def share_out(apps, schema_editor):
    make_permissions(apps, "approvals")
    grant(apps, NAMES)


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0013_saved_views"),
        ("approvals", "0002_rules_and_steps"),
    ]
    operations = [migrations.RunPython(share_out, migrations.RunPython.noop)]

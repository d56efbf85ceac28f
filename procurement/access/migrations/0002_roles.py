from django.contrib.auth.management import create_permissions
from django.db import migrations

from procurement.access.roles import ROLES


def make_roles(apps, schema_editor):
    """Create the groups; permissions would otherwise come after all migrations."""
    labels = {name.partition(".")[0] for names in ROLES.values() for name in names}
    for label in sorted(labels):
        config = apps.get_app_config(label)
        config.models_module = True
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None
    permission = apps.get_model("auth", "Permission")
    group = apps.get_model("auth", "Group")
    for role, names in ROLES.items():
        made, is_new = group.objects.get_or_create(name=role)
        if not is_new:
            continue
        for name in names:
            label, codename = name.split(".")
            made.permissions.add(
                permission.objects.get(
                    content_type__app_label=label, codename=codename
                )
            )


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("suppliers", "0001_initial"),
        ("transmissions", "0001_initial"),
        ("customers", "0001_initial"),
        ("shops", "0001_initial"),
        ("orders", "0001_initial"),
        ("approvals", "0001_initial"),
        ("fulfilment", "0001_initial"),
    ]
    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]

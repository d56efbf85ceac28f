from django.db import migrations

from procurement.access.granting import grant, make_permissions
from procurement.access.roles import ROLES


def make_roles(apps, schema_editor):
    """Create the groups.

    What a role may do in parts that were added later is granted by later migrations.
    """
    labels = {name.partition(".")[0] for names in ROLES.values() for name in names}
    make_permissions(apps, *labels)
    group = apps.get_model("auth", "Group")
    new = [role for role in ROLES if not group.objects.filter(name=role).exists()]
    for role in new:
        group.objects.create(name=role)
    grant(apps, {role: ROLES[role] for role in new})


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

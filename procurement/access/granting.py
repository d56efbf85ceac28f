"""What migrations use to give permissions to roles."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.management import create_permissions


def make_permissions(apps: Any, *labels: str) -> None:
    """Create the permissions of apps; by themselves they come after all migrations."""
    for label in sorted(labels):
        try:
            config = apps.get_app_config(label)
        except LookupError:
            continue
        config.models_module = True
        create_permissions(config, apps=apps, verbosity=0)
        config.models_module = None


def grant(apps: Any, names_by_role: Mapping[str, Sequence[str]]) -> None:
    """Give permissions, as `app.codename`, to the roles that are there.

    A permission that does not exist yet is left to the migration that brings it.
    """
    permission = apps.get_model("auth", "Permission")
    group = apps.get_model("auth", "Group")
    for role in group.objects.filter(name__in=list(names_by_role)):
        for name in names_by_role[role.name]:
            label, _, codename = name.partition(".")
            role.permissions.add(
                *permission.objects.filter(
                    content_type__app_label=label, codename=codename
                )
            )

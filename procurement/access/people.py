"""Who holds a permission, of their own or by a group."""

from django.contrib.auth.models import Permission, User
from django.db.models import Exists, OuterRef, Q, QuerySet


def who_may(permission: str) -> QuerySet[User]:
    """Everybody who is active and holds `app.codename`, by name."""
    app, _, codename = permission.partition(".")
    named = Permission.objects.filter(content_type__app_label=app, codename=codename)
    has_it = Exists(named.filter(user=OuterRef("pk")))
    by_group = Exists(named.filter(group__user=OuterRef("pk")))
    return User.objects.filter(
        Q(is_superuser=True) | has_it | by_group, is_active=True
    ).order_by("username")

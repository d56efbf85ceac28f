"""Who may do what, read in one query instead of Django's two."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser, Permission, User

_NAME = ("content_type__app_label", "codename")


class RoleBackend(ModelBackend):
    """Django's own backend; a user's permissions and their groups' come together."""

    def get_all_permissions(
        self, user_obj: User | AnonymousUser, obj: Any = None
    ) -> set[str]:
        user: Any = user_obj
        if user.is_superuser or not user.is_active or user.is_anonymous or obj:
            return super().get_all_permissions(user_obj, obj)
        if not hasattr(user, "_role_permissions"):
            own = Permission.objects.filter(user=user).order_by()
            by_group = Permission.objects.filter(group__user=user).order_by()
            names = own.values_list(*_NAME).union(by_group.values_list(*_NAME))
            user._role_permissions = {f"{app}.{name}" for app, name in names}
        found: set[str] = user._role_permissions
        return found

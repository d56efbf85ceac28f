"""Users, groups, and the keys of other systems."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from procurement.access.admin_keys import ApiKeyAdmin
from procurement.adminbase import (
    AdminPasswordChangeForm,
    ModelAdmin,
    UserChangeForm,
    UserCreationForm,
)
from procurement.adminfilters import field_filter

__all__ = ["ApiKeyAdmin", "GroupAdmin", "UserAdmin"]

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):  # type: ignore[type-arg]
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "first_name", "last_name", "email", "is_active"]
    list_filter = [
        field_filter(
            "is_active", _("Active"), [(1, _("Active")), (0, _("Not active"))]
        ),
        field_filter("is_superuser", _("Superuser"), [(1, _("Yes")), (0, _("No"))]),
    ]
    sortable_by = ["username"]
    # A permission is one of hundreds: roles are given, and looked up by name.
    filter_horizontal = ()
    autocomplete_fields = ["groups"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not a superuser's account, whose password would open everything."""
        may = super().has_change_permission(request, obj)
        return may and (not getattr(obj, "is_superuser", False) or _is_super(request))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: what they did bears their name. Make them inactive instead."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Only a superuser hands out what goes around every role.

        Nobody gives themselves a role: somebody else has to find it right.
        """
        fixed = ["last_login", "date_joined"]
        if not _is_super(request):
            fixed += ["is_superuser", "user_permissions"]
            if obj is not None and obj.pk == request.user.pk:
                fixed += ["groups", "is_active", "is_staff"]
        return fixed


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin):
    sortable_by = ["name"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not a role of one's own: what it may do is for somebody else to say."""
        may = super().has_change_permission(request, obj)
        return may and (obj is None or _is_super(request) or not _has(request, obj))


def _has(request: HttpRequest, role: Group) -> bool:
    return request.user.groups.filter(pk=role.pk).exists()


def _is_super(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))

"""A person's reach, set on the page of the user."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from procurement.access.admin import UserAdmin
from procurement.adminbase import TabularInline
from procurement.reach.models import Reach


class ReachInline(TabularInline):
    model = Reach
    fields = ["orders", "is_bound_to_shops", "shops"]
    autocomplete_fields = ["shops"]
    can_delete = True
    max_num = 1
    extra = 1
    hide_title = True
    verbose_name = verbose_name_plural = _("What the person sees")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and _is_other(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may: bool = super().has_change_permission(request, obj)
        return may and _is_other(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may: bool = super().has_delete_permission(request, obj)
        return may and _is_other(request, obj)


def _is_other(request: HttpRequest, obj: Any) -> bool:
    """Nobody widens their own reach."""
    is_super = bool(getattr(request.user, "is_superuser", False))
    return is_super or obj is None or obj.pk != request.user.pk


admin.site.unregister(User)


@admin.register(User)
class UserWithReachAdmin(UserAdmin):
    """The page of a user with what they see; Django's log says who changed it."""

    inlines = [ReachInline]

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[Any]:
        # A user is made with a name and a password; the rest comes on their page.
        return [] if obj is None else list(self.inlines)

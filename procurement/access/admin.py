"""Users, groups, and the keys of other systems."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from procurement.access.models import SCOPES, ApiKey
from procurement.adminbase import (
    AdminPasswordChangeForm,
    CheckboxesWidget,
    DateWidget,
    ModelAdmin,
    SelectWidget,
    TextWidget,
    UserChangeForm,
    UserCreationForm,
)
from procurement.adminfilters import field_filter
from procurement.adminshow import age, badge
from procurement.scoping import scoped

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


class ApiKeyForm(forms.Form):
    name = forms.CharField(
        max_length=80,
        widget=TextWidget,
        help_text=_("The system it is for. Keys of one name are one system."),
    )
    user = forms.ModelChoiceField(
        queryset=User.objects.filter(is_active=True).order_by("username"),
        widget=SelectWidget,
        help_text=_("The key can do no more than this user may."),
    )
    scopes = forms.MultipleChoiceField(
        choices=[(scope, scope) for scope in SCOPES], widget=CheckboxesWidget
    )
    shop = forms.ModelChoiceField(
        label=_("Shop"),
        queryset=apps.get_model("shops.Shop").objects.order_by("name"),
        required=False,
        empty_label=_("All shops"),
        widget=SelectWidget,
        help_text=_("The one shop it sees and enters orders for."),
    )
    expires_on = forms.DateField(
        label=_("Ends on"),
        required=False,
        widget=DateWidget,
        help_text=_("Left empty, it ends when it is revoked."),
    )


@admin.register(ApiKey)
class ApiKeyAdmin(ModelAdmin):
    list_display = ["name", "prefix", "user", "shop", "state", "used", "created_at"]
    list_select_related = ["user", "shop"]
    search_fields = ["name", "prefix"]
    search_help_text = _("Name or first characters")
    sortable_by = ()
    fields = [
        "name",
        "prefix",
        "user",
        "shop",
        "scope_list",
        "state",
        "expires_at",
        "revoked_at",
        "last_used_at",
        "created_at",
    ]
    readonly_fields = ["scope_list", "state"]
    change_form_template = "admin/access/key.html"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: a key that should be different is replaced by a new one."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: a revoked key still says who did what."""
        return False

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Make a key, and show it this once: only its hash is kept."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ApiKeyForm(request.POST or None)
        if not _is_super(request):
            field = form.fields["user"]
            field.queryset = field.queryset.filter(is_superuser=False)  # type: ignore[attr-defined]
        shops: Any = form.fields["shop"]
        shops.queryset = scoped(shops.queryset, request.user)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": gettext("New API key"),
            "form": form,
        }
        if not form.is_valid():
            return TemplateResponse(request, "admin/access/new_key.html", context)
        key, secret = _make(form.cleaned_data)
        self.log_addition(request, key, _("Made for the user %s.") % key.user)
        context |= {"key": key, "secret": secret}
        return TemplateResponse(request, "admin/access/key_once.html", context)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        key: ApiKey = context["original"]
        context["title"] = str(key)
        context["show_history"] = False
        context["may_revoke"] = key.revoked_at is None and _may_revoke(request)
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.revoke_view)
        return [
            path("<int:key_id>/revoke/", view, name="access_apikey_revoke"),
            *super().get_urls(),
        ]

    def revoke_view(self, request: HttpRequest, key_id: int) -> HttpResponse:
        if not _may_revoke(request):
            raise PermissionDenied
        key = self.get_queryset(request).filter(pk=key_id).first()
        if key is None:
            raise Http404(gettext("There is no such key."))
        if request.method == "POST":
            in_use = ApiKey.objects.filter(pk=key_id, revoked_at=None)
            if in_use.update(revoked_at=timezone.now()):
                self.log_change(request, key, _("Revoked."))
            self.message_user(
                request,
                gettext("%(key)s is revoked and opens nothing any more.")
                % {"key": key},
                messages.SUCCESS,
            )
        return HttpResponseRedirect(self.object_url(key_id))

    @admin.display(description=_("State"))
    def state(self, key: ApiKey) -> SafeString:
        if key.revoked_at:
            return badge(gettext("Revoked"), "grey")
        if key.expires_at and key.expires_at <= timezone.now():
            return badge(gettext("Ended"), "grey")
        return badge(gettext("In use"), "green")

    @admin.display(description=_("Last used"))
    def used(self, key: ApiKey) -> Any:
        return age(key.last_used_at)

    @admin.display(description=_("Scopes"))
    def scope_list(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)


def _may_revoke(request: HttpRequest) -> bool:
    return request.user.has_perm("access.change_apikey")


def _make(values: dict[str, Any]) -> tuple[ApiKey, str]:
    key, secret = ApiKey.make(
        name=values["name"],
        user=values["user"],
        scopes=values["scopes"],
        shop=values["shop"],
    )
    if day := values["expires_on"]:
        # Until the end of that day, as people read it.
        key.expires_at = timezone.make_aware(datetime.combine(day, time.max))
        key.save(update_fields=["expires_at"])
    return key, secret

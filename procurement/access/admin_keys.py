"""The screens of keys: the list, a key's page, and making, replacing, changing one."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procurement.access import operations, queries
from procurement.access.admin_key_forms import (
    LimitsForm,
    NewKeyForm,
    ReplaceForm,
    limits_of,
    next_end,
)
from procurement.access.admin_key_page import (
    badge_of,
    calls_text,
    ends_text,
    key_page,
    networks_text,
    used_text,
)
from procurement.access.models import ApiKey, Standing
from procurement.adminbase import ModelAdmin
from procurement.adminfilters import SelectFilter
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.texts import Text

REFUSALS = (InvalidInput, OperationNotAllowed)


class StandingFilter(SelectFilter):
    title = gettext_lazy("State")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Text]]:
        return [
            ("usable", gettext_lazy("All that work")),
            ("missed", gettext_lazy("End soon, still used")),
            *Standing.choices,
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queries.with_standing(queryset, self.value() or "", timezone.now())


@admin.register(ApiKey)
class ApiKeyAdmin(ModelAdmin):
    list_display = [
        "name",
        "prefix",
        "user",
        "shop",
        "state",
        "used",
        "ends",
        "taken_from",
        "calls",
    ]
    list_select_related = ["user", "shop", "replaced_by"]
    list_filter = [StandingFilter]
    search_fields = ["name", "prefix"]
    search_help_text = gettext_lazy("Name or first characters")
    sortable_by = ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: what a key may do takes another key; see the operations."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody: a revoked key still says who did what."""
        return False

    def get_urls(self) -> list[URLPattern]:
        views = {
            "revoke": self.revoke_view,
            "replace": self.replace_view,
            "limits": self.limits_view,
        }
        ours = [
            path(
                f"<int:key_id>/{name}/",
                self.admin_site.admin_view(view),
                name=f"access_apikey_{name}",
            )
            for name, view in views.items()
        ]
        return [*ours, *super().get_urls()]

    # --- a key's page -------------------------------------------------------------

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_permission(request) or request.method == "POST":
            raise PermissionDenied
        key = self._key(request, object_id)
        may_change = _may_change(request)
        context = self._context(
            request,
            key_page(key),
            key=key,
            title=str(key),
            may_revoke=may_change and key.revoked_at is None,
            may_change=may_change and key.standing.is_good,
            may_replace=_may_replace(request) and _is_replaceable(key),
        )
        return TemplateResponse(request, "admin/access/key.html", context)

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Its page tells what was done to it, and knows of the command line too."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return HttpResponseRedirect(self.object_url(self._key(request, object_id).pk))

    # --- what is done to keys -----------------------------------------------------

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Make a key, and show it this once: only its hash is kept."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        actor: Any = request.user
        form = NewKeyForm(actor, request.POST or None)
        if form.is_valid():
            try:
                made = operations.make_key(actor=actor, **form.values())
            except REFUSALS as refusal:
                form.add_refusal(refusal)
            else:
                return self._show_once(request, made, _("New API key"))
        return self._form(
            request, form, title=_("New API key"), button=_("Make the key")
        )

    def replace_view(self, request: HttpRequest, key_id: int) -> HttpResponse:
        """Make a key in the place of another, which works on for a while."""
        if not _may_replace(request):
            raise PermissionDenied
        actor: Any = request.user
        key = self._key(request, key_id)
        title = _("Replace %(key)s") % {"key": key}
        form = ReplaceForm(request.POST or None, initial={"expires_on": next_end(key)})
        if form.is_valid():
            try:
                made = operations.replace_key(
                    key_id=key.pk, actor=actor, **form.values()
                )
            except REFUSALS as refusal:
                form.add_refusal(refusal)
            else:
                return self._show_once(request, made, title)
        hint = _(
            "The new key has the same name, user, scopes, shop, networks and limit, so "
            "the other system stays who it is: repeated calls and its own references "
            "are found under either key."
        )
        return self._form(
            request, form, key, title=title, hint=hint, button=_("Make the new key")
        )

    def limits_view(self, request: HttpRequest, key_id: int) -> HttpResponse:
        """Change until when, from where and how often a key is taken."""
        if not _may_change(request):
            raise PermissionDenied
        actor: Any = request.user
        key = self._key(request, key_id)
        form = LimitsForm(request.POST or None, initial=limits_of(key))
        if form.is_valid():
            try:
                operations.change_key(key_id=key.pk, actor=actor, **form.limits(key))
            except REFUSALS as refusal:
                form.add_refusal(refusal)
            else:
                said = _("%(key)s is changed.") % {"key": key}
                self.message_user(request, said, messages.SUCCESS)
                return HttpResponseRedirect(self.object_url(key.pk))
        title = _("Limits of %(key)s") % {"key": key}
        return self._form(request, form, key, title=title, button=_("Save"))

    def revoke_view(self, request: HttpRequest, key_id: int) -> HttpResponse:
        if not _may_change(request):
            raise PermissionDenied
        key = self._key(request, key_id)
        if request.method == "POST":
            actor: Any = request.user
            operations.revoke_key(key_id=key.pk, actor=actor)
            said = _("%(key)s is revoked and opens nothing any more.") % {"key": key}
            self.message_user(request, said, messages.SUCCESS)
        return HttpResponseRedirect(self.object_url(key.pk))

    # --- parts --------------------------------------------------------------------

    def _key(self, request: HttpRequest, key_id: Any) -> ApiKey:
        rows = self.get_queryset(request).select_related(
            "user", "shop", "replaced_by__user", "replaces__user"
        )
        key = rows.filter(pk=key_id).first() if str(key_id).isdecimal() else None
        if key is None:
            raise Http404(_("There is no such key."))
        found: ApiKey = key
        return found

    def _context(
        self, request: HttpRequest, more: dict[str, Any] | None = None, **values: Any
    ) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            **(more or {}),
            **values,
        }

    def _form(
        self,
        request: HttpRequest,
        form: Any,
        key: ApiKey | None = None,
        **texts: str,
    ) -> HttpResponse:
        back = (
            self.object_url(key.pk)
            if key
            else reverse("admin:access_apikey_changelist")
        )
        context = self._context(request, {**texts}, form=form, key=key, back=back)
        return TemplateResponse(request, "admin/access/key_form.html", context)

    def _show_once(
        self, request: HttpRequest, made: operations.NewKey, title: str
    ) -> HttpResponse:
        old = getattr(made.key, "replaces", None)
        context = self._context(
            request, key=made.key, secret=made.text, old=old, title=title
        )
        return TemplateResponse(request, "admin/access/key_once.html", context)

    @admin.display(description=gettext_lazy("State"))
    def state(self, key: ApiKey) -> SafeString:
        return badge_of(key)

    @admin.display(description=gettext_lazy("Last used"))
    def used(self, key: ApiKey) -> Any:
        return used_text(key)

    @admin.display(description=gettext_lazy("Ends"))
    def ends(self, key: ApiKey) -> Any:
        return ends_text(key)

    @admin.display(description=gettext_lazy("Only from"))
    def taken_from(self, key: ApiKey) -> Any:
        return networks_text(key)

    @admin.display(description=gettext_lazy("Calls a minute"))
    def calls(self, key: ApiKey) -> str:
        return calls_text(key)


def _may_change(request: HttpRequest) -> bool:
    return request.user.has_perm("access.change_apikey")


def _is_replaceable(key: ApiKey) -> bool:
    """It works, and no successor does."""
    new = key.replaced_by
    return key.standing.is_good and (new is None or new.why_unusable is not None)


def _may_replace(request: HttpRequest) -> bool:
    return _may_change(request) and request.user.has_perm("access.add_apikey")

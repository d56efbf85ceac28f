"""The screens of accounts: uses of break-glass accounts, and the way from a user to
how they log in. Tables of the library are not shown as they are: they hold secrets.
"""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from procurement.accounts import operations
from procurement.accounts.forms import ReasonForm
from procurement.accounts.models import BreakGlassUse
from procurement.accounts.person_views import MAY_SEE
from procurement.adminbase import ReadOnlyAdmin
from procurement.adminfilters import SelectFilter
from procurement.adminshow import badge, list_url
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.reach.admin import UserWithReachAdmin
from procurement.texts import Text, gettext_lazy

for _model in (EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)
admin.site.unregister(User)


@admin.register(User)
class UserWithLoginsAdmin(UserWithReachAdmin):
    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not request.user.has_perm(MAY_SEE):
            return fieldsets
        return [*fieldsets, (_("Logins"), {"fields": ["how_they_log_in"]})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), "how_they_log_in"]

    @admin.display(description=gettext_lazy("How they log in"))
    def how_they_log_in(self, user: User) -> SafeString:
        return format_html(
            '<a class="link" href="{}">{}</a>',
            reverse("accounts_person", args=[user.pk]),
            _("Second factors, sessions, lock-outs"),
        )


class StateFilter(SelectFilter):
    title, parameter_name = gettext_lazy("State"), "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Text]]:
        return [("open", _("Not looked into")), ("done", _("Looked into"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "open":
            return queryset.filter(acknowledged_at=None)
        if self.value() == "done":
            return queryset.filter(acknowledged_at__isnull=False)
        return queryset


@admin.register(BreakGlassUse)
class BreakGlassUseAdmin(ReadOnlyAdmin):
    list_display = ["user", "at", "address", "state", "acknowledged_by"]
    list_select_related = ["user", "acknowledged_by"]
    list_filter = [StateFilter]
    sortable_by = ()

    @admin.display(description=gettext_lazy("State"))
    def state(self, use: BreakGlassUse) -> SafeString:
        if use.acknowledged_at is None:
            return badge(_("Not looked into"), "red")
        return badge(_("Looked into"), "green")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.acknowledge_view)
        name = "accounts_breakglassuse_acknowledge"
        return [
            path("<int:use_id>/acknowledge/", view, name=name),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return self._page(request, self._use(object_id), ReasonForm())

    def acknowledge_view(self, request: HttpRequest, use_id: int) -> HttpResponse:
        if not request.user.has_perm(operations.HELP):
            raise PermissionDenied
        use = self._use(use_id)
        if request.method != "POST":
            return HttpResponseRedirect(self.object_url(use.pk))
        form = ReasonForm(request.POST)
        try:
            operations.acknowledge_use(
                use_id=use.pk,
                actor=request.user,  # type: ignore[arg-type]
                reason=request.POST.get("reason", ""),
            )
        except InvalidInput as refusal:
            form.refuse(refusal)
            return self._page(request, use, form)
        except OperationNotAllowed as refusal:
            self.message_user(request, refusal.text, messages.ERROR)
        else:
            self.message_user(request, _("It is written down."), messages.SUCCESS)
        return HttpResponseRedirect(self.object_url(use.pk))

    def _page(
        self, request: HttpRequest, use: BreakGlassUse, form: ReasonForm
    ) -> HttpResponse:
        may = use.acknowledged_at is None and request.user.has_perm(operations.HELP)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("%(user)s: break-glass login") % {"user": use.user},
            "use": use,
            "state": self.state(use),
            "form": form if may else None,
            "back": list_url("accounts_breakglassuse"),
        }
        return TemplateResponse(request, "accounts/break_glass_use.html", context)

    def _use(self, object_id: Any) -> BreakGlassUse:
        rows = BreakGlassUse.objects.select_related("user", "acknowledged_by")
        use = rows.filter(pk=object_id).first() if str(object_id).isdigit() else None
        if use is None:
            raise Http404(_("There is no such page."))
        return use

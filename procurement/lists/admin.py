"""Saved views above a list: chips, the form that saves one, and looking after them."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procurement.adminfilters import SelectFilter
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.lists import operations
from procurement.lists.models import NAME_LENGTH, DefaultView, SavedView

CHOSEN = "view"
"""The parameter that names the view an address came from."""
NOT_KEPT = {CHOSEN, "p", "e", "sum"}


class ChosenViewFilter(SelectFilter):
    """Takes the name of the view out of the address; it narrows nothing itself."""

    title, parameter_name = gettext_lazy("Saved view"), CHOSEN
    template = "admin/parts/nothing.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("", "")]

    def is_known(self) -> bool:
        """Whose view it was does not matter: the address holds all of it."""
        return True

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset


@dataclass(frozen=True)
class Chip:
    """A saved view as a link above the list."""

    view: SavedView
    url: str
    is_chosen: bool
    is_own: bool
    is_default: bool
    unknown: tuple[str, ...]
    """Parameters that this list does not know any more."""


class SavedViewsMixin:
    """For the admin of a list; its `list_filter` includes `ChosenViewFilter`."""

    admin_site: Any
    message_user: Any
    opts: Any

    @property
    def list_name(self) -> str:
        return f"{self.opts.app_label}.{self.opts.model_name}"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        name = f"{self.opts.app_label}_{self.opts.model_name}_views"
        return [
            path("views/", wrap(self.views_page), name=name),
            path("views/save/", wrap(self.keep_view), name=f"{name}_save"),
            path("views/change/", wrap(self.change_saved_view), name=f"{name}_change"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    # --- above the list ---

    def default_address(self, request: HttpRequest) -> str:
        """Where the bare address of the list leads for this person; may be empty."""
        if request.GET:
            return ""
        default = (
            DefaultView.objects.filter(user=_user(request), list_name=self.list_name)
            .select_related("view")
            .first()
        )
        return self._chip(request, default.view).url if default else ""

    def saved_views(self, request: HttpRequest) -> dict[str, Any]:
        """What the list shows of them."""
        chips = self._chips(request)
        chosen = next((chip for chip in chips if chip.is_chosen), None)
        return {
            "chips": chips,
            "chosen_chip": chosen,
            "query_to_save": self._known_query(request, request.GET.urlencode())[0],
            "may_share": request.user.has_perm("lists.share_savedview"),
            "name_length": NAME_LENGTH,
            "views_url": self._views_url(""),
            "save_view_url": self._views_url("_save"),
        }

    def _chips(self, request: HttpRequest) -> list[Chip]:
        views = list(
            SavedView.objects.offered_to(
                _user(request).pk, self.list_name
            ).select_related("owner")
        )
        default = None
        if views:
            default = (
                DefaultView.objects.filter(
                    user=_user(request), list_name=self.list_name
                )
                .values_list("view_id", flat=True)
                .first()
            )
        return [self._chip(request, view, default) for view in views]

    def _chip(
        self, request: HttpRequest, view: SavedView, default: int | None = None
    ) -> Chip:
        query, unknown = self._known_query(request, view.query)
        address = reverse(self._name("changelist"))
        return Chip(
            view=view,
            url=f"{address}?{query}&{CHOSEN}={view.pk}",
            is_chosen=request.GET.get(CHOSEN) == str(view.pk),
            is_own=view.owner_id == request.user.pk,
            is_default=view.pk == default,
            unknown=unknown,
        )

    def _known_query(
        self, request: HttpRequest, query: str
    ) -> tuple[str, tuple[str, ...]]:
        """The parameters the list knows, and the names of the others."""
        known = self._parameters(request)
        pairs = [(name, value) for name, value in parse_qsl(query) if value]
        kept = [pair for pair in pairs if pair[0] in known]
        unknown = {name for name, _value in pairs} - known - NOT_KEPT
        return urlencode(kept), tuple(sorted(unknown))

    def _parameters(self, request: HttpRequest) -> set[str]:
        names = {"q"}
        for each in self.get_list_filter(request):  # type: ignore[attr-defined]
            names |= set(parameter_names(each))
        return names - NOT_KEPT

    # --- pages ---

    def views_page(self, request: HttpRequest) -> HttpResponse:
        """All views of the list, to rename, share, delete, or open it with."""
        self._require_view(request)
        context = {
            **self.admin_site.each_context(request),
            **self.saved_views(request),
            "title": _("Saved views"),
            "opts": self.opts,
            "change_url": self._views_url("_change"),
            "back": reverse(self._name("changelist")),
        }
        return TemplateResponse(request, "admin/lists/views.html", context)

    def keep_view(self, request: HttpRequest) -> HttpResponse:
        self._require_post(request)
        query, _unknown = self._known_query(request, request.POST.get("query", ""))
        try:
            view = operations.save_view(
                actor=_user(request),
                list_name=self.list_name,
                name=request.POST.get("name", ""),
                query=query,
                is_shared=bool(request.POST.get("is_shared")),
            )
        except (InvalidInput, OperationNotAllowed) as refusal:
            self.message_user(request, refusal.text, messages.WARNING)
            address = reverse(self._name("changelist"))
            return HttpResponseRedirect(f"{address}?{query or f'{CHOSEN}='}")
        self.message_user(request, _("The view “%(name)s” is saved.") % {"name": view})
        return HttpResponseRedirect(self._chip(request, view).url)

    def change_saved_view(self, request: HttpRequest) -> HttpResponse:
        """One step on one view, named by the button that was pressed."""
        self._require_post(request)
        try:
            self.message_user(request, self._change(request))
        except (InvalidInput, OperationNotAllowed) as refusal:
            self.message_user(request, refusal.text, messages.WARNING)
        return HttpResponseRedirect(self._views_url(""))

    def _change(self, request: HttpRequest) -> str:
        actor = _user(request)
        step, view_id = request.POST.get("step"), _key(request.POST.get("id", ""))
        if step == "all":
            operations.open_with(actor=actor, list_name=self.list_name, view_id=None)
            return _("The list opens with all rows again.")
        if step == "open_with":
            operations.open_with(actor=actor, list_name=self.list_name, view_id=view_id)
            return _("The list opens with this view from now on.")
        if step == "rename":
            name = request.POST.get("name", "")
            operations.rename_view(view_id=view_id, actor=actor, name=name)
            return _("The view has its new name.")
        if step == "delete":
            operations.delete_view(view_id=view_id, actor=actor)
            return _("The view is deleted.")
        if step in ("share", "keep"):
            is_shared = step == "share"
            operations.share_view(view_id=view_id, actor=actor, is_shared=is_shared)
            return (
                _("Everybody finds the view above the list now.")
                if is_shared
                else _("The view is yours alone again.")
            )
        raise Http404(_("There is no such step."))

    def _require_post(self, request: HttpRequest) -> None:
        if request.method != "POST":
            raise Http404(_("Begin in the list."))
        self._require_view(request)

    def _require_view(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):  # type: ignore[attr-defined]
            raise PermissionDenied

    def _name(self, page: str) -> str:
        return f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}"

    def _views_url(self, suffix: str) -> str:
        return reverse(self._name(f"views{suffix}"))


def parameter_names(list_filter: Any) -> tuple[str, ...]:
    """The parameters of one of our filters, by its class."""
    if names := getattr(list_filter, "parameter_names", None):
        return tuple(names())
    return (list_filter.parameter_name,)


def _user(request: HttpRequest) -> User:
    """The person at the screen; the admin lets nobody else in."""
    return request.user  # type: ignore[return-value]


def _key(value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise Http404(_("There is no such view.")) from None

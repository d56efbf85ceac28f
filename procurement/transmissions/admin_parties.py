"""The screens of shops and customers: how they stand at suppliers, and each step.

A step is a page: a GET shows what will be done, only a POST does it. Who may and
whether it can be done is asked again at that moment, here and in the operation.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from procurement.adminbase import (
    LongTextWidget,
    OperationAdmin,
    OperationForm,
    RadioWidget,
    TextWidget,
)
from procurement.adminshow import badge
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.parties import ADDRESS_FIELDS
from procurement.suppliers.models import Supplier
from procurement.transmissions.admin_timeline import timeline
from procurement.transmissions.party_api import EVIDENCE, OUTCOMES
from vendors.errors import VendorError

Fields = dict[str, forms.Field]


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something a person can do about a party at one supplier.

    `run` takes how the party stands there, the actor, the values of the form, and
    what the page was based on; it returns what to say. `look` returns what else the
    page shows: `objections`, `changes`, `facts`, `confirmed`.
    """

    name: str
    label: str
    summary: str
    permission: str
    run: Callable[[Any, User, Mapping[str, Any], "Seen"], str]
    why_not: Callable[[Any], str]
    fields: Callable[[Any], Fields] = lambda standing: {}
    look: Callable[[Any, Mapping[str, Any]], dict[str, Any]] = lambda standing, v: {}


@dataclass(frozen=True)
class Seen:
    """What the page showed, when its button was pressed."""

    version: int | None
    confirmed: str


@dataclass(frozen=True)
class Button:
    step: Step
    url: str
    reason: str


@dataclass(frozen=True)
class Row:
    """How a party stands at one supplier."""

    standing: Any
    supplier: Supplier
    state: SafeString
    number: str
    notes: list[str]
    buttons: list[Button]
    reason: str
    """Why the vendor's API has nothing of the kind; empty if it has."""

    @property
    def is_beside(self) -> bool:
        return bool(self.reason) and self.standing.pk is None


def evidence_field() -> forms.CharField:
    return forms.CharField(
        label=_("Evidence"), help_text=EVIDENCE, widget=LongTextWidget({"rows": 3})
    )


def outcome_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("What was found out"), choices=OUTCOMES, widget=RadioWidget
    )


def text_field(label: str, help_text: str = "", **kwargs: Any) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, widget=TextWidget(), **kwargs
    )


class StepForm(forms.Form):
    """The inputs of a step; fields are named as the operation names its errors."""

    def __init__(self, fields: Fields, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fields.update(fields)

    def show(self, refusal: InvalidInput | OperationNotAllowed | VendorError) -> None:
        if isinstance(refusal, InvalidInput):
            for name, text in refusal.errors.items():
                self.add_error(name if name in self.fields else None, text)
        else:
            self.add_error(None, refusal.text)


class PartyForm(OperationForm):
    """The columns of a party; `version` is the one that was on the screen."""

    columns: ClassVar[tuple[str, ...]]
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["version"] = self.instance.version

    def field_of(self, name: str) -> str | None:
        return super().field_of(name.removeprefix("address."))

    def given_values(self) -> dict[str, Any]:
        """What the operation is given: all of a new party, else what was changed."""
        given = self.changed_data if self.instance.pk else list(self.cleaned_data)
        data: dict[str, Any] = {
            name: self.cleaned_data[name] for name in self.columns if name in given
        }
        address = {
            name: self.cleaned_data[name] for name in ADDRESS_FIELDS if name in given
        }
        return {**data, "address": address} if address else data


class PartyAdmin(OperationAdmin):
    """A party with how it stands at suppliers, its steps and its timeline."""

    steps: ClassVar[tuple[Step, ...]]
    tones: ClassVar[Mapping[str, str]]
    change_form_template = "admin/parties/party.html"
    warn_unsaved_form = True

    # --- what the two kinds say of themselves ---

    def standing_of(self, party: Any, supplier: Supplier) -> Any:
        raise NotImplementedError

    def new_standing(self, party: Any, supplier: Supplier) -> Any:
        """How it stands where nothing was ever done; nothing is read for it."""
        raise NotImplementedError

    def standings(self, party: Any) -> QuerySet[Any]:
        raise NotImplementedError

    def number_of(self, standing: Any) -> str:
        raise NotImplementedError

    def notes_on(self, standing: Any) -> list[str]:
        raise NotImplementedError

    def why_not_at(self, supplier: Supplier) -> str:
        """Why the vendor's API has nothing of the kind."""
        raise NotImplementedError

    # --- the page ---

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        context["show_save_and_add_another"] = False
        if obj is not None:
            sees_exchanges = request.user.has_perm("suppliers.view_exchange")
            reader = request.user if sees_exchanges else None
            rows = self.rows(obj, request.user)  # type: ignore[arg-type]
            context |= {
                "title": str(obj),
                "rows": [row for row in rows if not row.is_beside],
                "rows_beside": [row for row in rows if row.is_beside],
                "timeline": timeline(obj.events.all(), reader),
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def rows(self, party: Any, user: User) -> list[Row]:
        """One row for each supplier, those without anything of the kind included."""
        known = {each.supplier_id: each for each in self.standings(party)}
        rows = []
        for supplier in Supplier.objects.defer("credentials").order_by("name"):
            standing = known.get(supplier.pk) or self.new_standing(party, supplier)
            rows.append(self._row(standing, supplier, user))
        return rows

    def _row(self, standing: Any, supplier: Supplier, user: User) -> Row:
        return Row(
            standing=standing,
            supplier=supplier,
            state=badge(standing.get_state_display(), self.tones[standing.state]),
            number=self.number_of(standing),
            notes=self.notes_on(standing),
            buttons=[
                Button(step, self.step_url(standing, step), step.why_not(standing))
                for step in self.steps
                if user.has_perm(step.permission)
            ],
            reason=self.why_not_at(supplier),
        )

    def step_url(self, standing: Any, step: Step) -> str:
        party_id = getattr(standing, f"{self.opts.model_name}_id")
        return reverse(
            f"admin:{self.opts.app_label}_{self.opts.model_name}_step",
            args=[party_id, standing.supplier.slug, step.name],
        )

    # --- the page of a step ---

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.step_view)
        name = f"{self.opts.app_label}_{self.opts.model_name}_step"
        address = "<int:party_id>/at/<slug:slug>/<slug:name>/"
        return [path(address, view, name=name), *super().get_urls()]

    def step_view(
        self, request: HttpRequest, party_id: int, slug: str, name: str
    ) -> HttpResponse:
        step = next((each for each in self.steps if each.name == name), None)
        party = self.get_queryset(request).filter(pk=party_id).first()
        supplier = Supplier.objects.filter(slug=slug).first()
        if step is None or party is None or supplier is None:
            raise Http404(_("There is no such page."))
        may_see = self.has_view_permission(request, party)
        if not may_see or not request.user.has_perm(step.permission):
            raise PermissionDenied
        standing = self.standing_of(party, supplier)
        if request.method != "POST":
            return self._page(request, step, standing, StepForm(step.fields(standing)))
        form = StepForm(step.fields(standing), data=request.POST)
        if form.is_valid():
            version = request.POST.get("version", "")
            seen = Seen(
                int(version) if version.isdigit() and len(version) < 10 else None,
                request.POST.get("confirmed", ""),
            )
            try:
                text = step.run(standing, request.user, form.cleaned_data, seen)  # type: ignore[arg-type]
            except (InvalidInput, OperationNotAllowed, VendorError) as refusal:
                form.show(refusal)
            else:
                self.message_user(request, text, messages.SUCCESS)
                return HttpResponseRedirect(self.object_url(party.pk))
        # What was refused was based on the page before; this one shows what is now.
        party.refresh_from_db()
        standing = self.standing_of(party, supplier)
        return self._page(request, step, standing, form)

    def _page(
        self, request: HttpRequest, step: Step, standing: Any, form: StepForm
    ) -> TemplateResponse:
        party = getattr(standing, self.opts.model_name or "")
        values = getattr(form, "cleaned_data", {}) if form.is_bound else {}
        context = {
            **self.admin_site.each_context(request),
            "title": f"{step.label}: {standing}",
            "opts": self.opts,
            "step": step,
            "party": party,
            "standing": standing,
            "state": badge(standing.get_state_display(), self.tones[standing.state]),
            "reason": step.why_not(standing),
            "form": form,
            "version": party.version,
            "back": self.object_url(party.pk),
            **step.look(standing, values),
        }
        return TemplateResponse(request, "admin/parties/step.html", context)

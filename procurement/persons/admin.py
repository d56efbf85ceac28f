"""The screens: erasures that were asked for; handing out and erasing a customer."""

import json
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from procurement.adminbase import LongTextWidget, ReadOnlyAdmin, TextWidget
from procurement.adminshow import badge
from procurement.customers.models import Customer
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.persons import operations
from procurement.persons.exporting import as_text, export_customer
from procurement.persons.models import Erasure
from procurement.persons.preview import preview_of
from procurement.scoping import scoped
from procurement.texts import gettext_lazy


class ErasureForm(forms.Form):
    """The number of the customer is typed once more, since nothing brings it back."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Such as who asked for it, and when."),
        widget=LongTextWidget({"rows": 3}),
    )
    number = forms.IntegerField(
        label=gettext_lazy("Number of the customer"),
        help_text=gettext_lazy("As it stands above: nothing brings the data back."),
        widget=TextWidget({"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, customer: Customer, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.customer = customer

    def clean_number(self) -> int:
        number: int = self.cleaned_data["number"]
        if number != self.customer.pk:
            raise forms.ValidationError(
                _("Give the number of the customer on this page, %(number)s.")
                % {"number": self.customer.pk}
            )
        return number


@admin.register(Erasure)
class ErasureAdmin(ReadOnlyAdmin):
    list_display = ["customer_number", "stands", "asked_by_name", "asked_at"]
    list_display_links = ["customer_number"]
    sortable_by = []
    fields = [
        "customer_number",
        "stands",
        "reason",
        "asked_by_name",
        "asked_at",
        "ended_at",
        "rows_changed",
        "remark",
    ]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("sought")

    @admin.display(description=gettext_lazy("Customer"))
    def customer_number(self, erasure: Erasure) -> str:
        return str(erasure.customer_id)

    @admin.display(description=gettext_lazy("State"))
    def stands(self, erasure: Erasure) -> Any:
        if erasure.ended_at:
            return badge(_("Erased"), "green")
        return badge(
            _("Waits for orders") if erasure.remark else _("Under way"), "blue"
        )

    @admin.display(description=gettext_lazy("Rows changed"))
    def rows_changed(self, erasure: Erasure) -> str:
        pairs = sorted(erasure.changed.items())
        return ", ".join(f"{table}: {count}" for table, count in pairs) or "–"

    # --- one customer ---

    def get_urls(self) -> list[URLPattern]:
        of_customer = "customer/<int:customer_id>/"
        wrap = self.admin_site.admin_view
        return [
            path(of_customer, wrap(self.customer_view), name="persons_customer"),
            path(
                f"{of_customer}export/",
                wrap(require_POST(self.export_view)),
                name="persons_export",
            ),
            *super().get_urls(),
        ]

    def _customer(self, request: HttpRequest, customer_id: int) -> Customer:
        user: Any = request.user
        may = ("persons.erase_person", "persons.export_person")
        if not any(user.has_perm(each) for each in may):
            raise PermissionDenied
        if not user.has_perm("customers.view_customer"):
            raise PermissionDenied
        customers = scoped(Customer.objects.all(), user)
        customer = customers.filter(pk=customer_id).first()
        if customer is None:
            raise Http404(_("There is no such page."))
        return customer

    def customer_view(self, request: HttpRequest, customer_id: int) -> HttpResponse:
        customer, user = self._customer(request, customer_id), request.user
        may_erase = user.has_perm("persons.erase_person")
        form = ErasureForm(customer)
        if request.method == "POST":
            if not may_erase:
                raise PermissionDenied
            form = ErasureForm(customer, request.POST)
            if form.is_valid() and (erasure := self._erase(request, form)):
                text = _("It is being erased. This page shows how far it is.")
                self.message_user(request, text, messages.SUCCESS)
                return HttpResponseRedirect(self.object_url(erasure.pk))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Personal data of %(customer)s") % {"customer": customer},
            "opts": self.opts,
            "customer": customer,
            "preview": preview_of(customer),
            "form": form,
            "may_erase": may_erase,
            "may_export": user.has_perm("persons.export_person"),
            "back": reverse("admin:customers_customer_change", args=[customer.pk]),
        }
        return TemplateResponse(request, "admin/persons/customer.html", context)

    def _erase(self, request: HttpRequest, form: ErasureForm) -> Erasure | None:
        actor: Any = request.user
        try:
            return operations.erase_customer(
                customer_id=form.customer.pk,
                actor=actor,
                reason=form.cleaned_data["reason"],
            )
        except InvalidInput as invalid:
            for name, text in invalid.errors.items():
                form.add_error(name, text)
        except OperationNotAllowed as refusal:
            form.add_error(None, refusal.text)
        return None

    def export_view(self, request: HttpRequest, customer_id: int) -> HttpResponse:
        """A file, asked for by POST since handing out is written down."""
        customer, actor = self._customer(request, customer_id), request.user
        if not actor.has_perm("persons.export_person"):
            raise PermissionDenied
        try:
            operations.note_export(customer_id=customer.pk, actor=actor)  # type: ignore[arg-type]
        except OperationNotAllowed as refusal:
            self.message_user(request, refusal.text, messages.WARNING)
            address = reverse("admin:persons_customer", args=[customer.pk])
            return HttpResponseRedirect(address)
        export = export_customer(customer)
        if request.POST.get("form") == "text":
            return _file("".join(as_text(export)), customer, "txt", "text/plain")
        text = json.dumps(export, ensure_ascii=False, indent=2)
        return _file(text, customer, "json", "application/json")


def _file(text: str, customer: Customer, ending: str, kind: str) -> HttpResponse:
    name = f"customer-{customer.pk}.{ending}"
    return HttpResponse(
        text.encode(),
        content_type=f"{kind}; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )

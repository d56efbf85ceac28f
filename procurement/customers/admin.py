"""The customer screens."""

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from procurement.adminshow import badge
from procurement.customers import operations, queries
from procurement.customers.admin_steps import STEPS
from procurement.customers.models import Customer, CustomerLink, LinkState
from procurement.suppliers.models import Supplier
from procurement.texts import gettext_lazy
from procurement.transmissions.admin_parties import PartyAdmin, PartyForm
from vendors.contracts import Capability


class CustomerForm(PartyForm):
    columns = operations.FIELDS

    class Meta:
        model = Customer
        fields = "__all__"


@admin.register(Customer)
class CustomerAdmin(PartyAdmin):
    form = CustomerForm
    steps = STEPS
    tones = {
        LinkState.NONE: "grey",
        LinkState.QUEUED: "blue",
        LinkState.SENDING: "blue",
        LinkState.UNKNOWN: "red",
        LinkState.LINKED: "green",
        LinkState.CREATED_WITHOUT_NUMBER: "red",
        LinkState.REFUSED: "red",
        LinkState.FAILED: "red",
    }
    list_display = ["name", "organization_number", "city", "country_code", "at"]
    search_fields = ["name", "organization_number", "external_reference", "email"]
    search_help_text = gettext_lazy("Name, organization number, reference or e-mail")
    sortable_by = ["name"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "name",
                    ("organization_number", "external_reference"),
                    ("email", "phone"),
                ]
            },
        ),
        (
            gettext_lazy("Address"),
            {
                "fields": [
                    ("street", "street_number"),
                    ("entrance", "zip_code"),
                    ("city", "country_code"),
                ]
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        links = CustomerLink.objects.exclude(state=LinkState.NONE)
        shown = links.select_related("supplier").defer("supplier__credentials")
        listed = Prefetch("links", shown, to_attr="listed")
        return super().get_queryset(request).prefetch_related(listed)

    def save_by_operation(
        self, request: HttpRequest, form: Any, formsets: Any, change: bool
    ) -> Customer:
        actor: Any = request.user
        data = form.given_values()
        if not change:
            return operations.create_customer(actor=actor, data=data)
        return operations.change_customer(
            customer_id=form.instance.pk,
            actor=actor,
            data=data,
            version=form.cleaned_data["version"],
        )

    # --- how it stands at suppliers ---

    def standing_of(self, party: Customer, supplier: Supplier) -> CustomerLink:
        return queries.link_of(party, supplier)

    def new_standing(self, party: Customer, supplier: Supplier) -> CustomerLink:
        return queries.new_link(party, supplier)

    def standings(self, party: Customer) -> QuerySet[CustomerLink]:
        found = party.links.select_related("supplier", "customer", "linked_by_person")
        return found.defer("supplier__credentials")

    def number_of(self, standing: CustomerLink) -> str:
        return standing.number

    def notes_on(self, standing: CustomerLink) -> list[str]:
        if standing.state != LinkState.LINKED:
            return []
        how = standing.get_linked_by_display()
        by = f" by {standing.linked_by_person}" if standing.linked_by_person else ""
        on = ""
        if standing.linked_at:
            on = f", {timezone.localtime(standing.linked_at):%Y-%m-%d}"
        return [f"{how}{by}{on}."]

    def why_not_at(self, supplier: Supplier) -> str:
        return supplier.api.why_not(Capability.CUSTOMERS)

    @admin.display(description=gettext_lazy("At suppliers"))
    def at(self, customer: Any) -> SafeString | str:
        badges = (
            (badge(each.supplier, self.tones[each.state], _title(each)),)
            for each in customer.listed
        )
        return format_html_join(" ", "{}", badges) or "–"


def _title(link: CustomerLink) -> str:
    state = link.get_state_display()
    return f"{state}: {link.number}" if link.number else state

"""The shop screens."""

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from procurement.adminshow import badge
from procurement.shops import operations, queries
from procurement.shops.admin_steps import STEPS
from procurement.shops.models import PushState, Shop, ShopRegistration, ShopState
from procurement.suppliers.models import Supplier
from procurement.texts import gettext_lazy
from procurement.transmissions.admin_parties import PartyAdmin, PartyForm
from vendors.contracts import Capability


class ShopForm(PartyForm):
    columns = operations.FIELDS

    class Meta:
        model = Shop
        fields = "__all__"


@admin.register(Shop)
class ShopAdmin(PartyAdmin):
    form = ShopForm
    steps = STEPS
    tones = {
        ShopState.NONE: "grey",
        ShopState.QUEUED: "blue",
        ShopState.SENDING: "blue",
        ShopState.UNKNOWN: "red",
        ShopState.CREATED: "green",
        ShopState.CREATED_WITHOUT_ID: "red",
        ShopState.REFUSED: "red",
        ShopState.FAILED: "red",
    }
    list_display = ["name", "organization_number", "city", "country_code", "at"]
    search_fields = ["name", "slug", "organization_number"]
    search_help_text = gettext_lazy("Name or organization number")
    sortable_by = ["name"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "name",
                    "slug",
                    ("legal_name", "organization_number"),
                    ("email", "phone"),
                ]
            },
        ),
        (
            gettext_lazy("Address of the warehouse"),
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
        registrations = ShopRegistration.objects.exclude(state=ShopState.NONE)
        shown = registrations.select_related("supplier").defer("supplier__credentials")
        listed = Prefetch("registrations", shown, to_attr="listed")
        return super().get_queryset(request).prefetch_related(listed)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {} if obj else {"slug": ["name"]}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        # Orders of other systems name the shop by it.
        return ["slug"] if obj else []

    def save_by_operation(
        self, request: HttpRequest, form: Any, formsets: Any, change: bool
    ) -> Shop:
        actor: Any = request.user
        data = form.given_values()
        if not change:
            return operations.create_shop(actor=actor, data=data)
        return operations.change_shop(
            shop_id=form.instance.pk,
            actor=actor,
            data=data,
            version=form.cleaned_data["version"],
        )

    # --- how it stands at suppliers ---

    def standing_of(self, party: Shop, supplier: Supplier) -> ShopRegistration:
        return queries.registration_of(party, supplier)

    def new_standing(self, party: Shop, supplier: Supplier) -> ShopRegistration:
        return queries.new_registration(party, supplier)

    def standings(self, party: Shop) -> QuerySet[ShopRegistration]:
        found = party.registrations.select_related("supplier", "shop")
        return found.defer("supplier__credentials")

    def number_of(self, standing: ShopRegistration) -> str:
        return standing.vendor_id

    def notes_on(self, standing: ShopRegistration) -> list[str]:
        if standing.state != ShopState.CREATED:
            return []
        notes = [_("Made in test mode.")] if standing.is_test else []
        if standing.push_state != PushState.NONE:
            notes.append(
                _("Latest push: %(get_push_state_display)s.")
                % {"get_push_state_display": standing.get_push_state_display().lower()}
            )
        changes = queries.changes_to_push(standing)
        if standing.last_accepted is None:
            notes.append(_("What the supplier has of it is not known."))
        elif changes:
            names = ", ".join(each.label.lower() for each in changes)
            notes.append(_("Changed here since: %(names)s.") % {"names": names})
        return notes

    def why_not_at(self, supplier: Supplier) -> str:
        return supplier.api.why_not(Capability.CREATE_SHOP)

    @admin.display(description=gettext_lazy("At suppliers"))
    def at(self, shop: Any) -> SafeString | str:
        badges = (
            (badge(each.supplier, self.tones[each.state], _title(each)),)
            for each in shop.listed
        )
        return format_html_join(" ", "{}", badges) or "–"


def _title(registration: ShopRegistration) -> str:
    state = registration.get_state_display()
    return f"{state}: {registration.vendor_id}" if registration.vendor_id else state

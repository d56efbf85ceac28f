"""The error queue: what is on its way to a vendor, and what did not get there.

Nothing is sent again from here. What may have landed is settled on the page of the
order, the shop or the customer, where the evidence is.
"""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timeuntil
from django.utils.translation import gettext

from procurement.adminbase import ReadOnlyAdmin
from procurement.adminfilters import SelectFilter, field_filter
from procurement.adminshow import age, badge, list_url
from procurement.suppliers.admin_exchanges import SupplierFilter
from procurement.suppliers.admin_health import cause
from procurement.texts import gettext_lazy
from procurement.transmissions.admin_attempts import AttemptRow
from procurement.transmissions.models import Operation, State, Transmission

TONES = {
    State.QUEUED: "blue",
    State.SENDING: "blue",
    State.UNKNOWN: "red",
    State.SENT: "green",
    State.REFUSED: "red",
    State.FAILED: "red",
    State.WITHDRAWN: "grey",
    State.RELEASED: "grey",
}


def needing_a_person(rows: QuerySet[Transmission]) -> QuerySet[Transmission]:
    """Unknown with no look-up planned; refused or failed, and not asked for since."""
    newer = Transmission.objects.filter(
        operation=OuterRef("operation"),
        subject=OuterRef("subject"),
        pk__gt=OuterRef("pk"),
    )
    return rows.filter(
        Q(state=State.UNKNOWN, next_look_up_at=None)
        | Q(state__in=(State.REFUSED, State.FAILED)) & ~Exists(newer)
    )


class WaitsForFilter(SelectFilter):
    title, parameter_name = gettext_lazy("Waits for"), "waits_for"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("person", gettext("A person")),
            ("time", gettext("The next try or look-up")),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Transmission]
    ) -> QuerySet[Transmission]:
        if self.value() == "person":
            return needing_a_person(queryset)
        if self.value() == "time":
            return queryset.filter(
                Q(state=State.QUEUED)
                | Q(state=State.UNKNOWN, next_look_up_at__isnull=False)
            )
        return queryset


@admin.register(Transmission)
class TransmissionAdmin(ReadOnlyAdmin):
    list_display = [
        "what",
        "in_state",
        "supplier",
        "cause_in_words",
        "vendor_words",
        "attempt_count",
        "next_step",
        "asked",
    ]
    list_select_related = ["supplier"]
    list_only = (
        "operation",
        "subject",
        "is_test",
        "state",
        "supplier__name",
        "kind",
        "text",
        "vendor_text",
        "attempt_count",
        "next_attempt_at",
        "next_look_up_at",
        "created_at",
    )
    list_filter = [
        WaitsForFilter,
        field_filter("state", gettext_lazy("State"), State.choices),
        field_filter("operation", gettext_lazy("Operation"), Operation.choices),
        SupplierFilter,
    ]
    search_fields = ["subject"]
    search_help_text = gettext_lazy("An order number, or another subject, exactly")
    ordering = ["-pk"]
    sortable_by = ()
    fields = [
        "supplier",
        "operation",
        "subject_link",
        "reference",
        "is_test",
        "in_state",
        "cause_in_words",
        "vendor_words",
        "number",
        "attempt_count",
        "next_step",
        "look_up_count",
        "asked_by",
        "created_at",
        "settled_by",
        "evidence",
        "ended_at",
    ]
    readonly_fields = [
        "subject_link",
        "in_state",
        "cause_in_words",
        "vendor_words",
        "next_step",
    ]
    change_form_template = "admin/transmissions/transmission.html"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        text = search_term.strip()
        found = queryset.filter(subject__in={text, text.upper()})
        return (found if text else queryset), False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        original: Transmission = context["original"]
        context["title"] = str(original)
        context["show_history"] = False
        context["attempts"] = [
            AttemptRow.of(attempt) for attempt in original.attempts.all()
        ]
        context["about"] = about(original, request)
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description=gettext_lazy("What"))
    def what(self, row: Transmission) -> SafeString:
        mode = badge(gettext("Test"), "amber") if row.is_test else ""
        return format_html("{} {} {}", row.get_operation_display(), row.subject, mode)

    @admin.display(description=gettext_lazy("About"))
    def subject_link(self, row: Transmission) -> SafeString:
        _, address = _where(row.subject)
        return format_html('<a class="link" href="{}">{}</a>', address, row.subject)

    @admin.display(description=gettext_lazy("State"))
    def in_state(self, row: Transmission) -> SafeString:
        return badge(row.get_state_display(), TONES[State(row.state)])

    @admin.display(description=gettext_lazy("Cause"))
    def cause_in_words(self, row: Transmission) -> SafeString | str:
        if not row.kind or row.state == State.SENT:
            return row.text if not row.kind else "–"
        return format_html(
            '{}<div class="small quiet wrap">{}</div>', cause(row.kind), row.text
        )

    @admin.display(description=gettext_lazy("The vendor's words"))
    def vendor_words(self, row: Transmission) -> str:
        return f"“{row.vendor_text[:200]}”" if row.vendor_text else "–"

    @admin.display(description=gettext_lazy("Next"))
    def next_step(self, row: Transmission) -> str:
        if row.state == State.QUEUED:
            return f"try {_when(row.next_attempt_at)}"
        if row.state == State.UNKNOWN and row.next_look_up_at:
            return f"look-up {_when(row.next_look_up_at)}"
        if row.state == State.UNKNOWN:
            return gettext("a person settles it, on the %(row)s") % {"row": _kind(row)}
        if row.state in (State.REFUSED, State.FAILED):
            return gettext("a person changes or sends the %(row)s again") % {
                "row": _kind(row)
            }
        return "–"

    @admin.display(description=gettext_lazy("Age"))
    def asked(self, row: Transmission) -> Any:
        return age(row.created_at)


def _kind(row: Transmission) -> str:
    return _where(row.subject)[0]


def _where(subject: str) -> tuple[str, str]:
    """What a transmission is about, in a word, and the address it is found at."""
    kind, _, rest = subject.partition(":")
    if kind in _PARTIES and rest:
        party_id = rest.partition("@")[0]
        model = f"{_PARTIES[kind]}_{kind}"
        return kind, reverse(f"admin:{model}_change", args=[party_id])
    # The order list opens an exact number at once.
    return "order", list_url("orders_purchaseorder", q=subject)


_PARTIES = {"shop": "shops", "customer": "customers"}


def about(row: Transmission, request: HttpRequest) -> tuple[str, str] | None:
    """The word and the address of what it is about, for whoever may look at that."""
    kind, address = _where(row.subject)
    label = f"{_PARTIES[kind]}.view_{kind}" if kind in _PARTIES else _VIEW_ORDER
    return (kind, address) if request.user.has_perm(label) else None


_VIEW_ORDER = "orders.view_purchaseorder"


def _when(moment: datetime) -> str:
    is_due = moment <= timezone.now()
    return gettext("is due now") if is_due else f"in {timeuntil(moment, depth=1)}"

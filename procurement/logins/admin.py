"""The screens of shop logins."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from procurement.adminbase import ReadOnlyAdmin
from procurement.adminfilters import field_filter
from procurement.adminshow import age, capped_count, list_url
from procurement.customers.models import Customer
from procurement.errors import OperationNotAllowed
from procurement.logins import operations, standing
from procurement.logins.addresses import require_origin
from procurement.logins.models import (
    CustomerLoginToken,
    LoginAttempt,
    LoginEvent,
    State,
)
from procurement.logins.recording import reference
from procurement.logins.views import CONNECT, leaves_no_trace
from procurement.scoping import scoped
from procurement.suppliers.admin_exchanges import SupplierFilter
from procurement.suppliers.models import Supplier
from procurement.texts import gettext_lazy

MOST_FOUND = 20


def pair_url(customer_id: int, supplier_id: int) -> str:
    return reverse("admin:logins_pair", args=[customer_id, supplier_id])


@admin.register(CustomerLoginToken)
class ShopLoginAdmin(ReadOnlyAdmin):
    list_display = ["who", "stands", "by", "since", "ends", "trouble"]
    list_only = (
        "customer__name",
        "supplier__name",
        "state",
        "last_error",
        "renew_at",
        "expires_at",
        "connected_at",
        "connected_by__username",
    )
    list_select_related = ["customer", "supplier", "connected_by"]
    list_display_links = None
    list_filter = [
        SupplierFilter,
        field_filter("state", gettext_lazy("State"), State.choices),
    ]
    search_fields = ["customer__name", "customer__organization_number"]
    search_help_text = gettext_lazy("Customer's name or organization number")
    sortable_by = ()

    def get_urls(self) -> list[URLPattern]:
        def page(route: str, view: Callable[..., HttpResponse], name: str) -> Any:
            return path(route, self.admin_site.admin_view(view), name=f"logins_{name}")

        pair = "<int:customer_id>/at/<int:supplier_id>/"
        return [
            page("customer/<int:customer_id>/", self.customer_view, "customer"),
            page(pair, self.pair_view, "pair"),
            page(f"{pair}connect/", self.connect_view, "connect"),
            page(f"{pair}renew/", self.renew_view, "renew"),
            page(f"{pair}disconnect/", self.disconnect_view, "disconnect"),
            page("try/<int:attempt_id>/", self.attempt_view, "attempt"),
            *super().get_urls(),
        ]

    # --- pages ---

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(CONNECT)

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Find the customer whose login is to be connected."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        text = request.GET.get("q", "").strip().replace("\x00", "")
        found: list[Customer] = []
        if text:
            named = Q(name__icontains=text) | Q(organization_number=text)
            found = list(_customers(request).filter(named)[:MOST_FOUND])
        return self._page(
            request,
            "choose_customer",
            _("Connect a shop login: of which customer?"),
            query=text,
            found=found,
        )

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        self._require_view(request)
        token = self.get_object(request, object_id)
        if token is None:
            raise Http404(_("There is no such login."))
        return HttpResponseRedirect(pair_url(token.customer_id, token.supplier_id))

    def customer_view(self, request: HttpRequest, customer_id: int) -> HttpResponse:
        """One customer at all suppliers."""
        self._require_view(request)
        customer = get_object_or_404(_customers(request), pk=customer_id)
        return self._page(
            request,
            "customer",
            _("%(customer)s: shop logins") % {"customer": customer},
            customer=customer,
            standings=standing.all_standings(customer),
        )

    def pair_view(
        self, request: HttpRequest, customer_id: int, supplier_id: int
    ) -> HttpResponse:
        """One customer at one supplier: how it stands, and what happened."""
        self._require_view(request)
        pair = _pair(request, customer_id, supplier_id)
        return self._page(
            request,
            "login",
            _("%(customer)s at %(supplier)s: shop login")
            % {"customer": pair.customer, "supplier": pair.supplier},
            pair=pair,
            token=pair.token,
            may_connect=request.user.has_perm(CONNECT),
            history=standing.history(pair),
            renewals=capped_count(
                LoginEvent.objects.filter(
                    customer=pair.customer, supplier=pair.supplier, kind="renewed"
                )
            ),
            exchanges_url=list_url(
                "suppliers_exchange", q=reference(customer_id), supplier=supplier_id
            ),
            open_tries=LoginAttempt.objects.filter(
                customer=pair.customer, supplier=pair.supplier, outcome=""
            ).count(),
        )

    def attempt_view(self, request: HttpRequest, attempt_id: int) -> HttpResponse:
        """What became of one try."""
        self._require_view(request)
        rows = LoginAttempt.objects.select_related("customer", "supplier", "started_by")
        seen = scoped(rows.defer("code_verifier"), request.user)
        attempt = get_object_or_404(seen, pk=attempt_id)
        pair = _pair(request, attempt.customer_id, attempt.supplier_id)
        outcome = attempt.get_outcome_display() or _("Not ended yet")
        return self._page(
            request,
            "attempt",
            _("%(customer)s at %(supplier)s: %(outcome)s")
            % {
                "customer": attempt.customer,
                "supplier": attempt.supplier,
                "outcome": outcome,
            },
            attempt=attempt,
            pair=pair,
            shop_said=standing.shop_said(attempt),
            what_to_do=standing.what_to_do(attempt),
            may_connect=request.user.has_perm(CONNECT),
        )

    # --- actions ---

    def connect_view(
        self, request: HttpRequest, customer_id: int, supplier_id: int
    ) -> HttpResponse:
        """Send the browser to the shop."""
        self._require_connect(request)
        pair = _pair(request, customer_id, supplier_id)
        if request.method == "POST":
            try:
                require_origin(request.headers.get("Origin", ""))
                address = operations.start_login(
                    customer_id=customer_id,
                    supplier_id=supplier_id,
                    actor=_person(request),
                    session_key=request.session.session_key or "",
                )
            except OperationNotAllowed as refusal:
                self.message_user(request, refusal.text, messages.ERROR)
            else:
                return leaves_no_trace(lambda _: HttpResponseRedirect(address))(request)
        return HttpResponseRedirect(pair_url(pair.customer.pk, pair.supplier.pk))

    def renew_view(
        self, request: HttpRequest, customer_id: int, supplier_id: int
    ) -> HttpResponse:
        return self._act(
            request,
            _pair(request, customer_id, supplier_id),
            operations.ask_renewal,
            _("It is renewed as soon as a worker is free."),
        )

    def disconnect_view(
        self, request: HttpRequest, customer_id: int, supplier_id: int
    ) -> HttpResponse:
        return self._act(
            request,
            _pair(request, customer_id, supplier_id),
            operations.disconnect,
            _("Disconnected: the tokens were forgotten."),
        )

    def _act(
        self,
        request: HttpRequest,
        pair: standing.Standing,
        operation: Callable[..., None],
        done: str,
    ) -> HttpResponse:
        self._require_connect(request)
        if request.method == "POST":
            if pair.token is None:
                raise Http404(_("There is no login to do that with."))
            try:
                operation(token_id=pair.token.pk, actor=_person(request))
            except OperationNotAllowed as refusal:
                self.message_user(request, refusal.text, messages.ERROR)
            else:
                self.message_user(request, done, messages.SUCCESS)
        return HttpResponseRedirect(pair_url(pair.customer.pk, pair.supplier.pk))

    # --- helpers ---

    def _require_view(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _require_connect(self, request: HttpRequest) -> None:
        if not request.user.has_perm(CONNECT):
            raise PermissionDenied

    def _page(
        self, request: HttpRequest, template: str, title: str, **context: Any
    ) -> HttpResponse:
        return TemplateResponse(
            request,
            f"admin/logins/{template}.html",
            {
                **self.admin_site.each_context(request),
                "title": title,
                "opts": self.opts,
                **context,
            },
        )

    # --- columns ---

    @admin.display(description=gettext_lazy("Customer at supplier"))
    def who(self, token: CustomerLoginToken) -> SafeString:
        address = pair_url(token.customer_id, token.supplier_id)
        return format_html('<a class="link strong" href="{}">{}</a>', address, token)

    @admin.display(description=gettext_lazy("State"))
    def stands(self, token: CustomerLoginToken) -> SafeString:
        return standing.mark(token)

    @admin.display(description=gettext_lazy("Connected by"))
    def by(self, token: CustomerLoginToken) -> str:
        return token.connected_by.get_username()

    @admin.display(description=gettext_lazy("Connected"))
    def since(self, token: CustomerLoginToken) -> Any:
        return age(token.connected_at)

    @admin.display(description=gettext_lazy("Good until (UTC)"))
    def ends(self, token: CustomerLoginToken) -> str:
        return f"{token.expires_at:%Y-%m-%d %H:%M}" if token.expires_at else "–"

    @admin.display(description=gettext_lazy("Last error"))
    def trouble(self, token: CustomerLoginToken) -> str:
        return token.last_error


def _customers(request: HttpRequest) -> QuerySet[Customer]:
    return scoped(Customer.objects.all(), request.user)


def _pair(
    request: HttpRequest, customer_id: int, supplier_id: int
) -> standing.Standing:
    customer = get_object_or_404(_customers(request), pk=customer_id)
    suppliers = Supplier.objects.defer("credentials")
    return standing.Standing.of(customer, get_object_or_404(suppliers, pk=supplier_id))


def _person(request: HttpRequest) -> User:
    person: User = request.user  # type: ignore[assignment]
    return person

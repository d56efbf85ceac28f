"""The cockpit: how all suppliers are doing; and the same on each supplier's page."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from procurement.adminshow import list_url
from procurement.cockpit.facts import MOST, facts_of, suppliers
from procurement.cockpit.showing import Panel
from procurement.menu import SUPPLIERS, Entry, register_entry
from procurement.suppliers import admin_sections
from procurement.suppliers.admin_actions import actions_for
from procurement.suppliers.hour_models import CountedExchanges
from procurement.suppliers.models import Supplier

MAY_SEE = "suppliers.view_supplier"


def register() -> None:
    register_entry(
        Entry(
            key="cockpit",
            title=gettext_lazy("Cockpit"),
            icon="monitor_heart",
            link=lambda: reverse("cockpit"),
            permission=MAY_SEE,
            group=SUPPLIERS,
            position=-10,
        )
    )
    admin_sections.register(section)


def cockpit(request: HttpRequest) -> HttpResponse:
    """All suppliers, those in trouble first."""
    user: Any = request.user
    if not user.has_perm(MAY_SEE):
        raise PermissionDenied
    found = list(suppliers(user)[: MOST + 1])
    panels = [Panel.of(each) for each in facts_of(found[:MOST], user)]
    panels.sort(key=lambda panel: panel.rank)
    context = {
        **admin.site.each_context(request),
        "title": _("Supplier cockpit"),
        "panels": [(panel, actions_for(user, panel.supplier)) for panel in panels],
        "has_more": len(found) > MOST,
        "suppliers_url": list_url("suppliers_supplier"),
        "counted_at": CountedExchanges.objects.values_list(
            "counted_at", flat=True
        ).first(),
        "is_fullwidth": "1",
    }
    return TemplateResponse(request, "admin/cockpit/page.html", context)


def section(supplier: Supplier, user: User) -> tuple[str, dict[str, Any]]:
    """What the cockpit shows of one supplier, for the supplier's own page."""
    (facts,) = facts_of(list(suppliers(user).filter(pk=supplier.pk)), user)
    return "admin/cockpit/section.html", {"panel": Panel.of(facts)}

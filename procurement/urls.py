"""Every address this installation answers."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from procurement import health
from procurement.accounts.views import LoginView
from procurement.alarms.runbook import runbook
from procurement.cockpit.screens import cockpit
from procurement.figures.views import figures as metrics_view
from procurement.preferences.views import my_settings

# Pages of the admin that belong to no model.
of_staff = admin.site.admin_view

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    # Before the admin's own, which would take it for the page of an app.
    path("admin/approvals/", include("procurement.approving.urls")),
    path("admin/troubles/", include("procurement.troubles.urls")),
    path("admin/notices/", include("procurement.notices.urls")),
    path("admin/login/", LoginView.as_view(), name="account_login"),
    path("admin/accounts/person/", include("procurement.accounts.person_urls")),
    path("account/", include("procurement.accounts.urls")),
    path("admin/cockpit/", of_staff(cockpit), name="cockpit"),
    path("admin/runbook/", of_staff(runbook), name="runbook"),
    path("admin/my-settings/", of_staff(my_settings), name="my_settings"),
    path("", include("procurement.documents.urls")),
    path("admin/", admin.site.urls),
    path("api/", include("procurement.api_urls")),
    path("hooks/", include("procurement.inbound.urls")),
    path("logins/", include("procurement.logins.urls")),
    path("approve/", include("procurement.approvals.urls")),
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("metrics", metrics_view),
]
# What fails before or beside a view of the API is still a problem detail.
handler400 = "procurement.access.problems.bad_request"
handler404 = "procurement.errorpages.not_found_page"
handler500 = "procurement.access.problems.server_error"

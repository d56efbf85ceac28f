"""Every address this installation answers."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from procurement import health

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("api/", include("procurement.api_urls")),
    path("healthz", health.alive),
    path("readyz", health.ready),
]

"""The addresses of the notices' pages."""

from django.contrib import admin
from django.urls import path

from procurement.notices import views

urlpatterns = [
    path("", admin.site.admin_view(views.notice_list), name="notices_list"),
    path("read-all/", admin.site.admin_view(views.read_all), name="notices_read_all"),
    path(
        "<int:notice_id>/read/", admin.site.admin_view(views.read), name="notices_read"
    ),
]

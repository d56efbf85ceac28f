"""The addresses of the notices' pages."""

from django.contrib import admin
from django.urls import path

from procurement.notices import views

app_name = "notices"
urlpatterns = [
    path("", admin.site.admin_view(views.notice_list), name="list"),
    path("read-all/", admin.site.admin_view(views.read_all), name="read_all"),
    path("<int:notice_id>/read/", admin.site.admin_view(views.read), name="read"),
]

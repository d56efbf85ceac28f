"""The addresses of the approval screens."""

from django.contrib import admin
from django.urls import path

from procurement.approving import views

app_name = "approving"
urlpatterns = [
    path("", admin.site.admin_view(views.queue), name="queue"),
    path("<int:order_id>/", admin.site.admin_view(views.order), name="order"),
    path("<int:order_id>/ask/", admin.site.admin_view(views.ask), name="ask"),
]

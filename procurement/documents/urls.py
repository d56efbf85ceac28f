"""Addresses of the documents within the admin."""

from django.contrib import admin
from django.urls import path

from procurement.documents import views

wrap = admin.site.admin_view

urlpatterns = [
    path("print/<int:order_id>/", wrap(views.print_order), name="print_order"),
    path("print/", wrap(views.print_ticked), name="print_orders"),
]

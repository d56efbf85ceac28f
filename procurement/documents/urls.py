"""Addresses of documents: within the admin, and the calendars outside it."""

from django.contrib import admin
from django.urls import path

from procurement.documents import views
from procurement.documents.calendars import views as calendars
from procurement.documents.calendars.feed import calendar_file
from procurement.documents.exports.views import export_page

of_staff = admin.site.admin_view
CALENDAR = "admin/calendar"

urlpatterns = [
    path(
        "admin/documents/print/<int:order_id>/",
        of_staff(views.print_order),
        name="print_order",
    ),
    path("admin/documents/print/", of_staff(views.print_ticked), name="print_orders"),
    path("admin/documents/export/", of_staff(export_page), name="export_orders"),
    path(f"{CALENDAR}/", of_staff(calendars.calendar_page), name="calendar"),
    path(
        f"{CALENDAR}/address/",
        of_staff(calendars.address_page),
        name="calendar_address",
    ),
    path(
        f"{CALENDAR}/address/make/",
        of_staff(calendars.make_address),
        name="calendar_address_make",
    ),
    path(
        f"{CALENDAR}/address/revoke/",
        of_staff(calendars.revoke_address),
        name="calendar_address_revoke",
    ),
    path("calendar/<str:secret>.ics", calendar_file, name="calendar_file"),
]

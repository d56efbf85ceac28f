"""How one person logs in, for those who help."""

from django.contrib import admin
from django.urls import path

from procurement.accounts import person_views

of_staff = admin.site.admin_view

urlpatterns = [
    path("<int:user_id>/", of_staff(person_views.person), name="accounts_person"),
    path(
        "<int:user_id>/<str:name>/",
        of_staff(person_views.act),
        name="accounts_person_act",
    ),
]

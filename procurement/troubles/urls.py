"""The screens of what is in trouble, beside those the admin makes by itself."""

from django.contrib import admin
from django.urls import path

from procurement.troubles import acting, views

app_name = "troubles"

_wrap = admin.site.admin_view

urlpatterns = [
    path("", _wrap(views.trouble_list_view), name="list"),
    path("ticked/", _wrap(acting.ticked_view), name="ticked"),
    path("ticked/result/", _wrap(acting.ticked_result_view), name="ticked_result"),
    path("<int:pk>/", _wrap(views.trouble_view), name="one"),
    path("<int:pk>/evidence/", _wrap(views.evidence_view), name="evidence"),
    path("<int:pk>/evidence.txt", _wrap(views.evidence_file), name="evidence_file"),
    path("<int:pk>/look-up/", _wrap(acting.look_up_view), name="look_up"),
    path("<int:pk>/try-now/", _wrap(acting.try_now_view), name="try_now"),
    path("<int:pk>/hand-over/", _wrap(acting.hand_over_view), name="hand_over"),
]

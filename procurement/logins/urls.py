"""Where the shop's answer to a login arrives."""

from django.urls import path

from procurement.logins import views

urlpatterns = [path("return/", views.come_back, name="logins_return")]

from django.urls import path

from procurement.inbound.views import receive

urlpatterns = [path("<slug:slug>/", receive, name="hook")]

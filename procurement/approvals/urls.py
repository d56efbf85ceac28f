from django.urls import path

from procurement.approvals.views import decide

urlpatterns = [path("<str:token>/", decide, name="approval-link")]

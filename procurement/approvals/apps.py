from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "procurement.approvals"
    label = "approvals"

    def ready(self) -> None:
        from procurement.approvals.actions import ACTIONS
        from procurement.orders.actions import register

        register(*ACTIONS)

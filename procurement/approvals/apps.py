from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "procurement.approvals"
    label = "approvals"

    def ready(self) -> None:
        from procurement.approvals import rule_trail
        from procurement.approvals.actions import ACTIONS
        from procurement.approvals.asking import Process
        from procurement.orders import process
        from procurement.orders.actions import register

        register(*ACTIONS)
        process.register(Process())
        rule_trail.register()

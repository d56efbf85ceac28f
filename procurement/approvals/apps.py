from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "procurement.approvals"
    label = "approvals"

    def ready(self) -> None:
        from procurement.approvals import actions

        actions.register_all()
